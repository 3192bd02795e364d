"""The planner: same recipe, same keys; one output's change leaves the others alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from hypothesis import given, strategies as st

from dailies.domain.errors import PermanentError, SourceRefused, record_of
from dailies.domain.model import Model
from dailies.domain.recipe.fields import Output
from dailies.domain.recipe.recipe import Recipe
from dailies.domain.source.media_info import AudioStream, MediaInfo
from dailies.operations.deliverables.audio import AudioOutput
from dailies.planning.compiler import compile_plan
from dailies.planning.operation import (
    MAIN_FILE,
    Estimate,
    FileOf,
    Known,
    Needs,
    Placement,
    Produced,
    Registry,
    Request,
    StepRun,
)
from dailies.planning.plan import NoParams, Plan, StepFile, reasons_of, step_key


class Params(Model):
    start: float = 0.0
    format: str = ""


class Fake:
    """An operation that needs what its class says and runs nothing."""

    version: ClassVar[str] = "1"
    placement: ClassVar[Placement] = Placement.MEDIA
    uses_ffmpeg: ClassVar[bool] = True

    def __init__(self, kind: str, needs: Mapping[str, Request] | None = None) -> None:
        self.kind = kind
        self._needs = needs or {}

    def needs(self, params: Any, known: Known) -> Needs:
        return self._needs

    def estimate(self, params: Any, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=info.duration_seconds or 0.0)

    def fuse(self, params: Any) -> str | None:
        return None

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        raise AssertionError("the planner runs nothing")


class FakeAudio(Fake):
    output = AudioOutput

    def request(self, field: str, output: AudioOutput, info: MediaInfo) -> Request:
        if not info.audio:
            raise SourceRefused("no audio", code="no_audio")
        return Request("audio", Params(start=output.start or 0.0, format=output.format))

    def file_name(self, name: str, output: Output) -> str:
        return name


MEASURE = Request("measure", Params())
FAKES: list[Any] = [Fake("probe"), Fake("measure"), FakeAudio("audio", {"measure": MEASURE})]
REGISTRY = Registry({fake.kind: fake for fake in FAKES}.__getitem__)
AUDIO = AudioStream(index=0, track=0, codec="aac", sample_rate_hz=48000, channels=2, layout="stereo")
INFO = MediaInfo(container="mp4", duration_seconds=10, duration_from="header", size_bytes=1, audio=(AUDIO,))


def recipe(**starts: float) -> Recipe:
    return Recipe(outputs={name: AudioOutput(format="mp3", start=start) for name, start in starts.items()})


def keys(plan: Plan, source: str = "s", toolchain: str = "t") -> dict[str, str]:
    """Every step's key, with each step's key standing in for its artifact's digest."""
    found: dict[str, str] = {}
    for step in plan.steps:
        inputs = {role: found[needed] for role, needed in step.needs.items()}
        found[step.id] = step_key(step, source_digest=source, toolchain=toolchain, inputs=inputs)
    return found


starts = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.floats(0, 9, allow_nan=False), min_size=1, max_size=3)


@given(starts)
def test_the_same_recipe_gives_the_same_keys(wish: dict[str, float]) -> None:
    """Compiling twice, with the outputs in another order, gives the same steps and keys."""
    first = compile_plan(recipe(**wish), INFO, REGISTRY)
    second = compile_plan(recipe(**dict(reversed(wish.items()))), INFO, REGISTRY)
    assert keys(first) == keys(second)
    assert first.outputs == second.outputs


@given(starts, st.floats(0, 9, allow_nan=False))
def test_changing_one_output_leaves_the_others_alone(wish: dict[str, float], other: float) -> None:
    """Re-editing one output reruns only its own steps."""
    changed = min(wish)
    before = compile_plan(recipe(**wish), INFO, REGISTRY)
    after = compile_plan(recipe(**(wish | {changed: other})), INFO, REGISTRY)
    for name in wish.keys() - {changed}:
        assert keys(before)[before.outputs[name]] == keys(after)[after.outputs[name]]


