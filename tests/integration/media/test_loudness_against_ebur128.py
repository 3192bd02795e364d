"""Loudness from blocks, and the limiter's promises, against FFmpeg's own meter on real sound."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from dailies.domain.loudness.level import Chain, Heard
from dailies.domain.loudness.loudness import Blocks, integrated, loudness_range
from dailies.media.ffmpeg import FFmpeg
from dailies.media.graphs.sound.audio_chain import select
from dailies.media.graphs.sound.loudness import MeterReader, gain_chain, verify_arguments
from dailies.media.graphs.sound.shared_decode import Meter, hearing_arguments
from tests.selections import selection_of

#: Speech-like: a voice of harmonics in words of uneven length and loudness with pauses, over a little noise.
VOICE = (
    "aevalsrc='(0.02+0.5*abs(sin(0.37*t)*sin(1.9*t))^2*gt(mod(t,3.7),0.6))"
    "*(sin(2*PI*140*t)+0.5*sin(2*PI*280*t)+0.3*sin(2*PI*1400*t)+0.2*sin(2*PI*3300*t))/2+0.002*(random(0)-0.5)'"
)
#: Music-like: chords under a beat of noise.
MUSIC = (
    "aevalsrc='0.2*(sin(2*PI*220*t)+sin(2*PI*277*t)+sin(2*PI*330*t))*(1-0.5*mod(t,4)/4)"
    "+0.6*(random(0)-0.5)*exp(-20*mod(t,0.5))|0.2*(sin(2*PI*220*t)+sin(2*PI*415*t))+0.5*(random(1)-0.5)*exp(-9*mod(t,1))'"
)
SECONDS = 40


def command(program: FFmpeg, *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run FFmpeg as Dailies does, without the guards that cost a test nothing to leave out."""
    flags = ["-nostdin", "-hide_banner", "-nostats", "-y", "-v", "info"]
    return subprocess.run([program.path, *flags, *words], cwd=folder, check=True, capture_output=True, text=True)


def hear(program: FFmpeg, arguments: list[str], folder: Path, rate: int) -> Heard:
    reader = MeterReader(rate)
    done = command(program, *arguments, folder=folder)
    for line in done.stdout.splitlines():
        reader.line(line)
    return reader.heard(done.stderr)


def metered(program: FFmpeg, folder: Path, name: str, *before: str) -> tuple[float, float]:
    """What anybody's ``ebur128`` says: integrated loudness and loudness range, with one decimal."""
    said = command(program, *before, "-i", name, "-af", "ebur128", "-f", "null", "-", folder=folder).stderr
    summary = said[said.rindex("Summary:") :]
    return tuple(float(re.search(rf"\b{key}:\s+(\S+) LU", summary)[1]) for key in ("I", "LRA"))  # type: ignore[index,return-value]


