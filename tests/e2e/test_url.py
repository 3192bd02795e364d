"""A URL in place of a file: fetched, and from then on as if it had lain here."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dailies.adapters.web.dialing import Dialer
from dailies.adapters.web.egress import GuardedEgress
from dailies.bootstrap import parts
from tests.e2e.command import Dailies, wait_until
from tests.e2e.in_process import InProcess, dailies as dailies  # noqa: PLC0414 - a fixture
from tests.fakes.certificates import Authority
from tests.fakes.web_site import Asked, Site, Write, head, page, ranged
from tests.made import lend_tools
from tests.unit.adapters.web.conftest import authority as authority, site as site  # noqa: PLC0414 - fixtures

Clips = Callable[[str], Path]


@pytest.fixture(autouse=True)
def _reachable(
    dailies: InProcess, site: Site, authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dialer = Dialer({443, site.port}, resolve=site.resolve(), also={site.endpoint})
    monkeypatch.setattr(parts, "egress", lambda _settings: GuardedEgress(dialer, authority.trust()))
    monkeypatch.setenv("DAILIES_FETCH_PORTS", f"443,{site.port}")
    monkeypatch.chdir(tmp_path)


def test_a_url_is_converted_to_a_file_of_its_name_here(
    dailies: InProcess, site: Site, clips: Clips, tmp_path: Path
) -> None:
    film = clips("hd.mp4").read_bytes()
    site.pages["/shows/My%20talk.mp4"] = ranged(film)
    url = site.url("/shows/My%20talk.mp4?token=s3cret#t=1")
    result = dailies("convert", url, "--to", "mp3")
    made = result["outputs"]["output"]["path"]
    assert made == str(Path("My talk.mp3"))
    assert (tmp_path / "My talk.mp3").stat().st_size == result["outputs"]["output"]["bytes"]
    assert [step["kind"] for step in result["steps"]][:2] == ["fetch", "probe"]
    shown = dailies("jobs", "show", result["job_id"])
    assert shown["source"] == site.url("/shows/My%20talk.mp4")
    assert "s3cret" not in json.dumps(shown)
    again = dailies("convert", url, "--to", "mp3", "--overwrite")
    assert {step["status"] for step in again["steps"] if step["kind"] != "fetch"} == {"cached"}
    assert len(site.asked) == 2


def test_a_recipe_is_made_of_a_url(dailies: InProcess, site: Site, clips: Clips, tmp_path: Path) -> None:
    site.pages["/talk.mp4"] = ranged(clips("hd.mp4").read_bytes())
    recipe = tmp_path / "recipe.json"
    outputs = {"sound": {"kind": "audio", "format": "mp3"}, "picture": {"kind": "thumbnail", "at": 1}}
    recipe.write_text(json.dumps({"outputs": outputs}))
    dailies("run", site.url("/talk.mp4"), "--recipe", recipe, "--out", tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["picture.jpg", "sound.mp3"]


def test_a_url_is_looked_at_and_leaves_nothing(dailies: InProcess, site: Site, clips: Clips, tmp_path: Path) -> None:
    """What a file on the web is, and what a recipe of it would cost: nothing is made, and no copy stays."""
    film, jobs, before = clips("hd.mp4"), dailies("jobs"), copies(dailies)
    site.pages["/talk.mp4"] = ranged(film.read_bytes())
    here, there = dailies("probe", film), dailies("probe", site.url("/talk.mp4"))
    assert there == here
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps({"outputs": {"sound": {"kind": "audio", "format": "mp3"}}}))
    planned = dailies("plan", site.url("/talk.mp4"), "--recipe", recipe)
    assert planned == dailies("plan", film, "--recipe", recipe)
    assert planned["steps"][0]["status"] == "cached"
    assert dailies("jobs") == jobs
    assert copies(dailies) == before
    site.pages["/page"] = page(b"<!doctype html><p>Sign in first", Content_Type="video/mp4")
    assert dailies.error("probe", site.url("/page"), code=3)[0] == "not_media"
    assert copies(dailies) == before


def copies(dailies: InProcess) -> set[Path]:
    """What is kept of files that were fetched: of others' that broke off, too."""
    parts = [dailies.home / part for part in ("scratch", "fetching")]
    return {path for part in parts for path in part.rglob("*") if path.is_file()}


