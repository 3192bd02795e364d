"""Edits as a user asks for them: levelled, framed, joined, found, refused; judged by independent meters."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dailies.media.probe.probe_host import ProbeHost
from tests.e2e.command import Dailies
from tests.e2e.in_process import another, dailies as dailies  # noqa: PLC0414 - a fixture
from tests.e2e.meter import ebur128
from tests.made import FFMPEG, ffmpeg, generated

TAGS = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
# Three loudnesses of speech-like bursts, and a silence: 10 s each.
LOUDNESSES = (
    "aevalsrc='(0.02*lt(t,10)+0.4*between(t,10,20)+0.1*between(t,20,30))*sin(2*PI*300*t)"
    "*pow(max(0,sin(2*PI*2.1*t)),2)':s=48000:d=40"
)

# The louder two, 4 s each.
TWO_LOUDNESSES = "aevalsrc='(0.4*lt(t,4)+0.1*between(t,4,8))*sin(2*PI*300*t)*pow(max(0,sin(2*PI*2.1*t)),2)':s=48000:d=8"


def source(path: Path, *, sound: str | None = LOUDNESSES, seconds: int = 40, channels: int = 2) -> Path:
    """A moving picture without black edges, 160 × 90 at 25 frames a second."""
    picture = ["-f", "lavfi", "-i", f"testsrc2=size=160x90:rate=25:duration={seconds}"]
    heard = [] if sound is None else ["-f", "lavfi", "-i", sound]
    layout = [] if sound is None else ["-c:a", "aac", "-ac", str(channels)]
    chain = f"negate=components=y,eq=brightness=0.1:saturation=0.5,{TAGS}"
    generated(*picture, *heard, "-vf", chain, "-c:v", "libx264", "-preset", "ultrafast", "-g", "50",
              "-pix_fmt", "yuv420p", *layout, path)  # fmt: skip
    return path


def reel(dailies: Dailies, media: Path, out: Path, **wish: Any) -> Any:
    return run(dailies, media, out, {"kind": "video", "preset": "ultrafast", **wish})["outputs"]["reel"]


def run(dailies: Dailies, media: Path, out: Path, output: Any, code: int = 0, **recipe: Any) -> Any:
    path = out.with_suffix(".json")
    path.write_text(json.dumps({"outputs": {"reel": output}, **recipe}))
    return dailies("run", media, "--recipe", path, "--out", out, code=code)


def failed(output: Any) -> list[str]:
    return [check["name"] for check in output["checks"] if not check["passed"] and not check["advisory"]]


def part(film: Path, start: float, end: float, to: Path) -> float:
    """Integrated loudness of a part of a film, by FFmpeg's meter on the part alone."""
    ffmpeg("-i", film, "-vn", "-af", f"atrim=start={start}:end={end}", to)
    return ebur128(to).integrated


def test_segments_are_levelled_among_each_other_and_as_a_whole(dailies: Dailies, tmp_path: Path) -> None:
    """26 LU apart in the source, at most 1.5 in the film; −16 LUFS ± 0.1 under −1 dBTP; transitions included."""
    media = source(tmp_path / "talk.mp4")
    segments = [
        {"start": 1, "end": 7, "transition": "fade", "score": 0.9},
        {"start": 11, "end": 17, "transition": "crossfade"},
        {"start": 21, "end": 27.5},
    ]
    output = reel(dailies, media, tmp_path / "out", segments=segments, normalize={"max_spread_lu": 1.5}, height=90)
    film = tmp_path / "out" / "reel.mp4"
    heard = ebur128(film)
    assert abs(heard.integrated - -16.0) <= 0.1
    assert heard.true_peak <= -1.0
    # The fade takes a quarter of a second of each, the crossfade half a second of both.
    alone = [(0.0, 5.75), (6.25, 11.5), (12.0, 18.0)]
    apart = [part(film, start, end, tmp_path / f"{n}.wav") for n, (start, end) in enumerate(alone)]
    assert max(apart) - min(apart) <= 1.5
    assert [segment["integrated_lufs"] for segment in output["segments"]] == pytest.approx(apart, abs=0.3)
    assert output["segments"][0]["score"] == 0.9
    assert output["duration_seconds"] == pytest.approx(18.0, abs=0.04)
    assert output["video"]["color"] == "bt709/bt709/bt709/tv"
    assert failed(output) == []
    assert {"segment loudness spread", "A/V offset at the end", "framing"} <= {c["name"] for c in output["checks"]}


