"""What an operation is: one step kind, described so that the planner and the engine need not know it.

A new deliverable is one file in ``operations/deliverables/`` with a class of this shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, cast

from pydantic import ValidationError

from dailies.domain.errors import InvalidRecipe
from dailies.domain.job.result import Check, Facts
from dailies.domain.model import Model
from dailies.domain.recipe.fields import Output
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.stop import StopToken
from dailies.domain.wording import sentence_of

#: The role of a deliverable's file among its artifact's files. Any other role of a deliverable is the name of a
#: file that belongs beside it: its file name then has a folder of its own.
MAIN_FILE = "file"


class Placement(StrEnum):
    """Where a step runs: ``media`` on a worker, beside the source; ``light``, which neither reads the source nor runs
    FFmpeg and mostly waits for others, in a function, many at once.
    """

    MEDIA = "media"
    LIGHT = "light"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a step will take on one vCPU, at most where that can't be told. :func:`~dailies.planning.estimates.usd_of`
    has what it costs.
    """

    cpu_seconds: float
    wall_seconds: float | None = None
    """How long it lasts, which is no more than ``cpu_seconds`` unless it waits for others. See :attr:`seconds`."""
    external_usd: float = 0.0
    """What others charge for their part in it."""

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.cpu_seconds if self.wall_seconds is None else self.wall_seconds

    def __add__(self, other: Estimate) -> Estimate:
        """Of both, one after the other."""
        return Estimate(
            self.cpu_seconds + other.cpu_seconds,
            self.seconds + other.seconds,
            self.external_usd + other.external_usd,
        )


@dataclass(frozen=True, slots=True)
class FileOf:
    """The file of that ``role`` which the step for ``request`` makes, for another step to read as its source."""

    request: Request
    role: str = MAIN_FILE


@dataclass(frozen=True, slots=True)
class Request:
    """A wish for a step: its kind, its canonical parameters and what it reads. Equal requests are one step.

    ``source`` None: the source of the step that asks, which is the job's own unless somebody has said otherwise
    (``FileOf``); so all that a step needs, its probe too, is of the file that it reads. ``job``: the job's own.
    ``spared``: who needs it goes on without it where it can't be made.
    """

    kind: str
    params: Model
    source: FileOf | Literal["job"] | None = None
    spared: bool = False


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often a step was run until its artifact was made, in one run of a job; ``failed``: the code and message of
    those that came to nothing, the latest if there were many.
    """

    count: int = 1
    failed: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Artifact:
    """A committed step: small facts in ``data``, files by role, and the digest of both."""

    key: str
    digest: str
    kind: str
    data: Mapping[str, Any]
    files: Mapping[str, StoredFile]
    seconds: float = 0.0
    run: str = ""
    """Of which run of which job it was made (``Job.run``), or of one that only imagined a job, to plan or to probe."""
    cost_usd: float = 0.0
    """Its share of what the worker cost while it was made, and what others charged for it."""
    attempts: Attempts = Attempts()
    external_usd: float = 0.0
    """What others charged: part of ``cost_usd``."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of an artifact in the object store."""

    object: str
    size: int
    sha256: str
    media_type: str
    checksum: str = ""
    """What the store says of its bytes (``ObjectInfo.checksum``); empty in manifests of older versions."""


@dataclass(frozen=True, slots=True)
class Produced:
    """What a step made: facts (JSON-compatible, free of times and paths) and files by role with media type.

    Both must depend on the step's inputs alone: their digest is part of the keys of the steps that follow.
    """

    data: Mapping[str, Any]
    files: Mapping[str, tuple[Path, str]] = field(default_factory=dict)
    sha256: Mapping[str, str] = field(default_factory=dict)
    """Of those files that were hashed while they were verified, by role; the engine hashes the others."""
    external_usd: float = 0.0
    """What others charged for their part in it: it counts against budgets and quotas as a worker's time does."""


@dataclass(frozen=True, slots=True)
class StepRun:
    """One step handed to its operation: everything it may read, and how to report and to be stopped."""

    params: Any
    source: Path
    """To be read only; of a step that reads none a file that does not exist."""
    inputs: Mapping[str, Artifact]
    read: Callable[[Artifact, str], Path]
    scratch: Path
    stop: StopToken
    progress: Callable[[float], None]
    """Takes the fraction done, 0–1."""
    say: Callable[[str], None] = lambda _text: None
    """Takes a piece of the text that it makes, for whoever watches the job: what must stay private is not for it."""
    key: str = ""
    """The step's: with whoever works for it, what tells two requests for the same from two requests."""
    external_id: str | None = None
    """What the step was waiting for, as it said itself (:class:`~dailies.planning.waiting.Waiting`)."""
    ours: bool = False
    """Whether the source is a file that another step has made (:class:`FileOf`)."""
    before: Callable[[], Sequence[Artifact]] = tuple
    """What all steps made that it rests on, however far before it, in the plan's order."""


