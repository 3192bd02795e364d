"""The certificate that a person reads."""

from __future__ import annotations

import pytest

from dailies.cli.certificate import _loudness, brief, certificate, clock_text, size_text
from dailies.domain.job.result import (
    AudioFacts,
    Check,
    EstimateResult,
    JobResult,
    LeftOut,
    LoudnessFacts,
    OutputResult,
    StepResult,
    VideoFacts,
)
from dailies.domain.source.media_info import MediaInfo
from dailies.operations.film.rendered import AudioResult, VideoResult

PODCAST = OutputResult(
    path="out/podcast.mp3",
    media_type="audio/mpeg",
    bytes=1_961_556,
    sha256="0" * 64,
    duration_seconds=82.52,
    facts=AudioResult(
        audio=AudioFacts(codec="mp3", bitrate_bps=256_000, sample_rate_hz=44_100, channels=2),
        loudness=LoudnessFacts(
            integrated_lufs=-16.04,
            true_peak_dbtp=-1.2,
            range_lu=4.3,
            mode="limited",
            reason="+6.1 dB would peak over -1 dBTP",
            gain_db=6.1,
        ),
        quality_score=97,
    ),
    checks=(
        Check(name="duration", expected="82.500 s ± 0.83", measured="82.520 s", passed=True),
        Check(name="true peak", expected="≤ -1 dBTP", measured="-1.2 dBTP", passed=False),
    ),
)
WEB = OutputResult(
    path=None,
    media_type="video/mp4",
    bytes=3_000_000_000,
    sha256="0" * 64,
    duration_seconds=3725.96,
    facts=VideoResult(
        copied=True,
        audio=AudioFacts(codec="aac", bitrate_bps=None, sample_rate_hz=48_000, channels=6),
        video=VideoFacts(
            codec="h264", width=1280, height=720, frame_rate="30000/1001", frames=1, pixel_format="yuv420p",
            color="bt709/bt709/bt709/tv", bitrate_bps=None,
        ),
        loudness=LoudnessFacts(
            integrated_lufs=None, true_peak_dbtp=None, range_lu=None, mode="unchanged", reason="nothing asked for it"
        ),
        quality_score=None,
    ),
    checks=(),
)  # fmt: skip

GOLDEN = """\
! out/podcast.mp3
  2.0 MB · 1:22.5 · mp3 256 kbit/s 44.1 kHz stereo
  -16.0 LUFS · -1.2 dBTP · 4.3 LU range · turned up 6.1 dB, its highest peaks held back
  quality 97/100
    pass  duration   82.520 s   expected 82.500 s ± 0.83
    FAIL  true peak  -1.2 dBTP  expected ≤ -1 dBTP

✔ web
  3.00 GB · 1:02:06.0 · h264 1280×720 29.97 fps · aac 48 kHz 5.1 · copied, not encoded again
  loudness · not changed: nothing asked for it

job 1a2b · 1 step run, 1 cached · 12.3 s"""


def result(*statuses: str) -> JobResult:
    steps = [StepResult.model_validate({"name": s, "kind": s, "status": s, "seconds": 1}) for s in statuses]
    return JobResult(
        job_id="1a2b",
        status="completed",
        source=MediaInfo(container="mp4", duration_seconds=1, duration_from="header", size_bytes=1),
        outputs={"podcast": PODCAST, "web": WEB},
        steps=tuple(steps),
        estimate=EstimateResult(cpu_seconds=1, cost_usd=0),
        seconds=12.34,
    )


def test_the_certificate_says_what_was_made_and_measured() -> None:
    """Place, size, codecs, loudness and every check, one block for each output."""
    assert certificate(result("done", "cached")) == GOLDEN


def test_of_many_files_each_has_a_line() -> None:
    """And one for each check that it did not pass."""
    assert brief(result("done")).splitlines() == [
        "! out/podcast.mp3 · 2.0 MB · 1:22.5 · -16.0 LUFS · -1.2 dBTP",
        "    FAIL  true peak  -1.2 dBTP  expected ≤ -1 dBTP",
        "✔ web · 3.00 GB · 1:02:06.0 · 1280×720",
    ]


@pytest.mark.parametrize(
    ("mode", "gain", "said"),
    [
        ("linear", -3.46, "turned down 3.5 dB"),
        ("linear", 0.04, "as loud as it was"),
        ("limited", 6.18, "turned up 6.2 dB, its highest peaks held back"),
        ("unchanged", 0.0, "not changed: it is silent"),
    ],
)
def test_what_was_done_to_the_sound_is_said_as_one_hears_it(mode: str, gain: float, said: str) -> None:
    """What a limiter takes, in LU, is for the document."""
    facts = {"integrated_lufs": -16.0, "true_peak_dbtp": None, "range_lu": None, "reason": "it is silent"}
    loudness = LoudnessFacts.model_validate({**facts, "mode": mode, "gain_db": gain})
    assert _loudness(loudness) == f"-16.0 LUFS · {said}"


def test_a_cached_job_says_so() -> None:
    """Nothing was run, and the last line tells it."""
    assert "all 2 steps cached" in certificate(result("cached", "cached"))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00.0"), (59.96, "1:00.0"), (61.25, "1:01.2"), (3599.99, "1:00:00.0"), (7325.5, "2:02:05.5")],
)
def test_clocks_are_rounded_before_they_are_split(seconds: float, text: str) -> None:
    """There is no 0:60.0."""
    assert clock_text(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (12_345_678, "12.3 MB"), (2e9, "2.00 GB")]
)
def test_sizes_are_decimal(size: float, text: str) -> None:
    """As file managers count: 1 kB is 1000 bytes."""
    assert size_text(size) == text


def test_what_was_left_out_has_its_line() -> None:
    left_out = {"web": LeftOut(code="hdr_source", message="The source is HDR.")}
    text = certificate(result("done").model_copy(update={"left_out": left_out}))
    assert "✘ web is left out: The source is HDR." in text.splitlines()