def test_cuts_do_not_click(dailies: Dailies, tmp_path: Path) -> None:
    """A cut through a loud low tone is a step of up to full scale: above 8 kHz nothing of it is heard."""
    media = source(tmp_path / "tone.mp4", sound="sine=frequency=80:sample_rate=48000:duration=10,volume=4", seconds=10)
    segments = [{"start": start, "end": start + 0.72} for start in (1, 3.28, 5.04, 7.16)]
    reel(dailies, media, tmp_path / "out", segments=segments)
    high = tmp_path / "high.wav"
    ffmpeg("-i", tmp_path / "out" / "reel.mp4", "-vn", "-af", "highpass=f=8000,highpass=f=8000", high)
    assert ebur128(high).true_peak < -50


def test_silent_segments_pass_and_say_why(dailies: Dailies, tmp_path: Path) -> None:
    media = source(tmp_path / "talk.mp4")
    segments = [{"start": 31, "end": 33}, {"start": 11, "end": 14}]
    output = reel(dailies, media, tmp_path / "out", segments=segments, normalize={})
    quiet, loud = output["segments"]
    assert (quiet["integrated_lufs"], quiet["gain_db"]) == (None, 0)
    assert "silence" in quiet["levelling"]
    assert loud["integrated_lufs"] == pytest.approx(-16, abs=0.3)
    assert failed(output) == []


@pytest.mark.parametrize(("sound", "channels"), [(None, 2), (TWO_LOUDNESSES, 1), (TWO_LOUDNESSES, 6)])
def test_sources_without_sound_in_mono_and_in_surround(
    dailies: Dailies, tmp_path: Path, sound: str | None, channels: int
) -> None:
    media = source(tmp_path / "odd.mp4", sound=sound, seconds=8, channels=channels)
    segments = [{"start": 1, "end": 3, "transition": "crossfade"}, {"start": 5, "end": 7}]
    output = reel(dailies, media, tmp_path / "out", segments=segments, normalize={})
    assert failed(output) == []
    assert output["video"]["frames"] == 87
    if sound is None:
        assert output["audio"] is None
    else:
        assert output["audio"]["channels"] == min(channels, 2)
        assert abs(ebur128(tmp_path / "out" / "reel.mp4").integrated - -16) <= 0.1


def luma(film: Path, crop: str) -> float:
    """Mean brightness of a part of the film's second second, 0–255."""
    command = [
        FFMPEG,
        "-v",
        "error",
        "-ss",
        "1",
        "-i",
        str(film),
        "-vf",
        f"crop={crop},scale=1:1:flags=area,format=gray",
    ]
    raw = subprocess.run([*command, "-frames:v", "1", "-f", "rawvideo", "-"], check=True, capture_output=True).stdout
    return float(raw[0])


