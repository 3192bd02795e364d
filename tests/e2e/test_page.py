"""The page of `dailies up` in a real browser: one server and one browser for all that is looked at."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dailies.operations import KINDS
from tests.e2e.command import Dailies
from tests.e2e.serving import serving
from tests.emulators import missing, npm_folder

DRIVER = Path(__file__).with_name("page") / "drive.mjs"
CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(660)]


@dataclass(frozen=True)
class Seen:
    """What the browser saw, by the part of the driver that looked, and the folder of what it downloaded."""

    told: dict[str, Any]
    folder: Path


@pytest.fixture(scope="module")
def seen(home: Path, clips: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Seen:
    npm_folder("playwright-core")
    npm_folder("axe-core")
    if CHROMIUM is None:
        missing("chromium (apt install chromium)")
    folder = tmp_path_factory.mktemp("page")
    dailies = Dailies(home, {"DAILIES_LOG": "critical", "DAILIES_QUOTA_CONCURRENT_JOBS": "2"})
    sources = {"busy": "busy.mp4", "long": "long.mp4", "silent": "silent_film.mp4"}
    with serving(dailies) as server:
        ended = subprocess.run(
            ["node", DRIVER, server.base, folder, json.dumps({key: str(clips(name)) for key, name in sources.items()})],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            env={**os.environ, "DAILIES_CHROMIUM": str(CHROMIUM)},
        )
    dailies.end()
    assert ended.returncode == 0, ended.stderr
    return Seen(json.loads(ended.stdout), folder)


def test_no_error_is_in_the_console(seen: Seen) -> None:
    assert seen.told["errors"] == []


def test_nobody_is_kept_out_by_how_it_looks(seen: Seen) -> None:
    """axe-core finds nothing, and nothing is wider than the screen: phone and desk, light and dark, in every state."""
    assert seen.told["violations"] == []


def test_two_hundred_jobs_are_found_filtered_and_cleared(seen: Seen) -> None:
    found = seen.told["overview"]
    assert (found["rows"], found["range"]) == (20, "1–20 of 214")
    assert found["figures"] == ["214", "72", "72", "70"]
    assert found["second"] == "<img src=x onerror=alert(1)>.wav"
    assert found["failed"] == ["1–20 of 70", "#show=failed"]
    assert found["found"] == ["episode 3.wav"]
    assert found["cleared"] == [72, "72 jobs cleared from the list", ["142", "72", "0", "70"]]


def test_only_what_is_under_way_has_a_bar_and_failed_jobs_say_why(seen: Seen) -> None:
    assert (seen.told["overview"]["bars"], seen.told["uploads"]["bars"]) == (0, 0)
    assert seen.told["overview"]["reasons"] > 0


def test_state_changes_are_spoken_and_the_list_is_not(seen: Seen) -> None:
    """A screen reader would otherwise read each percent of each job."""
    assert seen.told["overview"]["live"] == 0
    assert "Ready" in seen.told["uploads"]["said"] or "ready" in seen.told["uploads"]["said"]


def test_an_hdr_film_that_was_left_out_can_be_tone_mapped(seen: Seen) -> None:
    assert seen.told["overview"]["toneMap"] == 1


def test_what_was_said_is_read_on_the_page(seen: Seen) -> None:
    """With its times and who said it, and what a reader has to know of it; plain text as it stands."""
    found = seen.told["transcripts"]
    said = ["0:01<b>Guten</b> Morgen.", "1:05Anna: Auch von mir."]
    assert found["lines"] == [*said, "Guten Morgen.", "Auch von mir."]
    assert found["about"] == ["German · faster-whisper base · For 4 s nothing was understood.", ""]
    assert set(found["seals"]) == {"its check passed"}


def test_the_page_says_when_the_server_is_away(seen: Seen) -> None:
    assert seen.told["overview"]["away"] == "No connection"


def test_every_kind_can_be_asked_for_with_its_options(seen: Seen) -> None:
    """From the table of kinds: a new one is there by itself."""
    found = seen.told["recipes"]
    assert found["kinds"] == found["made"] == list(KINDS)
    assert found["verdict"] == "This recipe is valid."
    assert found["filled"] == {"kind": "audio", "format": "mp3", "start": 1.5, "quality": "low"}


def test_a_wrong_recipe_is_told_by_its_field_and_a_good_one_kept(seen: Seen) -> None:
    assert seen.told["recipes"]["wrong"].startswith("outputs.a.format ")
    assert seen.told["recipes"]["kept"] == "flac"


def test_more_files_than_places_wait_for_their_turn(seen: Seen) -> None:
    """All are made, in the order in which they were dropped."""
    assert seen.told["uploads"]["waiting"] == 4
    assert seen.told["uploads"]["order"] == [f"take {number}.wav" for number in range(7)]
    assert seen.told["uploads"]["refused"] in ([], ["quota_concurrent_jobs"])


def test_an_upload_goes_on_after_a_reload_when_its_file_is_picked_again(seen: Seen) -> None:
    """The browser warns first, and what has arrived is not sent twice."""
    found = seen.told["uploads"]
    assert found["dialogs"] == ["beforeunload"]
    assert found["ranges"][:2] == ["bytes */19200044".split("/", maxsplit=1)[0], f"bytes {found['piece']}-16777215"]
    assert found["jobs"] == 1


def test_a_page_that_was_open_for_half_a_day_still_downloads(seen: Seen) -> None:
    """Addresses are good for twelve hours: they are asked for once, and again when they have ended."""
    assert seen.told["uploads"]["asked"] == 2


def test_a_failed_job_is_tried_again_without_an_upload(seen: Seen) -> None:
    """And takes the place of the one that failed."""
    assert seen.told["uploads"]["again"] == 1


def test_files_are_called_after_their_source_and_certified(seen: Seen) -> None:
    found = seen.told["files"]
    assert found["names"] == ["busy-podcast.mp3", "busy-web.mp4"]
    assert all(seal.startswith("all ") for seal in found["seals"])
    name, size = found["downloaded"]
    assert name == "busy-podcast.mp3"
    assert size > 10_000


def test_all_files_of_a_job_come_in_one_archive(seen: Seen) -> None:
    with zipfile.ZipFile(seen.folder / "all.zip") as archive:
        assert archive.testzip() is None
        assert {"busy/busy-podcast.mp3", "busy/busy-web.mp4"} < set(archive.namelist())


def test_a_player_has_a_waveform_seek_pictures_and_a_poster(seen: Seen) -> None:
    found = seen.told["files"]
    assert found["end"] == "0:04 of 0:04"
    assert (found["drawn"], found["seekPicture"], found["poster"]) == (True, True, True)


def test_the_source_is_heard_beside_the_result_at_the_same_loudness(seen: Seen) -> None:
    """The louder one is turned down."""
    found = seen.told["files"]
    assert found["compared"].startswith("Both at −")
    assert sum(volume < 1 for volume in found["volumes"]) == 1


def test_a_link_opens_a_result_and_a_changed_one_nothing(seen: Seen) -> None:
    found = seen.told["files"]
    assert (found["shared"], found["guest"]) == (["busy-podcast.mp3", "busy-web.mp4"], 0)
    assert "copy it again" in found["tampered"]


def test_what_a_file_cannot_give_is_said_and_the_rest_is_there(seen: Seen) -> None:
    found = seen.told["files"]
    assert found["besides"] == ["silent_film-web.mp4"]
    [left_out] = found["leftOut"]
    assert left_out.startswith("podcast is left out: The source has no audio track")


def test_another_tab_leaves_uploads_alone_and_loses_none(seen: Seen) -> None:
    """Each tab of a browser keeps its uploads beside those of the others."""
    found = seen.told["breaks"]
    assert found["late"].items() >= dict.fromkeys(["of one tab.wav", "of another tab.wav"], "awaiting_upload").items()
    expected = {"of one tab.wav": "interrupted", "of another tab.wav": "awaiting_upload"}
    assert found["reloaded"].items() >= expected.items()


def test_a_job_without_steps_says_what_it_waits_for(seen: Seen) -> None:
    told = "Pick of one tab.wav again, or drop it above: what has arrived is not sent twice."
    assert seen.told["breaks"]["told"] == told


def test_a_file_that_changes_while_it_is_sent_is_no_lost_connection(seen: Seen) -> None:
    found = seen.told["breaks"]
    assert found["grown"].startswith("The file was changed or removed")
    assert found["connection"] == "Connected"
