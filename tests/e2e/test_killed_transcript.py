"""A transcript that is killed in the middle asks its server once more for the one chunk that was under way."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.command import Dailies, wait_until
from tests.fakes.http_server import FakeService, Request, Response, as_json, serving
from tests.made import made

#: Speech for four requests of five minutes.
SECONDS = 1100
WORDS = 600
#: The request whose answer does not come before everything is killed.
HELD = 3


@dataclass
class SlowServer:
    """Answers with words and no times. ``asked``: what sound it was sent, each time."""

    asked: list[str] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.service = FakeService(self._answer)

    def _answer(self, request: Request) -> Response:
        sound = request.body.partition(b"RIFF")[2].rpartition(b"\r\n--")[0]
        self.asked.append(hashlib.sha256(sound).hexdigest())
        if len(self.asked) == HELD:
            self.go_on.wait(60)
        # The same word over and over were a loop.
        return as_json({"text": " ".join(f"woord{number}" for number in range(WORDS))})


@pytest.fixture
def server() -> Iterator[SlowServer]:
    found = SlowServer()
    with serving(found.service):
        yield found
        found.go_on.set()


@pytest.fixture
def reading() -> Path:
    """Syllables, five a second, with a breath every three: in flac, so that 18 minutes are small."""
    syllables = f"sine=frequency=440:sample_rate=8000:duration={SECONDS},tremolo=f=5:d=0.9"
    breaths = "volume='lt(mod(t,3),2.4)':eval=frame"
    return made("reading.flac", "-f", "lavfi", "-i", f"{syllables},{breaths}")


def test_kill_9_costs_one_chunk_and_subtitles_cost_none(
    dailies: Dailies, server: SlowServer, reading: Path, tmp_path: Path
) -> None:
    dailies.environment = {
        "DAILIES_OPENAI_BASE_URL": f"{server.service.url}/v1",
        "DAILIES_OPENAI_SPEECH_MODEL": "gpt-transcribe",
        "DAILIES_OPENAI_USD_PER_MINUTE": "0",
        "DAILIES_LIGHT_CONCURRENCY": "1",
        # Nothing here finds words in the sound: what is counted is what is asked.
        "DAILIES_WHISPER_MODEL": str(tmp_path / "none"),
    }
    words = ["transcribe", str(reading), "--language", "nl"]
    process = dailies.start(*words, "-o", tmp_path / "said.txt", "--json", "--debug")
    wait_until(lambda: len(server.asked) == HELD, "the request that is held", 100)
    ended = dailies.crash(process)
    assert ended["transcribe-remotely"] == HELD - 1
    server.go_on.set()

    document = dailies(*words, "-o", tmp_path / "said.txt")
    chunks = sum(step["kind"] == "transcribe-remotely" for step in document["steps"])
    assert chunks >= 4
    times = Counter(server.asked)
    assert len(times) == chunks
    assert [sound for sound, count in times.items() if count != 1] == [server.asked[HELD - 1]]
    assert times[server.asked[HELD - 1]] == 2

    dailies(*words, "-o", tmp_path / "said.srt")
    assert Counter(server.asked) == times
    assert (tmp_path / "said.srt").read_text(encoding="utf-8").count("woord") == WORDS * chunks