class Known(Protocol):
    """What an operation is handed to ask for artifacts of other steps while it says what it needs."""

    def __call__(self, request: Request) -> Mapping[str, Any] | None:
        """The data of what ``request`` makes; None while it isn't there. The step becomes part of the plan."""


@dataclass(frozen=True, slots=True)
class MayCome:
    """Steps of one kind that may be needed yet: ``count`` at most, which all together take ``estimate`` at most."""

    kind: str
    count: int
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Unfolding:
    """What a step needs as far as it is known. It is run when all is known."""

    needs: Mapping[str, Request]


class Unfolds(Protocol):
    """What an operation has beside the others' methods whose ``needs`` may answer with an Unfolding."""

    def may_come(self, params: Any, info: MediaInfo, known: Known) -> tuple[MayCome, ...]:
        """At most what a step may need that it can't tell yet: plans show it, and budgets and quotas count it."""


Needs = Mapping[str, Request] | Unfolding


class Operation(Protocol):
    """A step kind. Instances hold their tools and nothing of a step: that comes through the arguments.

    One may also state whether it ``reads_source``: without that word media ones do, and light ones only what a
    :class:`FileOf` names; ``made_info(params, info)``, what the file that others read will be, as far as estimates ask;
    ``limit_seconds``, after which a run is stopped and counts as failed, and ``retry``, its
    :class:`~dailies.planning.retry.Retry`; a deliverable's also ``filters`` and ``encoders``, what it uses of FFmpeg
    beside those that are asked of every build. ``ports`` are the names of what its constructor takes
    (:class:`~dailies.operations.Ports`); without that word the toolbox alone. A ``light`` one obeys ``StepRun.stop``
    within a second, as a cancel waits for it.
    """

    kind: ClassVar[str]
    version: ClassVar[str]
    """Changes whenever the same inputs would give other bytes: old artifacts are then not reused."""
    placement: ClassVar[Placement]
    uses_ffmpeg: ClassVar[bool]
    """Whether the FFmpeg build is part of the step's version."""

    def needs(self, params: Any, known: Known) -> Needs:
        """The steps whose artifacts this one reads, by role.

        Where that depends on what another step makes, ask ``known`` for it, and while it is None answer with an
        :class:`Unfolding` (the operation is then an :class:`Unfolds`). Depends on the parameters and on those answers
        alone.
        """

    def estimate(self, params: Any, info: MediaInfo) -> Estimate:
        """What it takes, from the parameters and the probe alone."""

    def fuse(self, params: Any) -> str | None:
        """Ready steps with the same non-null answer may be run together; None: alone."""

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        """Do the steps of ``batch``, yielding each as soon as it is finished, in any order.

        Raises DailiesError. A batch is longer than one only if ``fuse`` allowed it.
        """


class JobChecks(Protocol):
    """What a deliverable may have as ``job_checks``."""

    def __call__(self, output: Any, info: MediaInfo, seconds: float, /) -> tuple[Check, ...]:
        """What the kind promises of a job with such an output, whose steps took ``seconds``: its result says it."""


class Deliverable(Operation, Protocol):
    """An operation that answers a recipe's output of its kind.

    One that depends on the recipe's other outputs also has ``request_beside(field, output, info, beside)``, which is
    asked in place of ``request`` and told of them (:class:`~dailies.planning.beside.Beside`); one that promises
    something of its job as a whole has ``job_checks`` (:class:`JobChecks`).
    """

    output: ClassVar[type[Output]]
    """The recipe's fields of this kind."""
    facts: ClassVar[type[Facts]]
    """What its certificate says beside the checks."""

    def request(self, field: str, output: Any, info: MediaInfo) -> Request:
        """Resolve an output of the recipe against the source.

        ``field`` is the output's path in the recipe, for messages. Raises InvalidRecipe when the two
        contradict, SourceRefused when the source lacks what is asked.
        """

    def file_name(self, name: str, output: Any) -> str:
        """The name of the delivered file for the output called ``name``; ``name/…`` when there are several files."""


class Registry:
    """The operations by kind, each made by ``make`` when it is first asked for: importing them all takes a while."""

    def __init__(self, make: Callable[[str], Operation]) -> None:
        self._make = make
        self._made: dict[str, Operation] = {}

    def __getitem__(self, kind: str) -> Operation:
        if kind not in self._made:
            self._made[kind] = self._make(kind)
        return self._made[kind]

    def for_output(self, output: Output) -> tuple[Deliverable, Output]:
        """What answers an output of a recipe, and the output in that kind's own model.

        Raises InvalidRecipe for a stored one that the model refuses by now.
        """
        deliverable = cast("Deliverable", self[output.kind])
        model = deliverable.output
        if isinstance(output, model):
            return deliverable, output
        try:
            return deliverable, model.model_validate(output.model_dump())
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise InvalidRecipe(f"{'.'.join(map(str, first['loc']))}: {sentence_of(first)}.") from error