@pytest.mark.parametrize("segments", [None, [{"start": 1, "end": 3}, {"start": 12, "end": 13}]])
def test_a_cropped_film_has_no_bars_and_a_padded_one_those_asked_for(
    dailies: Dailies, tmp_path: Path, segments: Any
) -> None:
    """With and without segments: a shape is any video's."""
    media = source(tmp_path / "wide.mp4")
    wish = {} if segments is None else {"segments": segments}
    cropped = reel(dailies, media, tmp_path / "crop", aspect="9:16", framing="crop", **wish)
    assert (cropped["video"]["width"], cropped["video"]["height"]) == (50, 90)
    assert luma(tmp_path / "crop" / "reel.mp4", "iw:4:0:0") > 30
    padded = reel(dailies, media, tmp_path / "pad", aspect="9:16", framing="pad", **wish)
    assert (padded["video"]["width"], padded["video"]["height"]) == (90, 160)
    assert luma(tmp_path / "pad" / "reel.mp4", "iw:40:0:0") < 20
    assert luma(tmp_path / "pad" / "reel.mp4", "iw:40:0:60") > 30
    if segments is not None:
        framing = {name: next(c for c in out["checks"] if c["name"] == "framing") for name, out in
                   (("crop", cropped), ("pad", padded))}  # fmt: skip
        assert framing["crop"] == {**framing["crop"], "measured": "no bars", "passed": True, "advisory": False}
        assert framing["pad"]["passed"]
        assert "110" in framing["pad"]["expected"]


@pytest.mark.parametrize(
    ("output", "field", "fix"),
    [
        ({"segments": [{"start": 1, "end": 5}, {"start": 20, "end": 75}]}, "outputs.reel.segments.1.end", "past"),
        ({"segments": [{"start": 5, "end": 4}]}, "outputs.reel.segments.0.end", "after start"),
        ({"segments": [{"start": 5}]}, "outputs.reel.segments.0.end", "missing"),
        ({"segments": [{"start": 1, "end": 2}] * 25}, "outputs.reel.segments", "at most 24"),
        ({"segments": []}, "outputs.reel.segments", "at least 1"),
        ({"start": 3, "segments": [{"start": 1, "end": 2}]}, "outputs.reel.segments", "leave out"),
        ({"segments": {"auto": {"count": 9}}}, "outputs.reel.segments.auto.count", "5"),
        ({"segments": {"auto": {"min": 300, "max": 600}}}, "outputs.reel.segments.auto.min", "lower min"),
        (
            {"segments": [{"start": 1, "end": 1.3, "transition": "crossfade"}, {"start": 3, "end": 9}]},
            "outputs.reel.segments.0.transition_seconds",
            "longer",
        ),
        ({"aspect": "9:0"}, "outputs.reel.aspect", ""),
        ({"crf": 18, "quality": "high"}, "outputs.reel.crf", "either"),
    ],
)
def test_what_cannot_be_edited_is_refused_with_its_field_and_the_fix(
    dailies: Dailies, tmp_path: Path, output: Any, field: str, fix: str
) -> None:
    media = source(tmp_path / "talk.mp4", seconds=40)
    error = run(dailies, media, tmp_path / "out", {"kind": "video", **output}, code=3)["error"]
    assert error["details"]["field"] == field
    assert fix in error["message"]
    assert not (tmp_path / "out" / "reel.mp4").exists()


def test_hdr_is_refused_unless_it_is_to_be_mapped(dailies: Dailies, tmp_path: Path) -> None:
    """PQ by its stream's tags; mapped, the film is BT.709 by measurement."""
    media = tmp_path / "pq.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=4", "-c:v", "libx265", "-preset", "ultrafast",
           "-pix_fmt", "yuv420p10le", "-x265-params",
           "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:range=limited:log-level=none", media)  # fmt: skip
    wish = {"kind": "video", "preset": "ultrafast", "segments": [{"start": 1, "end": 2}, {"start": 3, "end": 4}]}
    error = run(dailies, media, tmp_path / "out", wish, code=3)["error"]
    assert error["code"] == "hdr_source"
    assert "hdr: tonemap" in error["message"]
    output = run(dailies, media, tmp_path / "out", {**wish, "hdr": "tonemap"})["outputs"]["reel"]
    assert output["video"]["color"] == "bt709/bt709/bt709/tv"
    assert failed(output) == []


