"""``convert`` and ``run``: jobs from files to delivered outputs."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from dailies.adapters.local.workers.workers import Standby
from dailies.bootstrap import LOCAL_UID, Local, local
from dailies.cli.certificate import certificate
from dailies.cli.console import Console
from dailies.cli.options import OUTPUT
from dailies.cli.places import Target, aside, is_same, place_beside, place_named
from dailies.cli.progress_bar import Tracked, display_for
from dailies.cli.recipe_file import read_recipe
from dailies.cli.source_files import STREAM
from dailies.cli.streams import Opened, opened, stream_out
from dailies.cli.web_files import JobOutput, Named
from dailies.domain.errors import Cancelled, Conflict, Interrupted, SourceRefused, restore
from dailies.domain.job.job import Job, JobState, UrlSource
from dailies.domain.job.result import JobResult
from dailies.domain.recipe.recipe import Recipe, parse_recipe
from dailies.domain.stop import StopToken
from dailies.operations import KINDS
from dailies.planning.plan import PROBE
from dailies.services.delivery import Destinations, check_destinations, deliver, file_names, ready_outputs
from dailies.services.early_probe import LookAhead
from dailies.services.jobs import Joined, cancel_job, create_job
from dailies.services.planning import imagined_state
from dailies.services.upkeep.housekeeping import collect_if_due

Stopping = Callable[[], AbstractContextManager[StopToken]]
Follow = Callable[[str, Callable[[Mapping[str, Any]], None], StopToken], Job]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be made of ``source``, and where it goes."""

    source: Opened
    recipe: Recipe
    places: Callable[[], Destinations]
    """Asked for when the source is known: the names of outputs are the operations' to give."""
    overwrite: bool


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes wishes come true, one after the other or several at once.

    ``follow`` works on a job to its end. ``stopping`` gives the token that ends a job under way, ``stop`` is one that
    ends the reading of a file as well.
    """

    built: Local
    follow: Follow
    stopping: Stopping
    stop: StopToken | None = None

    def make(self, wish: Wish, tracked: Tracked) -> JobResult:
        """The result, its outputs delivered. Raises what the job failed with."""
        places, job = self._of_url(wish, tracked) if wish.source.url is not None else self._of_file(wish, tracked)
        return deliver(self.built.platform, job, places, overwrite=wish.overwrite)

    def _of_file(self, wish: Wish, tracked: Tracked) -> tuple[Destinations, Job]:
        platform = self.built.platform
        file = wish.source.path
        _require_text(file)
        with LookAhead(platform, file) as ahead:
            with _kinds_imported(wish.recipe):
                source = self.built.sources.identify(file, self._reader(tracked, file), ahead.begin)
            places = _places(wish)
            standing = imagined_state(platform, LOCAL_UID, source, wish.recipe)
            check_destinations(places, source, overwrite=wish.overwrite, ready=ready_outputs(standing))
            probed = standing.artifacts.get(PROBE)
            known = None if probed is None else probed.data.get("duration_seconds")
            # What is in the store, or came by a pipe, is called otherwise there.
            called = wish.source.named.name if file != wish.source.named else None
            joined = create_job(platform, LOCAL_UID, source, wish.recipe, called)

            def begin(stop: StopToken) -> None:
                ahead.hand_over(joined.job, stop)
                tracked.lasts(known if known is not None else ahead.seen().get("duration_seconds"))

            return places, self._finished(wish, joined, tracked, begin)

    def _of_url(self, wish: Wish, tracked: Tracked) -> tuple[Destinations, Job]:
        """What its outputs will be nobody knows before the file is here: whatever lies where they go is in the way."""
        with _kinds_imported(wish.recipe):
            places = _places(wish)
            check_destinations(places, None, overwrite=wish.overwrite, ready={})
            source = UrlSource(url=str(wish.source.url))
            joined = create_job(self.built.platform, LOCAL_UID, source, wish.recipe, wish.source.named.name)
            return places, self._finished(wish, joined, tracked)

    def _reader(self, tracked: Tracked, file: Path) -> Callable[[int], None]:
        def on_progress(done: int) -> None:
            if self.stop is not None:
                self.stop.check()
            tracked.reading(done, size)

        size = 0
        with suppress(OSError):  # ``identify`` says what is wrong with it
            size = file.stat().st_size
        return on_progress

    def _finished(
        self, wish: Wish, joined: Joined, tracked: Tracked, begin: Callable[[StopToken], None] = lambda _stop: None
    ) -> Job:
        """The completed job. Raises what it failed with; cancels it when asked to."""
        job_id = joined.job.id
        with self.stopping() as stop:
            try:
                begin(stop)
                job = self.follow(job_id, tracked.processing, stop)
            except (Cancelled, Interrupted) as error:
                # What came by a pipe is gone: nobody can continue it.
                if joined.owned and (isinstance(error, Cancelled) or wish.source.is_stream):
                    _cancel(self.built, job_id)
                raise
        if job.state is JobState.CANCELLED:
            raise Cancelled("The job was cancelled.")
        if job.state is not JobState.COMPLETED:
            raise restore(
                job.error or {"class": "DailiesError", "message": f"Job {job_id} {job.state}.", "code": "internal"}
            )
        return job


@contextmanager
def _kinds_imported(recipe: Recipe) -> Iterator[None]:
    """To hash or to wait needs the processor and hardly the interpreter, which has these imports still before it."""
    with ThreadPoolExecutor(1) as beside:
        for kind in {output.kind for output in recipe.outputs.values()}:
            beside.submit(KINDS.get, kind)
        yield


def _places(wish: Wish) -> Destinations:
    places = wish.places()
    for path in places.files.values():
        _require_text(path)
    return places


def convert_file(
    console: Console,
    file: Named,
    document: Mapping[str, Any],
    target: Target,
    *,
    overwrite: bool,
    standby: Standby | None = None,
) -> None:
    """One output, beside the source or at ``target``; what came by standard input goes to standard output."""
    recipe = parse_recipe(document, KINDS)
    with local(standby) as built, opened(built.platform, file) as source:
        if target.is_stream or (source.is_stream and target.path is None):
            with stream_out(built.platform) as place:
                _make_one(console, built, Wish(source, recipe, lambda: Destinations({OUTPUT: place}), True), place)
            return

        def places() -> Destinations:
            path = target.path
            if path is None or target.is_folder:
                suffix = output_suffix(built, recipe)
                here = source.url is None and not isinstance(file, JobOutput)
                path = (place_beside if here else place_named)(source.named, path, suffix)
            return Destinations({OUTPUT: path}, folders_of(target))

        _make_one(console, built, Wish(source, recipe, places, overwrite))


def output_suffix(built: Local, recipe: Recipe) -> str:
    return Path(file_names(built.platform, recipe.outputs)[OUTPUT]).suffix


def folders_of(target: Target) -> tuple[Path, ...]:
    """The folder that delivery makes where it is missing."""
    return (target.path,) if target.is_folder and target.path is not None else ()


def run_recipe(
    console: Console,
    file: Named,
    recipe_file: Path,
    folder: Path | None,
    *,
    overwrite: bool,
    standby: Standby | None = None,
) -> None:
    """Every output of a recipe file, as :func:`make_outputs` makes them."""
    make_outputs(console, file, read_recipe(recipe_file), folder, overwrite=overwrite, standby=standby)


def make_outputs(
    console: Console,
    file: Named,
    recipe: Recipe,
    folder: Path | None,
    *,
    overwrite: bool,
    standby: Standby | None = None,
) -> None:
    """Every output of the recipe, as ``folder/{name}.{extension}``; the source's folder by default."""
    with local(standby) as built, opened(built.platform, file) as source:

        def places() -> Destinations:
            names = file_names(built.platform, recipe.outputs)
            place = folder or source.named.parent
            targets = {name: _not(source, place / names[name]) for name in recipe.outputs}
            own = {path.parent for path in targets.values()} - {place}
            return Destinations(targets, (*([] if folder is None else [folder]), *sorted(own)))

        _make_one(console, built, Wish(source, recipe, places, overwrite))


