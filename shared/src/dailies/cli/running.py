"""``convert`` and ``run``: a job from a file to delivered outputs."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from dailies.bootstrap import LOCAL_UID, Local, local
from dailies.cli.bars import progress_bars
from dailies.cli.console import Console
from dailies.domain.errors import Cancelled, Conflict, InvalidRecipe, restore
from dailies.domain.job import FileSource, JobState
from dailies.domain.recipe import Recipe, parse_recipe
from dailies.domain.result import JobResult
from dailies.domain.stop import StopToken
from dailies.services.delivery import check_destinations, deliver, file_names, ready_outputs
from dailies.services.housekeeping import collect_if_due
from dailies.services.jobs import cancel_job, create_job
from dailies.services.planning import standing_of


def convert_file(
    console: Console, file: Path, wish: Mapping[str, Any], output: Path | None, *, overwrite: bool
) -> None:
    """One output, beside the source or at ``output``."""
    recipe = parse_recipe({"outputs": {"output": dict(wish)}})
    with local() as platform:
        source = _identify(platform, file)
        target = output
        if target is None or target.is_dir():
            folder = file.parent if target is None else target
            suffix = Path(file_names(platform.platform, recipe.outputs)["output"]).suffix
            target = folder / (file.stem + suffix)
        _make(console, platform, source, recipe, {"output": target}, overwrite=overwrite)


def run_recipe(console: Console, file: Path, recipe_file: Path, folder: Path, *, overwrite: bool) -> None:
    """Every output of the recipe, as ``folder/{name}.{extension}``."""
    recipe = read_recipe(recipe_file)
    with local() as platform:
        source = _identify(platform, file)
        if not folder.exists() and folder.parent.is_dir():
            folder.mkdir()
        names = file_names(platform.platform, recipe.outputs)
        targets = {name: folder / names[name] for name in recipe.outputs}
        _make(console, platform, source, recipe, targets, overwrite=overwrite)


def read_recipe(path: Path) -> Recipe:
    """Raises InvalidRecipe for a file that can't be read or is not JSON, with the line and column."""
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidRecipe(f"The recipe {path} can't be read: {error.strerror}.", field="recipe") from error
    except UnicodeDecodeError as error:
        raise InvalidRecipe(f"The recipe {path} is not UTF-8 text.", field="recipe") from error
    try:
        return parse_recipe(json.loads(text))
    except (json.JSONDecodeError, RecursionError) as error:
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise InvalidRecipe(f"The recipe is not valid JSON: {error}{where}.", field="recipe") from error


def _identify(platform: Local, file: Path) -> FileSource:
    return platform.sources.identify(file)


def _make(
    console: Console,
    local: Local,
    source: FileSource,
    recipe: Recipe,
    targets: Mapping[str, Path],
    *,
    overwrite: bool,
) -> None:
    platform = local.platform
    standing = standing_of(platform, LOCAL_UID, source, recipe)
    check_destinations(targets, source, overwrite=overwrite, ready=ready_outputs(standing))
    joined = create_job(platform, LOCAL_UID, source, recipe)
    job_id = joined.job.id
    stop = _stop_on_signals()
    with progress_bars(console, source) as show:
        try:
            job = local.embedded().run(job_id, show, stop)
        except Cancelled:
            if joined.created:
                _cancel(local, job_id)
            raise
    if job.state is JobState.CANCELLED:
        raise Cancelled("The job was cancelled.")
    if job.state is not JobState.COMPLETED:
        raise restore(
            job.error or {"class": "DailiesError", "message": f"Job {job_id} {job.state}.", "code": "internal"}
        )
    result = deliver(platform, job, targets, overwrite=overwrite)
    collect_if_due(platform, local.objects)
    console.emit(result.model_dump(mode="json"), _certificate(result))


def _cancel(local: Local, job_id: str) -> None:
    try:
        cancel_job(local.platform, job_id)
    except Conflict:
        # It ended between the signal and now: that end stands.
        return


def _stop_on_signals() -> StopToken:
    stop = StopToken()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            # Asked twice: no more courtesy.
            raise KeyboardInterrupt
        stop.set("cancelled" if number == signal.SIGINT else "interrupted")

    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)
    return stop


def _certificate(result: JobResult) -> str:
    from dailies.cli.certificate import certificate

    return certificate(result)