def test_a_budget_below_the_estimate_is_refused_before_anything_runs(dailies: Dailies, tmp_path: Path) -> None:
    media = source(tmp_path / "talk.mp4")
    wish = {"kind": "video", "preset": "ultrafast", "segments": [{"start": 1, "end": 3}]}
    error = run(dailies, media, tmp_path / "out", wish, code=3, budget_usd=1e-9)["error"]
    assert (error["code"], error["details"]["field"]) == ("over_budget", "budget_usd")
    document = run(dailies, media, tmp_path / "out", wish, budget_usd=5)
    assert {check["name"]: check["passed"] for check in document["checks"]}["cost"]


def test_a_job_that_runs_over_its_budget_is_stopped(dailies: Dailies, tmp_path: Path) -> None:
    """The encode hangs, by a signal: when the worker has cost what was allowed, FFmpeg is gone and nothing is left."""
    media, recipe = source(tmp_path / "talk.mp4"), tmp_path / "recipe.json"
    wish = {"kind": "video", "preset": "veryslow", "segments": [{"start": 1, "end": 39}]}
    recipe.write_text(json.dumps({"outputs": {"reel": wish}}))
    estimate = dailies("plan", media, "--recipe", recipe)["estimate"]["cost_usd"]
    recipe.write_text(json.dumps({"outputs": {"reel": wish}, "budget_usd": estimate * 3}))
    process = dailies.start("run", media, "--recipe", recipe, "--out", tmp_path / "out", "--json")
    dailies.process("libx264")
    dailies.kill("libx264", number=signal.SIGSTOP)
    error = dailies.finish(process, code=3)["error"]
    assert error["code"] == "over_budget"
    dailies.end()
    assert dailies.leftovers() == []
    assert not (tmp_path / "out").exists()


SPEECH = (  # syllables with pauses from 10 to 30 s, a held chord before and after
    "aevalsrc='if(between(t,10,30),0.2*sin(2*PI*700*t)*max(0,sin(2*PI*2.2*t))*lt(mod(t,5),4.4)"
    ",0.03*sin(2*PI*220*t)+0.03*sin(2*PI*330*t))':s=48000:d=40"
)


def test_highlights_are_where_somebody_speaks_and_are_explained(
    dailies: Dailies, probe_host: ProbeHost, tmp_path: Path
) -> None:
    """At most as many as asked and as long as asked; each score with its terms; the same in another store."""
    media = source(tmp_path / "long.mp4", sound=SPEECH, seconds=40)
    auto = {"auto": {"count": 2, "min": 5, "max": 9}}
    output = reel(dailies, media, tmp_path / "out", segments=auto, normalize={})
    assert failed(output) == []
    assert len(output["segments"]) == 2
    for segment in output["segments"]:
        assert 9 <= segment["source_start"] < segment["source_end"] <= 31
        assert 4.9 <= segment["source_end"] - segment["source_start"] <= 9.1
        assert sum(term["points"] for term in segment["terms"]) == pytest.approx(100 * segment["score"], abs=0.1)
        assert {term["name"] for term in segment["terms"]} == {"speech", "dynamics", "scenes", "silence", "bounds"}
    other = another(tmp_path / "other", probe_host)
    again = reel(other, media, tmp_path / "again", segments=auto, normalize={})
    assert (again["segments"], again["sha256"]) == (output["segments"], output["sha256"])


def test_changing_the_look_keeps_the_measurement_and_the_sound(dailies: Dailies, tmp_path: Path) -> None:
    """What is seen is encoded again, and nothing else."""
    media = source(tmp_path / "talk.mp4")
    wish = {"kind": "video", "preset": "ultrafast", "segments": [{"start": 1, "end": 3}], "normalize": {}}
    run(dailies, media, tmp_path / "one", wish)
    steps = run(dailies, media, tmp_path / "two", {**wish, "crf": 30})["steps"]
    assert [step["kind"] for step in steps if step["status"] == "done"] == ["edit"]
