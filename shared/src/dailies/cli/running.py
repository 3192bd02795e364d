"""``convert`` and ``run``: a job from a file to delivered outputs."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from dailies.adapters.local.workers.workers import Standby
from dailies.bootstrap import LOCAL_UID, Local, local
from dailies.cli.certificate import certificate
from dailies.cli.console import Console
from dailies.cli.options import OUTPUT
from dailies.cli.progress_bar import ProgressBar
from dailies.cli.recipe_file import read_recipe
from dailies.domain.errors import Cancelled, Conflict, SourceRefused, restore
from dailies.domain.job.job import FileSource, Job, JobState
from dailies.domain.recipe.recipe import Recipe, parse_recipe
from dailies.domain.stop import StopToken
from dailies.operations import KINDS
from dailies.services.delivery import Destinations, check_destinations, deliver, file_names, ready_outputs
from dailies.services.early_probe import LookAhead
from dailies.services.jobs import cancel_job, create_job
from dailies.services.planning import imagined_state
from dailies.services.upkeep.housekeeping import collect_if_due


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is to be made of ``file``, and where it goes."""

    file: Path
    recipe: Recipe
    places: Callable[[], Destinations]
    """Asked for when the source is known: the names of outputs are the operations' to give."""
    overwrite: bool


def convert_file(
    console: Console,
    file: Path,
    document: Mapping[str, Any],
    output: Path | None,
    *,
    overwrite: bool,
    standby: Standby | None = None,
) -> None:
    """One output, beside the source or at ``output``: a file, or a folder that exists."""
    recipe = parse_recipe(document, KINDS)
    with local(standby) as built:

        def places() -> Destinations:
            target = output
            if target is None or _is_folder(target):
                suffix = Path(file_names(built.platform, recipe.outputs)[OUTPUT]).suffix
                target = (target or file.parent) / (file.stem + suffix)
            return Destinations({OUTPUT: target})

        _make(console, built, _Wish(file, recipe, places, overwrite))


def run_recipe(
    console: Console,
    file: Path,
    recipe_file: Path,
    folder: Path | None,
    *,
    overwrite: bool,
    standby: Standby | None = None,
) -> None:
    """Every output of the recipe, as ``folder/{name}.{extension}``; the source's folder by default."""
    recipe = read_recipe(recipe_file)
    with local(standby) as built:

        def places() -> Destinations:
            names = file_names(built.platform, recipe.outputs)
            place = folder or file.parent
            targets = {name: place / names[name] for name in recipe.outputs}
            own = {path.parent for path in targets.values()} - {place}
            return Destinations(targets, (*([] if folder is None else [folder]), *sorted(own)))

        _make(console, built, _Wish(file, recipe, places, overwrite))


def _make(console: Console, built: Local, wish: _Wish) -> None:
    platform = built.platform
    _require_text(wish.file)
    with ProgressBar(console, wish.file) as bar, LookAhead(platform, wish.file) as ahead:
        with ThreadPoolExecutor(1) as beside:
            # To hash needs the processor and hardly the interpreter, which has these imports still before it.
            for kind in {output.kind for output in wish.recipe.outputs.values()}:
                beside.submit(KINDS.get, kind)
            source = built.sources.identify(wish.file, _reader(bar, wish.file), ahead.begin)
        places = wish.places()
        for path in places.files.values():
            _require_text(path)
        plan_state = imagined_state(platform, LOCAL_UID, source, wish.recipe)
        check_destinations(places, source, overwrite=wish.overwrite, ready=ready_outputs(plan_state))
        job = _finished(built, source, wish.recipe, bar, ahead)
    result = deliver(platform, job, places, overwrite=wish.overwrite)
    collect_if_due(platform, built.objects)
    console.emit(result.model_dump(mode="json"), certificate(result))


def _require_text(path: Path) -> None:
    """A job is stored as JSON, which is Unicode; a file's name on Linux is any bytes."""
    try:
        str(path.absolute()).encode()
    except UnicodeEncodeError as error:
        raise SourceRefused(f"The path {path} is not UTF-8: rename it.", code="path_not_utf8") from error


def _reader(bar: ProgressBar, file: Path) -> Callable[[int], None]:
    def on_progress(done: int) -> None:
        bar.reading(done, size)

    size = 0
    with suppress(OSError):  # ``identify`` says what is wrong with it
        size = file.stat().st_size
    return on_progress


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name too long, a link to itself: the check of destinations says so
        return False


def _finished(built: Local, source: FileSource, recipe: Recipe, bar: ProgressBar, ahead: LookAhead) -> Job:
    """The completed job. Raises what it failed with; cancels it when asked to."""
    joined = create_job(built.platform, LOCAL_UID, source, recipe)
    job_id = joined.job.id
    with _stop_on_signals() as stop:
        try:
            ahead.hand_over(joined.job, stop)
            job = built.embedded().run(job_id, bar.processing, stop)
        except Cancelled:
            if joined.owned:
                _cancel(built, job_id)
            raise
    if job.state is JobState.CANCELLED:
        raise Cancelled("The job was cancelled.")
    if job.state is not JobState.COMPLETED:
        raise restore(
            job.error or {"class": "DailiesError", "message": f"Job {job_id} {job.state}.", "code": "internal"}
        )
    return job


def _cancel(built: Local, job_id: str) -> None:
    try:
        cancel_job(built.platform, job_id)
    except Conflict:
        # It ended between the signal and now: that end stands.
        return


@contextmanager
def _stop_on_signals() -> Iterator[StopToken]:
    """SIGINT cancels, SIGTERM leaves the job to be continued; before and after, they end the command at once."""
    stop = StopToken()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            # Asked twice: no more courtesy.
            raise KeyboardInterrupt
        stop.set("cancelled" if number == signal.SIGINT else "interrupted")

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
