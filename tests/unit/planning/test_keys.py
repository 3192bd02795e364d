"""The keys of real recipes: every kind of output, in any company, by the operations that will make them."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given, settings, strategies as st

from dailies.domain.recipe.recipe import parse_recipe
from dailies.domain.source.media_info import AudioStream, MediaInfo, OtherStream, VideoStream
from dailies.media.toolbox import Toolbox
from dailies.operations import KINDS, Ports, operation_of
from dailies.planning.compiler import compile_plan
from dailies.planning.operation import Registry
from dailies.planning.plan import Plan, step_key
from dailies.ports.transcriber import SpeechChoice
from dailies.settings import read_settings
from tests.fakes.scripted_engine import ScriptedEngine
from tests.kinds import examples

TOOLBOX = Toolbox(read_settings({}))
REGISTRY = Registry(lambda kind: operation_of(kind, Ports(TOOLBOX, lambda: SpeechChoice(ScriptedEngine(), ""))))
VIDEO = VideoStream(
    index=0, track=0, codec="h264", coded_width=1280, coded_height=720, width=1280, height=720, frame_rate="30/1",
    pixel_format="yuv420p", color_primaries="bt709", color_transfer="bt709", color_matrix="bt709", color_range="tv",
)  # fmt: skip
TEXT = OtherStream(index=2, kind="subtitle", codec="mov_text", language="eng")
AUDIO = AudioStream(index=1, track=0, codec="aac", sample_rate_hz=48000, channels=2, layout="stereo")
# Long enough for its films to be encoded in chunks.
INFO = MediaInfo(
    container="mp4",
    duration_seconds=600,
    duration_from="header",
    size_bytes=1,
    video=(VIDEO,),
    audio=(AUDIO,),
    other=(TEXT,),
)

Output = dict[str, Any]


def output(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Output]:
    """One of ``kind``; a field that is drawn as None is left out."""
    drawn = st.fixed_dictionaries({"kind": st.just(kind), **fields})
    return drawn.map(lambda found: {name: value for name, value in found.items() if value is not None})


normalize = st.sampled_from([None, {}, {"integrated_lufs": -14}, {"true_peak_dbtp": -2}])
trims: dict[str, st.SearchStrategy[Any]] = {
    "start": st.sampled_from([None, 0, 1.5, 30]),
    "end": st.sampled_from([None, 60, 599.5]),
}
segments = st.sampled_from(
    [[{"start": 1, "end": 20}], [{"start": 1, "end": 20, "transition": "fade"}, {"start": 90, "end": 120}],
     {"auto": {"count": 2}}]
)  # fmt: skip
outputs = st.one_of(
    output(
        "audio",
        format=st.sampled_from(["mp3", "wav", "ogg", "opus", "m4a", "flac"]),
        quality=st.sampled_from([None, "low", "high"]),
        channels=st.sampled_from([None, 1]),
        normalize=normalize,
        **trims,
    ),
    output("video", height=st.sampled_from([None, 360]), crf=st.sampled_from([None, 30]), normalize=normalize, **trims),
    output("video", segments=segments, aspect=st.sampled_from([None, "9:16"]), normalize=normalize),
    output("abr", normalize=normalize),
    output("thumbnail", height=st.sampled_from([None, 90])),
    output("storyboard", count=st.sampled_from([4, 9])),
    output("timelapse", speed=st.sampled_from([2, 60]), fps=st.sampled_from([5, 30])),
    output("waveform", width=st.sampled_from([None, 640])),
    st.sampled_from(list(examples().values())),
)
wishes = st.dictionaries(st.sampled_from("abcdef"), outputs, min_size=1, max_size=5)


def plan_of(wish: dict[str, Output]) -> Plan:
    return compile_plan(parse_recipe({"outputs": wish}, KINDS), INFO, REGISTRY)


def keys_of(plan: Plan) -> dict[str, str]:
    """The key of each output's step and, in it, of all that it needs: a step's key stands for its artifact's digest."""
    keys: dict[str, str] = {}
    for step in plan.steps:
        inputs = {role: keys[needed] for role, needed in step.needs.items()}
        keys[step.id] = step_key(step, source_digest="source", toolchain="ffmpeg", inputs=inputs)
    return {name: keys[step] for name, step in plan.outputs.items()}


@settings(max_examples=60)
@given(wishes)
def test_the_order_of_outputs_is_nothing(wish: dict[str, Output]) -> None:
    """The same recipe, written down in another order, has the same steps and the same keys."""
    plan, other = plan_of(wish), plan_of(dict(reversed(wish.items())))
    assert keys_of(plan) == keys_of(other)
    assert {step.id for step in plan.steps} == {step.id for step in other.steps}


#: Made of the others, or in keeping with them.
_COMPANIONS = {"package", "subtitles"}


def _goes_along(output: Output) -> bool:
    """Segments that are found keep to the sentences of the job's transcript."""
    return output["kind"] in _COMPANIONS or isinstance(output.get("segments"), dict)


@settings(max_examples=60)
@given(wishes, outputs)
def test_an_output_is_the_same_in_any_company(wish: dict[str, Output], other: Output) -> None:
    """Alone, or beside others that are changed: what is fused with it is no part of its key."""
    wish = {name: output for name, output in wish.items() if not _goes_along(output)}
    assume(wish)
    together = keys_of(plan_of(wish))
    changed = min(wish)
    after = keys_of(plan_of(wish | {changed: other}))
    for name, alone in wish.items():
        assert keys_of(plan_of({name: alone}))[name] == together[name]
        if name != changed:
            assert after[name] == together[name]


@settings(max_examples=60)
@given(outputs, outputs)
def test_another_wish_is_another_step(one: Output, other: Output) -> None:
    """Two names share a step only where it would make the same bytes: what differs is in the key, unless it is idle."""
    keys = keys_of(plan_of({"one": one, "other": other}))
    if one == other:
        assert keys["one"] == keys["other"]
    elif one["kind"] != other["kind"]:
        assert keys["one"] != keys["other"]


def test_films_of_the_same_parts_share_a_run() -> None:
    """Whatever their shape, quality and sound; of other parts of the source they don't."""
    parts = [{"start": 1, "end": 3}, {"start": 5, "end": 6}]
    wish: dict[str, Output] = {
        "wide": {"kind": "video", "segments": parts},
        "high": {"kind": "video", "segments": parts, "aspect": "9:16", "quality": "low", "normalize": {}},
        "short": {"kind": "video", "segments": parts[:1]},
        "whole": {"kind": "video"},
    }
    plan = plan_of(wish)
    steps = {step.id: step for step in plan.steps}
    fuses = {name: steps[plan.outputs[name]].operation.fuse(steps[plan.outputs[name]].params) for name in wish}
    assert fuses["wide"] == fuses["high"]
    assert len(set(fuses.values())) == 3
