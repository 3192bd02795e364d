"""Real files with their headers damaged at random: facts or a refusal, and never a fault of ours.

``DAILIES_FUZZ=100`` does a hundred times as many.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from dailies.domain.errors import SourceRefused
from dailies.domain.source.media_info import MediaInfo
from dailies.media.probe.probe import probe
from dailies.media.probe.probe_host import ProbeHost
from tests.integration.media.conftest import Make

PICTURE = ["-f", "lavfi", "-i", "testsrc2=d=0.4:s=64x48:r=25"]
SOUND = ["-f", "lavfi", "-i", "sine=d=0.4:r=44100"]
FILM = [*PICTURE, *SOUND, "-c:v", "mpeg4", "-c:a", "aac"]
FILES = {
    "a.mp4": [*FILM, "-movflags", "+faststart"],
    "b.mp4": [*FILM, "-movflags", "+frag_keyframe+empty_moov"],
    "a.mov": [*PICTURE, *SOUND, "-c:v", "png", "-c:a", "pcm_s16be", "-movflags", "+faststart"],
    "a.mkv": FILM,
    "a.webm": [*PICTURE, *SOUND, "-c:v", "libvpx", "-c:a", "libopus"],
    "a.ogg": [*SOUND, "-c:a", "libvorbis"],
    "a.flac": SOUND,
    "a.wav": SOUND,
    "a.aiff": SOUND,
    "a.mp3": SOUND,
    "a.ts": [*PICTURE, *SOUND, "-c:v", "mpeg2video", "-c:a", "mp2"],
    "a.mpg": [*PICTURE, *SOUND, "-c:v", "mpeg2video", "-c:a", "mp2"],
    "a.avi": FILM,
    "a.mxf": [*PICTURE, *SOUND, "-c:v", "mpeg2video", "-c:a", "pcm_s16le", "-ar", "48000"],
    "a.flv": [*PICTURE, *SOUND, "-c:v", "flv1", "-c:a", "aac"],
    "a.caf": [*SOUND, "-c:a", "alac"],
    "a.wma": [*SOUND, "-c:a", "wmav2"],
}
#: Where containers say what is in them; MP4's index and Matroska's tracks are within it for such short files.
HEADER_BYTES = 3000
EXAMPLES = 40 * int(os.environ.get("DAILIES_FUZZ", "1"))


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProbeHost]:
    """One PyAV that forks for each file, as a resident worker has it: the file costs 20 ms."""
    with closing(ProbeHost(tmp_path_factory.mktemp("host"), "host-")) as kept:
        yield kept


NUMBERS = [0, 1, 0x7F, 0x80, 0xFE, 0xFF]
DAMAGE = st.tuples(
    st.floats(0, 1, exclude_max=True),
    st.sampled_from([bytes([number]) * count for number in NUMBERS for count in (1, 2, 4, 8)])
    | st.binary(min_size=1, max_size=4),
)


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.sampled_from(sorted(FILES)), st.lists(DAMAGE, min_size=1, max_size=6), st.none() | st.floats(0, 1))
def test_a_damaged_header_gives_facts_or_a_refusal(
    make: Make, host: ProbeHost, tmp_path: Path, name: str, damage: list[tuple[float, bytes]], cut: float | None
) -> None:
    """Bytes are overwritten, sizes among them, and the end may be missing."""
    content = bytearray(make(name, *FILES[name]).read_bytes())
    header = min(HEADER_BYTES, len(content))
    for place, written in damage:
        start = int(place * header)
        content[start : start + len(written)] = written
    path = tmp_path / name
    path.write_bytes(content if cut is None else content[: int(cut * len(content))])
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    try:
        info = probe(path, scratch=scratch, host=host)
    except SourceRefused:
        return
    assert MediaInfo.model_validate_json(info.model_dump_json()) == info