def test_what_a_job_has_made_is_looked_at(dailies: InProcess, clips: Clips) -> None:
    made = dailies("convert", clips("hd.mp4"), "--to", "flac", "-o", "talk.flac")
    found = dailies("probe", f"job:{made['job_id']}/output")
    assert [each["codec"] for each in found["audio"]] == ["flac"]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://media.test/a.mp4", "url_scheme"),
        ("ftp://media.test/a.mp4", "url_scheme"),
        ("https://user:word@media.test/a.mp4", "url_credentials"),
        ("https://media.test:22/a.mp4", "url_port"),
        ("https://169.254.169.254/latest/meta-data/", "address_refused"),
        ("https://127.0.0.1/a.mp4", "address_refused"),
    ],
)
def test_what_is_not_asked_is_refused_with_its_code(dailies: InProcess, url: str, code: str) -> None:
    assert dailies.error("convert", url, "--to", "mp3", code=3)[0] == code


def test_what_is_no_media_is_refused_by_its_content(dailies: InProcess, site: Site) -> None:
    site.pages["/a.mp4"] = page(b"<!doctype html><p>Sign in first", Content_Type="video/mp4")
    assert dailies.error("convert", site.url("/a.mp4"), "--to", "mp3", code=3)[0] == "not_media"
    assert dailies.error("convert", site.url("/b.mp4"), "--to", "mp3", code=3)[0] == "url_gone"


def test_what_is_in_the_way_is_seen_before_anything_is_fetched(dailies: InProcess, site: Site, tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(b"mine")
    assert dailies.error("convert", site.url("/a.mp4"), "--to", "mp3", code=2)[0] == "output_exists"
    assert not site.asked


def test_a_command_killed_while_it_fetches_goes_on_from_there(
    site: Site, authority: Authority, clips: Clips, tmp_path: Path
) -> None:
    film = clips("hd.mp4").read_bytes()
    half = len(film) // 2

    def stalls(_asked: Asked, write: Write) -> None:
        write(head(Content_Length=len(film), ETag='"1"') + film[:half])
        site.over.wait(60)

    site.pages["/talk.mp4"] = stalls
    place = {"port": site.port, "root": str(authority.root)}
    environment = {
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent / "loopback"), os.environ.get("PYTHONPATH", "")]),
        "TEST_SITE": json.dumps(place),
        "DAILIES_FETCH_PORTS": f"443,{site.port}",
    }
    killed = Dailies(lend_tools(tmp_path / "home"), environment)
    process = killed.start("convert", site.url("/talk.mp4"), "--to", "mp3", "--json", "--debug")
    folder = tmp_path / "home" / "fetching"
    wait_until(
        lambda: [note for note in folder.glob("*.json") if json.loads(note.read_text())["size"] > 0], "bytes", 60
    )
    killed.crash(process)
    site.pages["/talk.mp4"] = ranged(film)
    result = killed("convert", site.url("/talk.mp4"), "--to", "mp3")
    assert result["status"] == "completed"
    [_, asked] = site.asked
    assert 0 < int(asked.headers["range"].removeprefix("bytes=").removesuffix("-")) <= half
    assert list(folder.iterdir()) == []
    killed.end()


def test_a_file_is_fetched_and_nothing_made_of_it(dailies: InProcess, site: Site, clips: Clips, tmp_path: Path) -> None:
    film = clips("hd.mp4").read_bytes()
    site.pages["/shows/My%20film.mp4"] = ranged(film)
    url = site.url("/shows/My%20film.mp4?token=s3cret")
    fetched = dailies("fetch", url)
    assert (tmp_path / "My film.mp4").read_bytes() == film
    assert fetched["path"] == "My film.mp4"
    assert fetched["sha256"] == hashlib.sha256(film).hexdigest()
    assert (fetched["bytes"], fetched["attempts"]) == (len(film), 1)
    assert fetched["media"]["video"][0]["width"] == 320
    assert "s3cret" not in json.dumps(fetched)
    assert dailies.error("fetch", url, code=2)[0] == "output_exists"
    assert len(site.asked) == 1
    (tmp_path / "films").mkdir()
    assert dailies("fetch", url, "-o", "films/")["path"] == str(Path("films") / "My film.mp4")


