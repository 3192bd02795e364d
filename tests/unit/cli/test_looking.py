"""What ``probe`` and ``plan`` show to people."""

from __future__ import annotations

from dailies.cli.looking import _plan_text
from dailies.cli.probe_text import probe_text
from dailies.domain.job.result import LeftOut
from dailies.domain.source.media_info import AudioStream, MediaInfo, OtherStream, VideoStream
from dailies.engine.plan_state import PlanState
from dailies.planning.operation import Estimate
from dailies.planning.plan import Plan
from dailies.services.planning import Planned, PlannedStep

NOTHING = PlanState(Plan((), {}), None, {}, {}, ())


def step(name: str, status: str, seconds: float) -> PlannedStep:
    return PlannedStep(name, name, status, None, Estimate(seconds))


def test_a_probe_lists_every_track_with_what_matters() -> None:
    """Container, duration and size, then a line for each track."""
    info = MediaInfo(
        container="matroska", duration_seconds=61.5, duration_from="estimate", size_bytes=1_500_000,
        bitrate_bps=195_000,
        video=(
            VideoStream(
                index=0, track=0, codec="hevc", coded_width=1920, coded_height=1080, width=1080, height=1920,
                rotation=90, frame_rate="30000/1001", variable_frame_rate=True, interlaced=True, hdr="dolby_vision",
            ),
        ),
        audio=(
            AudioStream(
                index=1, track=0, codec="ac3", sample_rate_hz=44_100, channels=6, layout=None, language="deu",
                default=True, decodable=False,
            ),
        ),
        other=(OtherStream(index=2, kind="subtitle", codec="ass", language="eng"), OtherStream(index=3, kind="data")),
    )  # fmt: skip
    assert probe_text(info).splitlines() == [
        "matroska · 1:01.5 (estimated) · 1.5 MB · 195 kbit/s",
        "  video 0  hevc 1080×1920 · 29.97 fps · variable frame rate · interlaced · rotated 90° · HDR dolby vision",
        "  audio 0  ac3 44.1 kHz 5.1 · deu · default · can't be decoded",
        "  subtitle  ass · eng",
        "  data  ?",
    ]


def test_a_plan_shows_what_is_to_do_and_what_it_costs() -> None:
    """What is cached takes nothing; the sum is of the rest."""
    planned = Planned(
        [step("probe", "cached", 0.3), step("a", "ready", 12.34), step("b", "waiting", 100)], NOTHING, Estimate(112.34)
    )
    assert _plan_text(planned).splitlines() == [
        "step   kind   status        time       cost",
        "probe  probe  cached           –          –",
        "a      a      ready       12.3 s   $0.00027",
        "b      b      waiting    100.0 s   $0.00220",
        "",
        "To do: about 112.3 s of one CPU; $0.00247 on Cloud Run, nothing here.",
    ]


def test_a_plan_folds_the_many_chunks_of_a_film() -> None:
    """Those that are done and those that aren't, each in the place of their first; few are shown one by one."""
    chunks = [PlannedStep(f"film-{n}", "chunk", "cached" if n < 6 else "ready", None, Estimate(1.5)) for n in range(11)]
    sounds = [PlannedStep(f"sound-{n}", "level", "ready", None, Estimate(1.0)) for n in range(2)]
    planned = Planned([step("probe", "cached", 0.3), *chunks, *sounds], NOTHING, Estimate(9.5))
    assert [line.split("  ")[0] for line in _plan_text(planned).splitlines()[1:-2]] == [
        "probe", "6 × chunk", "5 × chunk", "sound-0", "sound-1",
    ]  # fmt: skip
    assert "5 × chunk  chunk  ready        7.5 s   $0.00016" in _plan_text(planned).splitlines()


def test_a_plan_of_what_exists_says_so() -> None:
    """Nothing to pay, nothing to wait for."""
    planned = Planned([step("probe", "cached", 0.3)], NOTHING, Estimate(0.0))
    assert _plan_text(planned).endswith("Nothing to do: everything is cached.")


def test_a_plan_says_what_it_leaves_out() -> None:
    """And why, before anything is run."""
    reason = LeftOut(code="no_audio", message="The source has no audio track: ask for kind video.")
    planned = Planned([step("probe", "cached", 0.3)], NOTHING, Estimate(0.0), {"podcast": reason})
    assert "✘ podcast is left out: The source has no audio track: ask for kind video." in _plan_text(planned)


def test_a_plan_says_what_others_charge() -> None:
    """That is to be paid on this machine too."""
    asked = PlannedStep("words", "transcribe-remotely", "ready", None, Estimate(0.1, 9.0, 0.27))
    text = _plan_text(Planned([asked], NOTHING, asked.estimate)).splitlines()
    assert text[1].endswith("0.1 s   $0.27000")
    assert text[-2:] == [
        "To do: about 0.1 s of one CPU; $0.00000 on Cloud Run, nothing here.",
        "Others charge about $0.27000 for their part in it, here too.",
    ]
