"""What goes wrong on a user's machine: one clear sentence, the right exit code, nothing half-written, a sound store."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dailies.media.probe.probe_host import ProbeHost
from tests.e2e.command import Dailies
from tests.e2e.in_process import InProcess, another
from tests.emulators import missing
from tests.made import FFMPEG

Clips = Callable[[str], Path]

# root without the two capabilities that let it past permissions: a user like others, with root's files.
ORDINARY = [] if os.geteuid() else ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]


@pytest.fixture
def dailies(tmp_path: Path, probe_host: ProbeHost) -> Iterator[InProcess]:
    """A store of its own for each fault, which the command meets in this process."""
    found = another(tmp_path / "home", probe_host)
    yield found
    found.end()


@pytest.fixture
def source(clips: Clips) -> Path:
    return clips("blip.wav")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "out"
    made.mkdir()
    return made


@pytest.fixture(autouse=True)
def works_afterwards(dailies: Dailies, source: Path, tmp_path: Path) -> Iterator[None]:
    """Whatever a test did: the next run on the same store succeeds, and nothing is left in scratch."""
    yield
    dailies.wrapper = []
    dailies.environment = {}
    dailies(*convert(source, tmp_path / "afterwards.mp3"))
    assert (tmp_path / "afterwards.mp3").stat().st_size > 1_000
    assert dailies.leftovers() == []


def convert(source: Path, out: Path, *options: str) -> list[str]:
    return ["convert", str(source), "--to", out.suffix[1:], "--no-normalize", "-o", str(out), *options]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_output_that_exists_is_kept(dailies: Dailies, source: Path, folder: Path) -> None:
    """Refused with exit 2 and the option that replaces it, before any work; --overwrite replaces it."""
    out = folder / "x.mp3"
    out.write_text("mine")
    code, message = dailies.error(*convert(source, out), code=2)
    assert (code, "--overwrite" in message) == ("output_exists", True)
    assert dailies("jobs", "list") == []
    assert out.read_text() == "mine"
    document = dailies(*convert(source, out, "--overwrite"))
    [output] = document["outputs"].values()
    assert hashlib.sha256(out.read_bytes()).hexdigest() == output["sha256"]
    assert names(folder) == ["x.mp3"]


def test_an_output_that_is_there_already_is_no_obstacle(dailies: Dailies, source: Path, folder: Path) -> None:
    """The same command twice is fine: the bytes are the same, and the file is not even touched."""
    out = folder / "x.mp3"
    dailies(*convert(source, out))
    before = out.stat()
    dailies(*convert(source, out))
    assert (out.stat().st_mtime_ns, out.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_a_missing_folder_is_named(dailies: Dailies, source: Path, folder: Path) -> None:
    """-o into a folder that is not there: exit 2, and it is not made."""
    code, message = dailies.error(*convert(source, folder / "no" / "x.mp3"), code=2)
    assert (code, str(folder / "no") in message) == ("output_folder_missing", True)
    assert names(folder) == []


@pytest.mark.parametrize("kind", ["permissions", "proc", "file"])
def test_a_folder_that_can_t_be_written_to(dailies: Dailies, source: Path, folder: Path, kind: str) -> None:
    """A read-only folder is found out before any work; a file in the place of a folder is none."""
    # The others hold for root, too.
    dailies.wrapper = ORDINARY if kind == "permissions" else []
    place = {"permissions": folder, "proc": Path("/proc/self"), "file": folder / "file"}[kind]
    if kind == "file":
        place.write_text("")
    folder.chmod(0o555)
    found, _ = dailies.error(*convert(source, place / "x.mp3"), code=2 if kind == "file" else 4)
    folder.chmod(0o755)
    assert found == ("output_folder_missing" if kind == "file" else "output_not_writable")
    assert names(folder) == (["file"] if kind == "file" else [])


@pytest.mark.parametrize("overwrite", [[], ["--overwrite"]])
def test_what_is_no_ordinary_file_is_never_replaced(
    dailies: Dailies, source: Path, folder: Path, overwrite: list[str]
) -> None:
    """The source itself (also by another name), a folder and a device are refused, --overwrite or not."""
    copy, link, pipe = folder / "copy.wav", folder / "link.wav", folder / "pipe.wav"
    shutil.copy(source, copy)
    link.hardlink_to(copy)
    os.mkfifo(pipe)
    (folder / "folder.wav").mkdir()
    before = copy.read_bytes()
    for out in (copy, link):
        assert dailies.error(*convert(copy, out, *overwrite), code=2)[0] == "output_is_source"
    assert dailies.error(*convert(copy, pipe, *overwrite), code=2)[0] == "output_exists"
    dailies(*convert(copy, folder / "folder.wav", *overwrite))  # into the folder, as cp does
    assert names(folder / "folder.wav") == ["copy.wav"]
    assert copy.read_bytes() == before
    assert pipe.is_fifo()


def test_a_name_that_is_too_long(dailies: Dailies, source: Path, folder: Path) -> None:
    """255 bytes are a fine name; 256 are not, as output and as source."""
    dailies(*convert(source, folder / ("ä" * 125 + "x.mp3")))
    assert dailies.error(*convert(source, folder / ("x" * 252 + ".mp3")), code=4)[0] == "output_not_writable"
    assert dailies.error(*convert(folder / ("x" * 256), folder / "x.mp3"), code=3)[0] == "source_unreadable"


def test_a_source_that_is_none(dailies: Dailies, source: Path, folder: Path) -> None:
    """What is missing, also in a folder, is a usage error; a device and a file that gives no bytes are refused."""
    expected = {
        folder / "missing.wav": ("source_not_found", 2),
        source / "x.wav": ("source_not_found", 2),
        folder: ("source_not_found", 2),
        Path("/dev/zero"): ("not_a_file", 3),
        Path("/proc/self/mem"): ("source_unreadable", 3),
    }
    for place, (code, exit_code) in expected.items():
        assert dailies.error(*convert(place, folder / "x.mp3"), code=exit_code)[0] == code
    assert names(folder) == []


def test_a_source_without_permission(dailies: Dailies, source: Path, folder: Path) -> None:
    """A file that may not be read is refused, and permission is what the message is about."""
    secret = folder / "secret.wav"
    shutil.copy(source, secret)
    secret.chmod(0)
    dailies.wrapper = ORDINARY
    code, message = dailies.error(*convert(secret, folder / "x.mp3"), code=3)
    assert (code, "permission" in message) == ("source_unreadable", True)


@pytest.mark.parametrize("fate", ["deleted", "rewritten", "replaced"])
def test_a_source_that_goes_away_while_it_is_encoded(dailies: Dailies, clips: Clips, folder: Path, fate: str) -> None:
    """Exit 4 and source_changed, whatever the encoder made of what it read; nothing is delivered."""
    source = folder / "brief.mp4"
    shutil.copy(clips("brief.mp4"), source)
    process = dailies.start(*convert(source, folder / "x.mp4"), "--json")
    dailies.process("libx264")
    stopped = dailies.kill("libx264", number=signal.SIGSTOP)
    if fate == "deleted":
        source.unlink()
    elif fate == "rewritten":
        source.write_bytes(os.urandom(100_000))
    else:
        shutil.copy(clips("brief.mp4"), folder / "new")
        (folder / "new").replace(source)
    for pid in stopped:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
    error = dailies.finish(process, code=4)["error"]
    assert (error["code"], "run the command again" in error["message"]) == ("source_changed", True)
    assert names(folder) == ([] if fate == "deleted" else ["brief.mp4"])


def test_ffmpeg_that_is_missing_or_too_small(dailies: Dailies, source: Path, folder: Path) -> None:
    """DAILIES_FFMPEG that is no program, no FFmpeg, or lacks filters: exit 4, what is missing is named."""
    dailies.environment["DAILIES_FFMPEG"] = str(folder / "none")
    assert dailies.error(*convert(source, folder / "x.mp3"), code=4)[0] == "misconfigured"
    fake = folder / "ffmpeg"
    fake.write_text("#!/bin/sh\necho hello\n")
    fake.chmod(0o755)
    dailies.environment["DAILIES_FFMPEG"] = str(fake)
    assert "FFmpeg" in dailies.error(*convert(source, folder / "x.mp3"), code=4)[1]
    fake.write_text(f'#!/bin/sh\n"{FFMPEG}" "$@" | grep -v -e alimiter -e libmp3lame\n')
    _, message = dailies.error(*convert(source, folder / "x.mp3"), code=4)
    assert "alimiter" in message
    assert "libmp3lame" in message
    assert dailies("doctor", code=4)["healthy"] is False
    assert names(folder) == ["ffmpeg"]


def test_another_ffmpeg_is_another_key(dailies: Dailies, source: Path, folder: Path) -> None:
    """An older full build does; what the first one made is not taken for its work."""
    older = shutil.which("ffmpeg")
    if older is None:
        missing("an ffmpeg on the PATH (apt install ffmpeg)")
    dailies(*convert(source, folder / "x.mp3"))
    dailies.environment["DAILIES_FFMPEG"] = older
    document = dailies(*convert(source, folder / "y.mp3"))
    assert {step["name"]: step["status"] for step in document["steps"]}["output"] == "done"


BAD_RECIPES = {
    "no JSON": "{not json",
    "nothing": "",
    "not UTF-8": b"\xff\xfe{}",
    "too deep": "[" * 100_000,
    "a list": "[]",
    "unknown field": '{"outputs": {"a": {"kind": "audio", "format": "mp3", "loudness": -16}}}',
    "unknown top field": '{"outputs": {"a": {"kind": "audio", "format": "mp3"}}, "priority": 1}',
    "no outputs": '{"outputs": {}}',
    "NaN": '{"outputs": {"a": {"kind": "audio", "format": "mp3", "start": NaN}}}',
    "path as name": '{"outputs": {"../a": {"kind": "audio", "format": "mp3"}}}',
    "impossible trim": '{"outputs": {"a": {"kind": "audio", "format": "mp3", "start": 5, "end": 5}}}',
    "past the end": '{"outputs": {"a": {"kind": "audio", "format": "mp3", "start": 3600}}}',
    "lossless mp3": '{"outputs": {"a": {"kind": "audio", "format": "mp3", "quality": "lossless"}}}',
}


def test_a_recipe_that_can_t_be(dailies: Dailies, source: Path, folder: Path) -> None:
    """Exit 3 and invalid_recipe, nothing is made."""
    recipe, found = folder / "recipe.json", {}
    for name, text in BAD_RECIPES.items():
        recipe.write_bytes(text if isinstance(text, bytes) else str(text).encode())
        found[name] = dailies.error("run", source, "--recipe", recipe, "--out", folder / "made", code=3)[0]
    assert found == dict.fromkeys(BAD_RECIPES, "invalid_recipe")
    assert not (folder / "made").exists()


def test_an_output_folder_that_can_t_be(dailies: Dailies, source: Path, folder: Path) -> None:
    """``run --out`` makes the folder, not those above it; where it can't, that is a clear error."""
    recipe = folder / "recipe.json"
    recipe.write_text('{"outputs": {"a": {"kind": "audio", "format": "wav"}}}')
    (folder / "locked").mkdir(mode=0o555)
    run = ("run", source, "--recipe", recipe, "--out")
    assert dailies.error(*run, folder / "no" / "out", code=2)[0] == "output_folder_missing"
    assert dailies.error(*run, recipe, code=2)[0] == "output_exists"
    dailies.wrapper = ORDINARY
    assert dailies.error(*run, folder / "locked" / "out", code=4)[0] == "output_not_writable"
    dailies.wrapper = []
    dailies(*run, folder / "out")
    assert names(folder / "out") == ["a.wav"]


