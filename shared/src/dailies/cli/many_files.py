"""``convert`` of several files: each a job of its own, as many at once as the machine has processors for."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from dailies.adapters.local.workers.workers import processors
from dailies.bootstrap import Local, local
from dailies.cli.certificate import brief, counted, seconds_text
from dailies.cli.console import Console, exit_code, internal_error, worst
from dailies.cli.options import OUTPUT
from dailies.cli.places import Target, places_of
from dailies.cli.progress_bar import Display, display_for
from dailies.cli.running import Maker, Wish, output_suffix, stop_on_signals
from dailies.cli.source_files import SourceFile, source_files
from dailies.cli.streams import Opened
from dailies.cli.web_files import Named
from dailies.domain.errors import DailiesError, PermanentError
from dailies.domain.job.result import JobResult
from dailies.domain.recipe.recipe import Recipe, parse_recipe
from dailies.domain.stop import StopToken
from dailies.operations import KINDS
from dailies.services.delivery import Destinations
from dailies.services.upkeep.housekeeping import collect_if_due

# An encoder of pictures has six threads.
_PROCESSORS_A_FILM = 4
_Outcome = JobResult | DailiesError


def convert_files(
    console: Console,
    arguments: Sequence[Named],
    document: Mapping[str, Any],
    target: Target,
    *,
    overwrite: bool,
    at_once: int | None,
) -> None:
    """One output of each, beside it or in the folder ``target``; exits with the code of the worst of them.

    What is refused or fails holds no other up. Ctrl-C cancels those under way.
    """
    recipe = parse_recipe(document, KINDS)
    films = recipe.outputs[OUTPUT].kind == "video"
    started = time.monotonic()
    with local() as built:
        places = places_of(source_files(arguments, films=films), target.path, output_suffix(built, recipe))
        size = min(len(places), at_once or max(1, processors() // _PROCESSORS_A_FILM if films else processors()))
        with stop_on_signals() as stop, display_for(console, len(places)) as display:
            batch = _Batch(built, recipe, target.path, stop, display, overwrite=overwrite)
            outcomes: dict[SourceFile, _Outcome] = {}
            for source, outcome in batch.run(places, size):
                outcomes[source] = outcome
                with display.pause():
                    _tell(console, source.shown, outcome)
        collect_if_due(built.platform, built.objects)
    in_order = [(source.shown, outcomes[source]) for source in places]
    _conclude(console, in_order, time.monotonic() - started)


class _Batch:
    """The jobs of one command."""

    def __init__(
        self, built: Local, recipe: Recipe, folder: Path | None, stop: StopToken, display: Display, *, overwrite: bool
    ) -> None:
        self._built = built
        self._recipe = recipe
        self._folder = folder
        self._stop = stop
        self._display = display
        self._overwrite = overwrite

    def run(self, places: Mapping[SourceFile, Path], size: int) -> Iterator[tuple[SourceFile, _Outcome]]:
        """Each as it ends. Raises the stop's error when it is set: nothing is under way any more then."""
        shared = size * (self._built.platform.settings.workers or 1)
        with closing(self._built.embedded_for_many(shared)) as embedded, _ending(size) as pool:
            maker = Maker(self._built, embedded.follow, lambda: nullcontext(self._stop), self._stop)
            under_way = {pool.submit(self._one, maker, source, place): source for source, place in places.items()}
            for ended in as_completed(under_way):
                self._stop.check()
                yield under_way[ended], _outcome(ended)

    def _one(self, maker: Maker, source: SourceFile, place: Path) -> JobResult:
        self._stop.check()
        tracked = self._display.begin(source.path.name)
        try:
            places = Destinations({OUTPUT: place}, self._folders(place))
            wish = Wish(Opened(source.path, source.path, url=source.url), self._recipe, lambda: places, self._overwrite)
            return maker.make(wish, tracked)
        finally:
            self._display.end(tracked)

    def _folders(self, place: Path) -> tuple[Path, ...]:
        """Those that delivery makes, outer ones first: the folder, and what gives what is in it its shape."""
        if self._folder is None:
            return ()
        below = [folder for folder in place.parents if self._folder in folder.parents]
        return (self._folder, *reversed(below))


@contextmanager
def _ending(size: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that begin nothing new once the context is left by an error."""
    pool = ThreadPoolExecutor(size, "convert")
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _outcome(ended: Future[JobResult]) -> _Outcome:
    error = ended.exception()
    if error is None:
        return ended.result()
    if isinstance(error, DailiesError):
        return error
    if not isinstance(error, Exception):
        raise error
    wrong = internal_error(error)
    told = PermanentError(wrong["message"], code=wrong["code"])
    told.__cause__ = error
    return told


def _tell(console: Console, source: str, outcome: _Outcome) -> None:
    if isinstance(outcome, JobResult):
        if not console.json:
            console.emit({}, brief(outcome))
        return
    if console.debug:
        console.say("".join(traceback.format_exception(outcome)))
    if not console.json:
        console.say(f"dailies: {source}: {outcome.message}")


def _conclude(console: Console, outcomes: Sequence[tuple[str, _Outcome]], seconds: float) -> None:
    failed = [outcome for _, outcome in outcomes if isinstance(outcome, DailiesError)]
    files = [
        {"source": source, "error": outcome.as_dict()}
        if isinstance(outcome, DailiesError)
        else {"source": source, "result": outcome.model_dump(mode="json")}
        for source, outcome in outcomes
    ]
    done = counted(len(files) - len(failed), "file")
    text = f"{done} done{f', {len(failed)} failed' if failed else ''} · {seconds_text(seconds)}"
    console.emit({"files": files, "failed": len(failed)}, text)
    if failed:
        sys.exit(worst(exit_code(error) for error in failed))
