"""Any recipe of any source: a refusal, or argument lists that are ours alone, with finite numbers and whole graphs.

The steps run as they would, one after another, with a toolbox in FFmpeg's place that reads the arguments and answers
with lists of packets. What needs FFmpeg's work first is given to them.
"""

from __future__ import annotations

import json
import math
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

from hypothesis import assume, given, strategies as st

from dailies.cli.schemas import schema_texts
from dailies.domain.errors import DailiesError
from dailies.domain.loudness.level import Level
from dailies.domain.recipe.recipe import parse_recipe
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.stop import StopToken
from dailies.media.ffmpeg import RunReport
from dailies.media.graphs.film.separate_graphs import separated
from dailies.media.run import ffmpeg_flags
from dailies.media.run.find_ffmpeg import FFmpeg
from dailies.media.toolbox import Toolbox
from dailies.operations import KINDS, Ports, operation_of
from dailies.planning.compiler import compile_plan
from dailies.planning.operation import Artifact, Registry, StepRun
from dailies.planning.plan import Plan, Step
from dailies.settings import read_settings
from tests.unit.media.child_facts import CANARY, child_facts
from tests.unit.media.test_fuzzed_facts import looked_at

from .from_schema import documents

SCHEMA = json.loads(schema_texts()["recipe.schema.json"])
OUTPUT = SCHEMA["properties"]["outputs"]["additionalProperties"]
#: With the words of expressions that only look like them taken out: isnan(…).
NO_NUMBER = re.compile(r"(?<![A-Za-z_])[+-]?(nan|inf)(?![A-Za-z_(])", re.IGNORECASE)
LINK = r"\[\w+(?::\w+)*\]"
#: A filter, or a chain of them, between its links, or up to a sink; its arguments have no brackets but those.
FILTER = re.compile(rf"((?:{LINK})+)([a-z0-9_]+)(=[^\[\]]*)?((?:{LINK})+|(?<=,anullsink))", re.DOTALL)
MEASURED = {"step_seconds": 0.1, "sample_peak_dbfs": -3.0, "decoded_seconds": 3.0}


class FFmpegRan(DailiesError):
    """The step came to a run whose outcome only FFmpeg knows."""


class ReadingToolbox(Toolbox):
    """Holds each run's arguments to the rules; packets are listed as the test has them."""

    def __init__(self, packets: Sequence[str], settings: Mapping[str, str], libavcodec: tuple[int, ...]) -> None:
        super().__init__(read_settings({"DAILIES_HOME": "/nowhere", **settings}))
        self._packets = packets
        self._found = FFmpeg(Path("/nowhere/ffmpeg"), "", "build", frozenset(), frozenset(), libavcodec)

    def ffmpeg(self) -> FFmpeg:
        return self._found

    def run(  # type: ignore[override]
        self,
        arguments: Sequence[str],
        *,
        media_seconds: float | None,
        on_line: Callable[[str], None] | None = None,
        **_: Any,
    ) -> RunReport | None:
        check_arguments(arguments)
        assert media_seconds is None or math.isfinite(media_seconds)
        if on_line is None or not {"copy", "framecrc"} <= set(arguments):
            raise FFmpegRan("that is far enough")
        for line in self._packets:
            on_line(line)
        return None


def check_arguments(arguments: Sequence[str]) -> None:
    ffmpeg_flags.guarded(separated(arguments))  # raises for an input that is no plain name
    for word in arguments:
        assert word.isprintable()
        assert CANARY not in word
        assert not NO_NUMBER.search(word), word
    assert re.fullmatch(r"-|file:[\w.%-]+", arguments[-1])
    for option, graph in pairwise(arguments):
        if option == "-filter_complex":
            check_graph(graph)


def check_graph(graph: str) -> None:
    """Every link is made once and read once, every filter has a name, every quotation ends."""
    made: Counter[str] = Counter()
    read: Counter[str] = Counter()
    for part in filters(graph):
        found = FILTER.fullmatch(part)
        assert found is not None, part
        read.update(re.findall(LINK, found[1]))
        made.update(re.findall(LINK, found[4]))
    inner = {link: count for link, count in read.items() if ":" not in link}
    assert set(made.values()) <= {1}
    assert inner.keys() <= made.keys()
    assert set(inner.values()) <= {1}


def filters(graph: str) -> Iterator[str]:
    """The graph at its semicolons, but for those that are quoted or escaped."""
    part, quoted, rest = "", False, iter(graph)
    for letter in rest:
        if letter == ";" and not quoted:
            yield part
            part = ""
            continue
        part += letter
        if letter == "\\" and not quoted:
            part += next(rest)
        quoted ^= letter == "'"
    assert not quoted, graph
    yield part


