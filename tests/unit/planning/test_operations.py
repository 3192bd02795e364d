"""Every step kind is found by its name, and is what the planner takes it for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, ClassVar, get_args

import jsonschema
import pytest

from dailies import operations
from dailies.cli.schemas import schema_texts
from dailies.domain.errors import InvalidRecipe, OverBudget
from dailies.domain.recipe.recipe import Recipe, parse_recipe
from dailies.media.toolbox import Toolbox
from dailies.operations import KINDS, Ports, operation_of
from dailies.operations.deliverables.abr import AbrOperation
from dailies.operations.deliverables.audio import AudioOperation
from dailies.operations.deliverables.storyboard import StoryboardOperation
from dailies.operations.deliverables.subtitles import SubtitlesOperation
from dailies.operations.deliverables.thumbnail import ThumbnailOperation
from dailies.operations.deliverables.timelapse import TimelapseOperation
from dailies.operations.deliverables.transcript import TranscriptOperation
from dailies.operations.deliverables.video import VideoOperation
from dailies.operations.deliverables.waveform import WaveformOperation
from dailies.operations.steps.assemble import AssembleOperation
from dailies.operations.steps.chunk import ChunkOperation
from dailies.operations.steps.cuts import CutsOperation
from dailies.operations.steps.edit import EditOperation
from dailies.operations.steps.edit_chunk import EditChunkOperation
from dailies.operations.steps.edit_levels import EditLevelsOperation
from dailies.operations.steps.edit_mix import EditMixOperation
from dailies.operations.steps.highlights import HighlightsOperation
from dailies.operations.steps.level import LevelOperation
from dailies.operations.steps.measure import MeasureOperation
from dailies.operations.steps.probe import ProbeOperation
from dailies.planning.compiler import compile_plan
from dailies.planning.operation import Deliverable, Operation, Produced, Registry, StepRun, Unfolds
from dailies.ports.transcriber import Capabilities, SpeechChoice
from dailies.settings import read_settings
from tests.fakes.scripted_engine import ScriptedEngine
from tests.unit.planning.test_keys import INFO

# The annotations are the test here: mypy holds each class against its protocol.
DELIVERABLES: list[Callable[[Toolbox], Deliverable]] = [
    AbrOperation, AudioOperation, StoryboardOperation, ThumbnailOperation, TimelapseOperation, VideoOperation,
    WaveformOperation,
]  # fmt: skip
WITHIN: list[Callable[[Toolbox], Operation]] = [
    AssembleOperation, ChunkOperation, CutsOperation, EditChunkOperation, EditLevelsOperation,
    EditMixOperation, EditOperation, HighlightsOperation, LevelOperation, MeasureOperation, ProbeOperation,
]  # fmt: skip
UNFOLDING: list[type[Unfolds]] = [EditOperation, SubtitlesOperation, TranscriptOperation]
TOOLBOX = Toolbox(read_settings({}))


@pytest.mark.parametrize("make", [*DELIVERABLES, *WITHIN])
def test_a_kind_is_where_its_name_says(make: Callable[[Toolbox], Operation]) -> None:
    """The registry imports a module by the kind's name."""
    assert isinstance(operation_of(make(TOOLBOX).kind, Ports(TOOLBOX)), type(make(TOOLBOX)))


def test_every_kind_of_output_is_delivered() -> None:
    """What a recipe may ask for is what there are deliverables for."""
    for kind, operation in KINDS.items():
        assert get_args(operation.output.model_fields["kind"].annotation) == (kind,)
        assert operation.kind == kind
    assert {make(TOOLBOX).kind for make in DELIVERABLES} <= set(KINDS)


def test_a_deliverable_has_no_step_s_name() -> None:
    """The step of that name would be made in its place."""
    steps = import_module("dailies.operations.steps").__path__
    assert {module.name.replace("_", "-") for module in iter_modules(steps)} & set(KINDS) == set()