def test_wrong_settings_are_named_all_at_once(dailies: Dailies, source: Path, folder: Path) -> None:
    """Exit 4, and the message names every wrong variable."""
    wrong = {f"DAILIES_{name}": "many" for name in ("LEASE_SECONDS", "SANDBOX", "THREADS", "MAX_PIXELS")}
    dailies.environment = {**wrong, "DAILIES_STORE_MAX_BYTES": "-1"}
    code, message = dailies.error(*convert(source, folder / "x.mp3"), code=4)
    assert code == "misconfigured"
    assert all(name in message for name in dailies.environment)


@pytest.mark.parametrize("damage", ["noise", "page", "empty"])
def test_a_damaged_database(dailies: Dailies, source: Path, folder: Path, damage: str) -> None:
    """Exit 4, and the message says which folder to delete; an empty file is a new store."""
    dailies(*convert(source, folder / "x.mp3"))
    database = dailies.home / "dailies.sqlite3"
    for more in ("-wal", "-shm"):
        database.with_name(database.name + more).unlink(missing_ok=True)
    data = bytearray(database.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    damaged: dict[str, bytes] = {"noise": os.urandom(8192), "page": bytes(data), "empty": b""}
    database.write_bytes(damaged[damage])
    if damage == "empty":
        dailies(*convert(source, folder / "y.mp3"))
    else:
        code, message = dailies.error(*convert(source, folder / "y.mp3"), code=4)
        assert (code, str(dailies.home) in message) == ("store_damaged", True)
    shutil.rmtree(dailies.home)


def test_a_store_that_can_t_be(dailies: Dailies, source: Path, folder: Path) -> None:
    """DAILIES_HOME that is a file, lies below one, or may not be written: exit 4."""
    (folder / "file").write_text("")
    (folder / "locked").mkdir(mode=0o555)
    for home in (folder / "file", folder / "file" / "below", folder / "locked" / "below", Path("/proc/dailies")):
        broken = InProcess(home, wrapper=ORDINARY if home.is_relative_to(folder / "locked") else [])
        code, _ = broken.error(*convert(source, folder / "x.mp3"), code=4)
        assert code in ("not_writable", "store_not_writable")


def test_objects_that_somebody_removed_are_made_again(dailies: Dailies, source: Path, folder: Path) -> None:
    """The store heals itself: steps whose files are gone run again."""
    dailies(*convert(source, folder / "x.mp3"))
    shutil.rmtree(dailies.home / "objects")
    document = dailies(*convert(source, folder / "y.mp3"))
    assert {step["status"] for step in document["steps"]} == {"done"}
    assert (folder / "x.mp3").read_bytes() == (folder / "y.mp3").read_bytes()
