"""What is lost is said: channels that cancel each other out, and the rest of a file that isn't read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dailies.domain.errors import SourceRefused
from tests.integration.media.films import WHOLE, Bench

Make = Callable[..., Path]
TONE = "0.9*sin(2*PI*440*t)"


@pytest.mark.parametrize(
    ("name", "right", "passed"), [("inverted", f"-{TONE}", False), ("same", TONE, True), ("one", "0", True)]
)
def test_stereo_that_is_silence_in_mono_is_said(bench: Bench, make: Make, name: str, right: str, passed: bool) -> None:
    """A note on the certificate; a mono recording in stereo comes out at its own level, and not clipped."""
    tones = f"aevalsrc=exprs={TONE}|{right}:s=48000:d=2"
    source = make(f"{name}.wav", "-f", "lavfi", "-i", tones, "-c:a", "pcm_s16le", "-y")
    _, facts, _ = bench.make(source, WHOLE, kind="audio", format="wav", channels=1, quality="high")
    [mix] = [check for check in facts["checks"] if check["name"] == "mix"]
    assert (mix["passed"], mix["advisory"]) == (passed, True)
    assert ("silence: the channels cancel" in mix["measured"]) is not passed


def test_a_mono_file_may_be_levelled_as_it_is_heard(bench: Bench, make: Make) -> None:
    """From two loudspeakers: -16 LUFS is -19 of the one channel."""
    source = make("mono.wav", "-f", "lavfi", "-i", "sine=d=3:r=48000", "-y")
    _, facts, _ = bench.make(source, WHOLE, kind="audio", format="flac", normalize={"dual_mono": True})
    assert facts["loudness"]["integrated_lufs"] == pytest.approx(-19.01, abs=0.1)
    [check] = [check for check in facts["checks"] if check["name"] == "integrated loudness"]
    assert (check["expected"], check["passed"]) == ("-16 LUFS ± 0.1, as dual mono", True)


def test_channels_that_are_kept_are_no_mix(bench: Bench, make: Make) -> None:
    """Nothing to say."""
    source = make("stereo.wav", "-f", "lavfi", "-i", f"aevalsrc=exprs={TONE}|-{TONE}:s=48000:d=2", "-y")
    _, facts, _ = bench.make(source, WHOLE, kind="audio", format="flac", quality="high")
    assert "mix" not in [check["name"] for check in facts["checks"]]


def test_joined_ogg_files_of_different_channels_are_refused(bench: Bench, make: Make, tmp_path: Path) -> None:
    """FFmpeg reads the first one only, and calls that a success."""
    sine = ["-f", "lavfi", "-i", "sine=d=2:r=48000", "-c:a", "libvorbis"]
    links = [make(f"{n}.ogg", *sine, "-ac", n, "-serial_offset", n, "-y") for n in ("2", "1")]
    source = tmp_path / "joined.ogg"
    source.write_bytes(b"".join(link.read_bytes() for link in links))
    with pytest.raises(SourceRefused, match="goes on in another format") as refused:
        bench.make(source, WHOLE, kind="audio", format="mp3")
    assert refused.value.error_code == "format_changes"