def test_a_stored_output_that_its_kind_refuses_by_now_is_refused() -> None:
    """Its model may have changed since; the planner names the output."""
    registry = Registry(lambda kind: operation_of(kind, Ports(TOOLBOX)))
    stored = Recipe.model_validate({"outputs": {"a": {"kind": "audio", "format": "mp3", "colour": "red"}}})
    with pytest.raises(InvalidRecipe, match="colour"):
        registry.for_output(stored.outputs["a"])


def test_a_job_whose_kind_is_gone_says_so() -> None:
    """The package that had it was removed; our own modules that are no kinds are none either."""
    for kind in ("deliverables", "media-step", "os", "sync", "tagging", "gone"):
        with pytest.raises(InvalidRecipe, match=f"{kind} is not installed"):
            operation_of(kind, Ports(TOOLBOX))


class Spoken:
    """A kind of another package that needs a speech engine: it says so, and no table has to know."""

    ports: ClassVar[tuple[str, ...]] = ("speech", "toolbox")

    def __init__(self, speech: Callable[[], SpeechChoice], toolbox: Toolbox) -> None:
        self.had = (speech, toolbox)

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        yield from ()


def test_a_kind_is_made_with_the_ports_that_it_states(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "_found", {"spoken": Spoken}.__getitem__)
    ports = Ports(TOOLBOX, lambda: SpeechChoice(ScriptedEngine(), ""))
    made: Any = operation_of("spoken", ports)
    assert made.had == (ports.speech, TOOLBOX)
    monkeypatch.setattr(Spoken, "ports", ("thoughts",))
    with pytest.raises(InvalidRecipe, match="spoken needs 'thoughts'"):
        operation_of("spoken", ports)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_s_example_is_planned(kind: str) -> None:
    """It asks for that kind, costs something, names a file, and is what the published schema takes."""
    example = KINDS.example(kind)
    jsonschema.validate(example, json.loads(schema_texts()["recipe.schema.json"]))
    recipe = parse_recipe(example, KINDS)
    assert {output.kind for output in recipe.outputs.values()} == {kind}
    registry = Registry(lambda kind: operation_of(kind, Ports(TOOLBOX, lambda: SpeechChoice(ScriptedEngine(), ""))))
    plan = compile_plan(recipe, INFO, registry)
    for name, output in recipe.outputs.items():
        step = plan[plan.outputs[name]]
        assert step.estimate.cpu_seconds > 0
        assert type(step.params).model_validate_json(step.params.model_dump_json()) == step.params
        deliverable, wish = registry.for_output(output)
        assert deliverable.file_name(name, wish).startswith(name)


class OnlyEnglish(ScriptedEngine):
    """An engine of one language, that takes no hints."""

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), languages=frozenset({"en"}), hints=False)


class Translator(ScriptedEngine):
    """An engine that does all."""

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), translation=True)


class Dear(ScriptedEngine):
    """A server that takes dollars."""

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), remote=True, usd_per_minute=0.006)


@pytest.mark.parametrize("wish", [{"kind": "transcript"}, {"kind": "subtitles", "text_from": "speech"}])
def test_what_a_speech_server_charges_is_bounded_before_it_is_asked(wish: dict[str, Any]) -> None:
    """All of the source, and as much again of what came back without words."""
    registry = Registry(lambda kind: operation_of(kind, Ports(TOOLBOX, lambda: SpeechChoice(Dear(), ""))))
    recipe = parse_recipe({"outputs": {"words": wish}}, KINDS)
    most = compile_plan(recipe, INFO, registry).estimate.external_usd
    assert most == pytest.approx(2 * 0.006 * (INFO.duration_seconds or 0) / 60)
    with pytest.raises(OverBudget):
        compile_plan(recipe.model_copy(update={"budget_usd": most}), INFO, registry)


