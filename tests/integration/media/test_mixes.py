"""What is lost is said: channels that cancel each other out, and the rest of a file that isn't read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dailies.domain.edit.chunking import ChunkRules
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


@pytest.mark.parametrize(
    ("rules", "wish"),
    [
        (WHOLE, {}),
        (ChunkRules(above_seconds=0, seconds=4), {}),
        (WHOLE, {"segments": [{"start": 1, "end": 3}, {"start": 4, "end": 5.5}]}),
        (WHOLE, {"kind": "abr", "format": "hls"}),
    ],
    ids=["one piece", "in chunks", "edit", "ladder"],
)
def test_every_film_says_of_channels_that_cancel(
    bench: Bench, make: Make, rules: ChunkRules, wish: dict[str, Any]
) -> None:
    """Six channels of which two are heard, each the other's opposite, both on the same side of the mix."""
    picture = ["-f", "lavfi", "-i", "testsrc2=d=6:s=128x72:r=25", "-c:v", "libx264", "-preset", "veryfast"]
    tones = f"aevalsrc=exprs=0.5*{TONE}|0|-0.5*{TONE}/0.7071|0|0|0:c=5.1:s=48000:d=6"
    source = make("cancelling.mkv", "-f", "lavfi", "-i", tones, *picture, "-c:a", "pcm_s16le", "-y")
    _, facts, _ = bench.make(source, rules, **wish)
    [mix] = [check for check in facts["checks"] if check["name"] == "mix"]
    assert mix["advisory"]


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


@pytest.mark.parametrize(
    ("rules", "wish"),
    [
        (WHOLE, {"kind": "audio", "format": "mp3"}),
        (WHOLE, {"kind": "audio", "format": "wav"}),
        (WHOLE, {}),
        (ChunkRules(above_seconds=0, seconds=4), {}),
        (WHOLE, {"segments": [{"start": 1, "end": 3}, {"start": 4, "end": 5.5}]}),
        (ChunkRules(above_seconds=0, seconds=2), {"segments": [{"start": 1, "end": 3}, {"start": 4, "end": 5.5}]}),
        (WHOLE, {"kind": "abr", "format": "hls"}),
    ],
    ids=["mp3", "wav", "one piece", "in chunks", "edit", "edit in chunks", "ladder"],
)
def test_sound_that_is_encoded_is_measured_whether_a_loudness_was_asked_for_or_not(
    bench: Bench, make: Make, rules: ChunkRules, wish: dict[str, Any]
) -> None:
    """Every certificate has the figures of what it is for."""
    picture = ["-f", "lavfi", "-i", "testsrc2=d=6:s=128x72:r=25", "-c:v", "libx264", "-preset", "veryfast"]
    source = make("tone.mkv", "-f", "lavfi", "-i", f"aevalsrc=exprs={TONE}:s=48000:d=6", *picture, "-c:a", "flac", "-y")
    _, facts, _ = bench.make(source, rules, **wish)
    loudness = facts["facts"]["loudness"] if "facts" in facts else facts["loudness"]
    assert loudness["integrated_lufs"] == pytest.approx(-4, abs=1.5)
    # Most of what measuring would cost, of a ceiling that nobody set.
    assert loudness["true_peak_dbtp"] is None
    assert (loudness["mode"], loudness["reason"]) == ("unchanged", "normalisation was not asked for")
    assert any(check["name"] == "decode errors" and "sound" in check["measured"] for check in facts["checks"])


def test_of_a_copy_nothing_is_claimed_that_was_not_measured(bench: Bench, make: Make) -> None:
    """Its samples are never looked at."""
    source = make("copied.m4a", "-f", "lavfi", "-i", "sine=d=3:r=48000", "-c:a", "aac", "-y")
    _, facts, _ = bench.make(source, WHOLE, kind="audio", format="m4a")
    assert facts["loudness"] == {
        "integrated_lufs": None, "true_peak_dbtp": None, "range_lu": None, "mode": "unchanged",
        "reason": "copied: not measured", "gain_db": 0.0,
    }  # fmt: skip
    assert "decode errors" not in [check["name"] for check in facts["checks"]]