def _not(source: Opened, place: Path) -> Path:
    return aside(place) if source.url is None and is_same(place, source.named) else place


def _make_one(console: Console, built: Local, wish: Wish, out: Path | None = None) -> None:
    with display_for(console) as display:
        tracked = display.begin(wish.source.named.name)
        result = Maker(built, built.embedded().run, stop_on_signals).make(wish, tracked)
    if out is not None:
        console.emit_file(out)
        result = _renamed(result, str(STREAM))
    collect_if_due(built.platform, built.objects)
    if out is None:
        console.emit(result.model_dump(mode="json"), certificate(result))
    elif not console.quiet:
        console.say(certificate(result))


def _renamed(result: JobResult, path: str) -> JobResult:
    outputs = {name: output.model_copy(update={"path": path}) for name, output in result.outputs.items()}
    return result.model_copy(update={"outputs": outputs})


def _require_text(path: Path) -> None:
    """A job is stored as JSON, which is Unicode; a file's name on Linux is any bytes."""
    try:
        str(path.absolute()).encode()
    except UnicodeEncodeError as error:
        raise SourceRefused(f"The path {path} is not UTF-8: rename it.", code="path_not_utf8") from error


def _cancel(built: Local, job_id: str) -> None:
    try:
        cancel_job(built.platform, job_id)
    except Conflict:
        # It ended between the signal and now: that end stands.
        return


@contextmanager
def stop_on_signals() -> Iterator[StopToken]:
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