@st.composite
def packets(draw: st.DrawFn) -> list[str]:
    """FFmpeg's ``framecrc`` of a track whose clock does as it likes."""
    tick = draw(st.sampled_from(["1/90000", "1/1000", "1/25", "1001/30000", "1/1"]))
    step = draw(st.sampled_from([3600, 40, 1, 0, 2**40]) | st.integers(0, 200_000))
    moment = draw(st.just(0) | st.integers(-(2**33), 2**33))
    odd = draw(
        st.dictionaries(st.integers(0, 60), st.tuples(st.integers(-(2**40), 2**40), st.integers(0, 31)), max_size=4)
    )
    lines = [f"#tb 0: {tick}"]
    for number in range(draw(st.integers(0, 60))):
        jump, flags = odd.get(number, (0, int(number % 12 == 0)))
        moment += step + jump
        lines.append(f"0, {moment:10}, {moment:10}, {step:8}, 100, 0x1234, F=0x{flags:X}")
    return lines


LEVELS = st.builds(
    Level,
    mode=st.sampled_from(["linear", "limited"]),
    gain_db=st.floats(-100, 100),
    limiter_ceiling_dbfs=st.none() | st.floats(-60, 0),
    reason=st.just(""),
)
#: As it is, and with all films divided.
SETTINGS = st.sampled_from([{}, {"DAILIES_CHUNK_ABOVE_SECONDS": "0", "DAILIES_CHUNK_SECONDS": "1000"}])
#: libavcodec of FFmpeg 5.1 and 8.0.
BUILDS = st.sampled_from([(59, 37, 100), (62, 11, 100)])


@given(child_facts(), documents(OUTPUT, SCHEMA), packets(), LEVELS, SETTINGS, BUILDS)
def test_any_recipe_of_any_source_is_planned_and_built_or_refused(
    facts: dict[str, Any],
    output: Any,
    listed: list[str],
    level: Level,
    settings: dict[str, str],
    libavcodec: tuple[int, ...],
) -> None:
    """No other error than a refusal with a code, no word of a user's in an argument, no number that is none."""
    info = looked_at(facts, 10**9)
    assume(info is not None)
    assert info is not None
    toolbox = ReadingToolbox(listed, settings, libavcodec)
    try:
        recipe = parse_recipe({"outputs": {"output": output}}, KINDS)
        plan = compile_plan(recipe, info, Registry(lambda kind: operation_of(kind, Ports(toolbox))))
    except DailiesError:
        return
    run_through(
        plan, {"probe": info.model_dump(mode="json"), "level": level.model_dump(mode="json"), "measure": MEASURED}
    )


def run_through(plan: Plan, made: dict[str, Any]) -> None:
    """Run the steps whose needs are met by others, or are ``made`` already, by kind."""
    artifacts: dict[str, Artifact] = {}
    for step in plan.steps:
        assert math.isfinite(step.estimate.cpu_seconds)
        assert step.estimate.cpu_seconds >= 0
        json.dumps(step.params.model_dump(mode="json"), allow_nan=False)
        data = made.get(step.kind)
        if (
            step.kind != "probe"
            and not step.waits_for
            and step.needs
            and all(need in artifacts for need in step.needs.values())
        ):
            data = produced(step, {role: artifacts[need] for role, need in step.needs.items()}) or data
        if data is not None:
            artifacts[step.id] = Artifact("key", "digest", step.kind, data, {})


def produced(step: Step, inputs: Mapping[str, Artifact]) -> Any:
    """The facts that the step makes without FFmpeg's work; None when that is needed, or it refuses."""

    def read(_artifact: Artifact, _role: str) -> NoReturn:
        raise FFmpegRan("that is a file of another step")

    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        run = StepRun(step.params, scratch / "source", inputs, read, scratch, StopToken(), lambda _: None)
        try:
            [(_, made)] = step.operation.run([run])
        except DailiesError:
            return None
    return json.loads(json.dumps(made.data, allow_nan=False))


def test_a_source_without_oddities_comes_to_ffmpeg() -> None:
    """The test above sees the runs that it means to see."""
    seen: list[str] = []

    class Listing(ReadingToolbox):
        def run(self, arguments: Sequence[str], **options: Any) -> RunReport | None:  # type: ignore[override]
            seen.append(" ".join(arguments))
            return super().run(arguments, **options)

    video = {"index": 0, "track": 0, "codec": "hevc", "coded_width": 64, "coded_height": 64, "width": 64, "height": 64}
    info = MediaInfo.model_validate(
        {"container": "mp4", "duration_seconds": 9.0, "duration_from": "header", "size_bytes": 1, "video": [video]}
    )
    toolbox = Listing(["#tb 0: 1/1", *(f"0, {n}, {n}, 1, 9, 0x1, F=0x1" for n in range(9))], {}, (62, 11, 100))
    recipe = parse_recipe({"outputs": {"film": {"kind": "video", "segments": [{"start": 0, "end": 4}]}}}, KINDS)
    run_through(
        compile_plan(recipe, info, Registry(lambda kind: operation_of(kind, Ports(toolbox)))),
        {"probe": info.model_dump(mode="json")},
    )
    assert any("framecrc" in words for words in seen)
    assert any("libx264" in words for words in seen)