def test_a_fetch_that_breaks_off_goes_on_from_there(
    dailies: InProcess, site: Site, clips: Clips, tmp_path: Path
) -> None:
    film = clips("hd.mp4").read_bytes()
    half = len(film) // 2

    def breaks_off(_asked: Asked, write: Write) -> None:
        write(head(Content_Length=len(film), ETag='"1"') + film[:half])
        site.pages["/film.mp4"] = ranged(film)

    site.pages["/film.mp4"] = breaks_off
    assert dailies("fetch", site.url("/film.mp4"), "-o", "again.mp4")["attempts"] == 2
    assert (tmp_path / "again.mp4").read_bytes() == film
    assert int(site.asked[1].headers["range"].removeprefix("bytes=").removesuffix("-")) == half


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"<!doctype html><p>Sign in first", "200 OK", "not_media"),
        (bytes(5000), "200 OK", "not_media"),
        (b"", "403 Forbidden", "url_forbidden"),
    ],
)
def test_what_is_not_fetched_lies_nowhere(
    dailies: InProcess, site: Site, tmp_path: Path, body: bytes, status: str, code: str
) -> None:
    site.pages["/.a.mp4"] = page(body, status)
    assert dailies.error("fetch", site.url("/.a.mp4"), code=3)[0] == code
    assert list(tmp_path.glob("*a.mp4")) == []


_FEED = """<?xml version="1.0"?><rss version="2.0"><channel>
<item><pubDate>Mon, 01 Jun 2026 06:00:00 GMT</pubDate><enclosure url="/old.mp4" type="video/mp4"/></item>
<item><pubDate>Tue, 02 Jun 2026 06:00:00 GMT</pubDate><enclosure url="/new.mp4" type="video/mp4"/></item>
</channel></rss>"""


def test_a_podcast_s_feed_leads_to_its_newest_episode(
    dailies: InProcess, site: Site, clips: Clips, tmp_path: Path
) -> None:
    film = clips("hd.mp4").read_bytes()
    half = len(film) // 2

    def breaks_off(_asked: Asked, write: Write) -> None:
        write(head(Content_Length=len(film), ETag='"1"') + film[:half])
        site.pages["/new.mp4"] = ranged(film)

    site.pages["/feed.xml"] = page(_FEED.encode(), Content_Type="application/rss+xml")
    site.pages["/new.mp4"] = breaks_off
    fetched = dailies("fetch", site.url("/feed.xml"))
    assert (fetched["path"], fetched["attempts"]) == ("new.mp4", 2)
    assert (tmp_path / "new.mp4").read_bytes() == film
    # The second attempt asks for the rest of the same episode, whatever the feed says by then.
    assert [asked.target for asked in site.asked] == ["/feed.xml", "/feed.xml", "/new.mp4", "/new.mp4"]
    assert site.asked[-1].headers["range"] == f"bytes={half}-"
    assert dailies("convert", site.url("/feed.xml"), "--to", "mp3")["status"] == "completed"


@pytest.mark.parametrize(
    ("enclosure", "code"),
    [
        ("https://169.254.169.254/latest/meta-data/", "address_refused"),
        ("http://media.test/a.mp3", "url_scheme"),
        ("file:///etc/passwd", "url_scheme"),
        ("/feed.xml", "podcast_feed"),
    ],
)
def test_an_episode_s_url_is_as_strange_as_its_feed_s(
    dailies: InProcess, site: Site, enclosure: str, code: str
) -> None:
    feed = f'<rss><channel><item><enclosure url="{enclosure}"/></item></channel></rss>'
    site.pages["/feed.xml"] = page(feed.encode())
    assert dailies.error("fetch", site.url("/feed.xml"), code=3)[0] == code