def test_shared_steps_are_planned_once() -> None:
    """Two outputs that need the same measurement share it; each step comes after what it needs."""
    plan = compile_plan(recipe(a=1, b=2), INFO, REGISTRY)
    assert [step.kind for step in plan.steps] == ["probe", "measure", "audio", "audio"]
    assert [step.label for step in plan.steps] == ["probe", "measure", "a", "b"]


def test_equal_outputs_are_one_step_with_two_names() -> None:
    """The same wish under two names is made once and delivered twice."""
    plan = compile_plan(recipe(a=1, b=1), INFO, REGISTRY)
    assert plan.outputs["a"] == plan.outputs["b"]


@pytest.mark.parametrize("change", ["source", "toolchain"])
def test_another_source_or_ffmpeg_gives_other_keys(change: str) -> None:
    """Nothing made from other bytes or by another FFmpeg build is reused."""
    plan = compile_plan(recipe(a=1), INFO, REGISTRY)
    before, after = keys(plan), keys(plan, **{change: "other"})
    assert all(before[step] != after[step] for step in before)


def test_a_refusal_names_the_output() -> None:
    """What the source lacks is refused with the path of the output that asked for it."""
    with pytest.raises(SourceRefused) as refused:
        compile_plan(recipe(a=1), INFO.model_copy(update={"audio": ()}), REGISTRY)
    assert refused.value.details["field"] == "outputs.a"


def optional(**formats: bool) -> Recipe:
    """Outputs that need sound, by name and whether they are optional."""
    return Recipe(outputs={name: AudioOutput(format="mp3", optional=wish) for name, wish in formats.items()})


SILENT = INFO.model_copy(update={"audio": ()})


def test_an_optional_output_that_is_refused_is_left_out_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """No step of it is planned; the others' are."""
    sound, late = AudioOutput(format="mp3", optional=True), AudioOutput(format="mp3", start=5)
    wish = Recipe(outputs={"sound": sound, "late": late})
    resolve = FakeAudio.request

    def request(self: FakeAudio, field: str, output: AudioOutput, info: MediaInfo) -> Request:
        return resolve(self, field, output, INFO if output.start else info)

    monkeypatch.setattr(FakeAudio, "request", request)
    plan = compile_plan(wish, SILENT, REGISTRY)
    assert list(plan.outputs) == ["late"]
    assert reasons_of(plan.left_out) == {"sound": {"code": "no_audio", "message": "no audio"}}
    assert [step.kind for step in plan.steps] == ["probe", "measure", "audio"]


def test_where_no_optional_output_is_possible_all_reasons_are_given() -> None:
    """One output's error is the job's own; that of several names each."""
    with pytest.raises(SourceRefused, match=r"^no audio$"):
        compile_plan(optional(a=True), SILENT, REGISTRY)
    with pytest.raises(SourceRefused) as refused:
        compile_plan(optional(a=True, b=True), SILENT, REGISTRY)
    assert refused.value.error_code == "no_audio"
    assert refused.value.message == "None of the outputs can be made of this source. a: no audio; b: no audio."


def test_outputs_that_fail_each_in_its_way_have_a_code_of_their_own() -> None:
    """With the reasons by name, for programs."""
    plan = compile_plan(optional(a=True, b=True), INFO, REGISTRY)
    [step] = {*plan.outputs.values()}
    left = replace(plan, outputs={"a": step}, left_out={"b": record_of(SourceRefused("HDR.", code="hdr_source"))})
    with pytest.raises(PermanentError) as refused:
        left.without({step: record_of(PermanentError("FFmpeg failed.", code="ffmpeg_failed"))})
    assert refused.value.error_code == "nothing_possible"
    assert refused.value.details["left_out"] == {
        "a": {"code": "ffmpeg_failed", "message": "FFmpeg failed."},
        "b": {"code": "hdr_source", "message": "HDR."},
    }


def test_a_required_output_that_is_refused_ends_it_whatever_the_others_are() -> None:
    with pytest.raises(SourceRefused):
        compile_plan(optional(a=True, b=False), SILENT, REGISTRY)


