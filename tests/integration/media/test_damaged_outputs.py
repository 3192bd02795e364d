"""Of what we made ourselves every frame has to decode."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from dailies.domain.edit.chunking import ChunkRules
from dailies.domain.errors import QualityNotReached
from dailies.domain.stop import StopToken
from dailies.media.toolbox import Toolbox
from dailies.operations.checks.inspection import Wanted, inspect
from dailies.settings import Settings
from tests.integration.media.films import WHOLE, Bench

FILM = ["-f", "lavfi", "-i", "testsrc2=d=8:s=320x180:r=25", "-f", "lavfi", "-i", "sine=d=8:r=48000", "-y"]
FILM += ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-g", "25"]


@pytest.mark.parametrize("name", ["out.mp3", "out.flac", "out.m4a"])
def test_an_output_whose_sound_is_damaged_fails_its_verification(tmp_path: Path, name: str) -> None:
    """Where a source would be let off with a note: the same file is fine before its bytes are flipped."""
    toolbox, path = Toolbox(Settings(home=tmp_path / "home")), tmp_path / "work" / name
    path.parent.mkdir()
    tone = ["-f", "lavfi", "-i", "anoisesrc=d=3:r=48000:a=0.3:seed=1"]
    subprocess.run([toolbox.ffmpeg().path, "-v", "error", *tone, path], check=True, timeout=60)
    assert inspect(toolbox, path, StopToken(), Wanted(48000, 3.0)).heard is not None
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 600] = bytes(byte ^ 0xFF for byte in content[middle : middle + 600])
    path.write_bytes(content)
    with pytest.raises(QualityNotReached, match="decoded"):
        inspect(toolbox, path, StopToken(), Wanted(48000, 3.0))


def keyframes(path: Path) -> list[tuple[int, int]]:
    """Place and size, bytes, of the keyframes of a film."""
    with av.open(str(path)) as container:
        packets = container.demux(video=0)
        return [(packet.pos or 0, packet.size) for packet in packets if packet.size and packet.is_keyframe]


def spoilt(path: Path, places: list[tuple[int, int]]) -> None:
    """Flip bytes within packets: the file and its index stay as they are."""
    content = bytearray(path.read_bytes())
    for place, size in places:
        middle = place + size // 2
        content[middle : middle + size // 4] = bytes(byte ^ 0xFF for byte in content[middle : middle + size // 4])
    path.write_bytes(content)


@pytest.mark.parametrize("number", [0, 5], ids=["at the start", "behind"])
def test_a_film_with_a_keyframe_that_is_damaged_fails_its_verification(
    tmp_path: Path, bench: Bench, make: Callable[..., Path], number: int
) -> None:
    """Its sound and its headers are fine."""
    path = tmp_path / "film.mp4"
    path.write_bytes(make("film.mp4", *FILM).read_bytes())
    wanted = Wanted(48000, 8.0, pictures_at=Fraction(25))
    found = inspect(bench.toolbox, path, StopToken(), wanted)
    assert found.ticks == tuple(range(200))
    spoilt(path, keyframes(path)[number : number + 1])
    for sound in (48000, None):
        with pytest.raises(QualityNotReached, match="decoded"):
            inspect(bench.toolbox, path, StopToken(), Wanted(sound, 8.0, pictures_at=Fraction(25)))


def others(path: Path) -> list[tuple[int, int]]:
    """Place and size, bytes, of the frames between the keyframes, by size: few bytes may still mean something."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size and not packet.is_keyframe]
        return [(packet.pos or 0, packet.size) for packet in sorted(packets, key=lambda packet: packet.size)]


def spoil_after(
    monkeypatch: pytest.MonkeyPatch, suffix: str, places: Callable[[Path], list[tuple[int, int]]] = keyframes
) -> None:
    """Whatever writes a film called so writes the last of its keyframes, or of those in ``places``, wrong."""
    run = Toolbox.run

    def spoiling(self: Toolbox, arguments: Any, *, scratch: Path, **options: Any) -> Any:
        report = run(self, arguments, scratch=scratch, **options)
        # A ladder's playlist stands for its file.
        written = [scratch / word.removeprefix("file:").replace(".m3u8", ".mp4") for word in arguments]
        for path in {path for path in written if path.name.endswith(suffix) and path.is_file()}:
            if any("libx264" in word or word == "copy" for word in arguments) and "framecrc" not in arguments:
                spoilt(path, places(path)[-1:])
        return report

    monkeypatch.setattr(Toolbox, "run", spoiling)


@pytest.mark.parametrize(
    ("suffix", "rules", "wish"),
    [
        ("output-0.mp4", WHOLE, {}),
        ("output.mp4", ChunkRules(above_seconds=0, seconds=4), {}),
        ("film-0.mp4", WHOLE, {"segments": [{"start": 1, "end": 7}]}),
        ("180p.mp4", WHOLE, {"kind": "abr", "format": "hls"}),
        ("timelapse.mp4", WHOLE, {"kind": "timelapse", "speed": 2}),
    ],
    ids=["one piece", "in chunks", "edit", "ladder", "timelapse"],
)
def test_every_film_whose_pictures_do_not_decode_fails(
    bench: Bench, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, suffix: str, rules: ChunkRules,
    wish: dict[str, Any],
) -> None:  # fmt: skip
    """In each way in which one comes about; untouched it passes, and its certificate says what was decoded."""
    source = make("film.mp4", *FILM)
    _, facts, _ = bench.make(source, rules, **wish)
    [check] = [check for check in facts["checks"] if check["name"] == "decode errors"]
    assert check["passed"]
    spoil_after(monkeypatch, suffix)
    with pytest.raises(QualityNotReached, match="decoded"):
        bench.make(source, rules, **wish)


@pytest.mark.parametrize(
    ("suffix", "wish"),
    [("180p.mp4", {"kind": "abr", "format": "hls"}), ("timelapse.mp4", {"kind": "timelapse", "speed": 2})],
    ids=["ladder", "timelapse"],
)
def test_a_film_of_which_every_picture_is_decoded_fails_for_any_of_them(
    bench: Bench, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, suffix: str, wish: dict[str, Any]
) -> None:
    """Though their blocks' edges are not smoothed there."""
    source = make("film.mp4", *FILM)
    spoil_after(monkeypatch, suffix, others)
    with pytest.raises(QualityNotReached, match="decoded"):
        bench.make(source, WHOLE, **wish)


@pytest.mark.parametrize(("kind", "form"), [("thumbnail", "png"), ("storyboard", "png"), ("gif", "gif")])
def test_a_picture_that_does_not_decode_fails_its_verification(
    bench: Bench, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, kind: str, form: str
) -> None:
    """It is ours, and no damage of the source's."""
    source = make("film.mp4", *FILM)
    bench.make(source, WHOLE, kind=kind, format=form)
    run = Toolbox.run

    def spoiling(self: Toolbox, arguments: Any, *, scratch: Path, **options: Any) -> Any:
        report = run(self, arguments, scratch=scratch, **options)
        for path in scratch.glob(f"*.{form}"):
            # A GIF's decoder is silent about its codes, so its signature is spoilt.
            spoilt(path, [(0, 4 if form == "gif" else path.stat().st_size)])
        return report

    monkeypatch.setattr(Toolbox, "run", spoiling)
    with pytest.raises(QualityNotReached, match="decoded"):
        bench.make(source, WHOLE, kind=kind, format=form)