@pytest.fixture(scope="module")
def sounds(bundled: FFmpeg, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``voice-RATE.wav`` and ``music-RATE.wav`` in one folder."""
    folder = tmp_path_factory.mktemp("sounds")
    for name, graph in (("voice", VOICE), ("music", MUSIC)):
        for rate in (48_000, 44_100, 11_025):
            source = ["-f", "lavfi", "-i", f"{graph}:s={rate}:d={SECONDS}"]
            command(bundled, *source, "-c:a", "pcm_f32le", f"{name}-{rate}.wav", folder=folder)
    return folder


def blocks_of(program: FFmpeg, sounds: Path, name: str, rate: int, folder: Path) -> Blocks:
    (folder / "source").unlink(missing_ok=True)
    (folder / "source").symlink_to(sounds / f"{name}-{rate}.wav")
    selection = selection_of(0, 1 if name == "voice" else 2, rate=rate)
    return hear(program, hearing_arguments([Meter(selection)]), folder, rate).blocks


@pytest.mark.parametrize(("name", "rate"), [("voice", 48_000), ("voice", 11_025), ("music", 44_100)])
def test_the_whole_measures_as_by_ebur128(binary: FFmpeg, sounds: Path, tmp_path: Path, name: str, rate: int) -> None:
    blocks = blocks_of(binary, sounds, name, rate, tmp_path)
    loudness, spread = metered(binary, tmp_path, "source")
    assert blocks.seconds == pytest.approx(SECONDS, abs=0.11)
    assert integrated(blocks) == pytest.approx(loudness, abs=0.06)
    assert loudness_range(blocks) == pytest.approx(spread, abs=0.3)


@pytest.mark.parametrize(("name", "rate"), [("voice", 48_000), ("music", 44_100), ("music", 11_025)])
def test_any_segment_measures_as_if_it_were_cut_out(
    bundled: FFmpeg, sounds: Path, tmp_path: Path, name: str, rate: int
) -> None:
    """Wherever the cuts are, on the blocks' grid or between.

    Shorter ones are measured by themselves: there a single block decides about the gate (docs/loudness.md).
    """
    blocks = blocks_of(bundled, sounds, name, rate, tmp_path)

    @settings(max_examples=15, deadline=None, derandomize=True)
    @given(start=st.floats(0, SECONDS - 10), length=st.floats(10, SECONDS))
    def check(start: float, length: float) -> None:
        start, end = round(start, 3), round(min(start + length, SECONDS), 3)
        heard = hear(
            bundled,
            [
                "-i",
                "source",
                "-af",
                f"atrim={start}:{end},ebur128=metadata=1,ametadata=print:file=-",
                "-f",
                "null",
                "-",
            ],
            tmp_path,
            rate,
        )
        assert integrated(blocks, start, end) == pytest.approx(integrated(heard.blocks), abs=0.1)

    check()


def test_undefined_loudness_is_undefined_for_the_meter_too(bundled: FFmpeg, tmp_path: Path) -> None:
    for name, graph in (("short.wav", "sine=d=0.39"), ("silent.wav", "anullsrc=d=5")):
        command(bundled, "-f", "lavfi", "-i", graph, name, folder=tmp_path)
        assert integrated(hear(bundled, verify_arguments(name, true_peak=True), tmp_path, 44_100).blocks) is None


@pytest.mark.parametrize("rate", [48_000, 44_100, 11_025])
def test_the_limiter_holds_its_ceiling_and_moves_nothing(
    binary: FFmpeg, sounds: Path, tmp_path: Path, rate: int
) -> None:
    """Same number of samples, no delay, and below the ceiling not a bit is changed."""
    (tmp_path / "source").symlink_to(sounds / f"voice-{rate}.wav")

    def samples(chain: Chain | None) -> memoryview[float]:
        import ffmpeg as graphs

        stream = select(graphs.input("file:source")["0"], selection_of(0, 1, rate=rate))
        stream = stream if chain is None else gain_chain(stream, chain, rate)
        arguments = graphs.output(stream, "file:out.f64", f="f64le", acodec="pcm_f64le").get_args()
        command(binary, *arguments, folder=tmp_path)
        return memoryview((tmp_path / "out.f64").read_bytes()).cast("d")

    plain = samples(None)
    assert samples(Chain(limiter_ceiling_dbfs=-0.1)) == plain
    limited = samples(Chain(gain_db=6.0, limiter_ceiling_dbfs=-3.0))
    assert len(limited) == len(plain)
    assert max(map(abs, limited)) <= 10 ** (-3 / 20) + 1e-6
    quiet = [n for n in range(0, len(plain), 97) if abs(plain[n]) > 1e-4]
    gains = [limited[n] / plain[n] for n in quiet]
    assert all(0 < gain <= 10 ** (6 / 20) + 1e-6 for gain in gains), "a gain at each instant, and no shift in time"
    assert max(gains) == pytest.approx(10 ** (6 / 20), abs=1e-4)