@pytest.mark.parametrize(
    ("wish", "code", "field"),
    [
        ({"kind": "transcript", "language": "nl"}, "language_unknown", "outputs.words.language"),
        ({"kind": "subtitles", "text_from": "speech", "language": "nl"}, "language_unknown", "outputs.words.language"),
        ({"kind": "transcript", "translate": True}, "no_translation", "outputs.words.translate"),
        ({"kind": "subtitles", "translate": True}, "no_translation", "outputs.words.translate"),
        ({"kind": "transcript", "speakers": "voices"}, "no_speakers", "outputs.words.speakers"),
        ({"kind": "subtitles", "speakers_from": "voices"}, "no_speakers", "outputs.words.speakers_from"),
        ({"kind": "transcript", "prompt": "A talk"}, "no_hints", "outputs.words.prompt"),
        ({"kind": "video", "burn_in": {"vocabulary": ["Norland"]}}, "no_hints", "outputs.words.burn_in.vocabulary"),
    ],
)
def test_what_the_speech_engine_can_t_do_is_refused_before_anything_runs(
    wish: dict[str, Any], code: str, field: str
) -> None:
    registry = Registry(lambda kind: operation_of(kind, Ports(TOOLBOX, lambda: SpeechChoice(OnlyEnglish(), ""))))
    with pytest.raises(InvalidRecipe) as error:
        compile_plan(parse_recipe({"outputs": {"words": wish}}, KINDS), INFO, registry)
    assert (error.value.error_code, error.value.details["field"]) == (code, field)


def test_subtitles_have_the_words_of_the_transcript_that_was_asked_for_alike() -> None:
    """Other hints, or a translation, are other words; the source's own text track is none of them."""
    registry = Registry(lambda kind: operation_of(kind, Ports(TOOLBOX, lambda: SpeechChoice(Translator(), ""))))

    def transcripts(words: dict[str, Any], shown: dict[str, Any]) -> int:
        outputs = {"words": {"kind": "transcript", **words}, "shown": {"kind": "subtitles", **shown}}
        plan = compile_plan(parse_recipe({"outputs": outputs}, KINDS), INFO, registry)
        return len([step for step in plan.steps if step.kind == "transcript"])

    speech = {"text_from": "speech"}
    assert transcripts({}, {}) == 1  # the text track is shown
    assert transcripts({}, speech) == 1
    assert transcripts({"prompt": "A talk", "mask": []}, speech) == 1
    assert transcripts({"translate": True}, speech) == 2
    assert transcripts({}, {"translate": True}) == 2
    assert transcripts({"translate": True}, {"translate": True}) == 1
    assert transcripts({"vocabulary": ["Norland"]}, {"vocabulary": ["Norland"]}) == 1
    assert transcripts({"vocabulary": ["Norland"]}, {"vocabulary": ["Barton"]}) == 2
    assert transcripts({"speakers": "channels"}, speech) == 1
    assert transcripts({"speakers": "channels"}, {"speakers_from": "channels"}) == 1
    assert transcripts({}, {"speakers_from": "channels"}) == 2


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"kind": "transcript", "speaker_names": ["Ann"]}, "ask for speakers"),
        ({"kind": "subtitles", "speaker_names": ["Ann"]}, "ask for speakers_from"),
        ({"kind": "transcript", "speakers": "channels", "speaker_names": ["a", "b", "c"]}, "too many for two channels"),
    ],
)
def test_names_of_nobody_are_refused(wish: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRecipe, match=message):
        parse_recipe({"outputs": {"words": wish}}, KINDS)


@pytest.mark.parametrize("track", [{"text_from": "track"}, {"subtitle_track": 0}])
def test_hints_for_a_track_of_text_are_refused(track: dict[str, Any]) -> None:
    with pytest.raises(InvalidRecipe, match="vocabulary is for what is said"):
        parse_recipe({"outputs": {"shown": {"kind": "subtitles", "vocabulary": ["Norland"], **track}}}, KINDS)