class FakeMix(Fake):
    """Makes a file of a tenth of the source's length."""

    def made_info(self, params: Params, info: MediaInfo) -> MediaInfo:
        return info.model_copy(update={"duration_seconds": (info.duration_seconds or 0.0) / 10})


def fed_plan(source: FileOf | None) -> Plan:
    """An output that needs the measurement of its source, and one of the file of the step ``mix``."""
    measured = Request("measure", Params(), source)
    nothing = {"probe": Request("probe", NoParams())}
    needs = {"measure": measured, "own": Request("measure", Params())}
    fakes: list[Any] = [
        Fake("probe"), Fake("measure", nothing), FakeMix("mix", nothing), FakeAudio("audio", needs)
    ]  # fmt: skip
    return compile_plan(recipe(a=1), INFO, Registry({fake.kind: fake for fake in fakes}.__getitem__))


def test_what_a_step_needs_is_of_the_file_that_it_reads() -> None:
    """A measurement of another step's file rests on a probe of that file; none of the two is the source's."""
    plan = fed_plan(FileOf(Request("mix", Params())))
    assert [step.label for step in plan.steps] == ["probe", "mix", "probe-2", "measure", "measure-2", "a"]
    _, mix, probe, fed, own, _ = plan.steps
    assert probe.source == fed.source == StepFile(mix.id, MAIN_FILE)
    assert (fed.needs, own.needs) == ({"probe": probe.id}, {"probe": "probe"})
    assert not fed.reads_job_source
    assert (mix.source, own.source) == (None, None)
    assert fed.rests_on == {mix.id, probe.id}
    assert fed_plan(None).steps[1].needs == {"probe": "probe"}


def test_a_step_is_estimated_by_the_file_that_it_reads() -> None:
    """Of which no more is known than what makes it says."""
    _, mix, _, fed, own, _ = fed_plan(FileOf(Request("mix", Params()))).steps
    assert [step.estimate.cpu_seconds for step in (mix, fed, own)] == [10, 1, 10]


def test_steps_of_different_files_share_no_run() -> None:
    """Nor one of a file with one of the source, however alike."""

    class Fused(Fake):
        def fuse(self, params: Any) -> str | None:
            return "together"

    needs = {
        role: Request("measure", Params(), FileOf(Request("mix", Params()), role)) for role in ("left", "right")
    }  # fmt: skip
    fakes: list[Any] = [Fake("probe"), Fused("measure"), Fake("mix"), FakeAudio("audio", {**needs, "own": MEASURE})]
    plan = compile_plan(recipe(a=1), INFO, Registry({fake.kind: fake for fake in fakes}.__getitem__))
    fuses = [step.fuse for step in plan.steps if step.kind == "measure"]
    assert len(set(fuses)) == 3
    assert "together" in fuses


def test_a_step_within_a_file_s_may_ask_for_the_job_s_own_source() -> None:
    """It says so; nothing else leads back."""
    needs = {"measure": Request("measure", Params(), FileOf(Request("mix", Params())))}
    within = {"probe": Request("probe", NoParams(), "job")}
    fakes: list[Any] = [Fake("probe"), Fake("measure", within), Fake("mix"), FakeAudio("audio", needs)]
    plan = compile_plan(recipe(a=1), INFO, Registry({fake.kind: fake for fake in fakes}.__getitem__))
    assert plan.steps[-2].needs == {"probe": "probe"}


class Quiet(Fake):
    """A media step that reads no source."""

    reads_source: ClassVar[bool] = False


def test_the_source_is_in_the_keys_of_those_who_read_it() -> None:
    """Whoever reads none is keyed by what it is given alone, and has the same key for any source."""
    fakes: list[Any] = [Fake("probe"), Quiet("measure"), FakeAudio("audio", {"measure": MEASURE})]
    plan = compile_plan(recipe(a=1), INFO, Registry({fake.kind: fake for fake in fakes}.__getitem__))
    before, after = keys(plan, source="one"), keys(plan, source="other")
    changed = {plan[step].kind for step in before if before[step] != after[step]}
    assert changed == {"probe", "audio"}
