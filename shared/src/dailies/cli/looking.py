"""The commands that look at things, and the few that tidy up: plan, probe, doctor, jobs, gc."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dailies.bootstrap import LOCAL_UID, local, speech_choice
from dailies.cli.certificate import certificate, counted, left_out_lines, size_text
from dailies.cli.console import MAY_PASS, Console
from dailies.cli.options import OUTPUT
from dailies.domain.errors import Misconfigured, NotFound
from dailies.domain.job.job import Job, JobState
from dailies.domain.job.result import result_of
from dailies.engine.store.events import events_of
from dailies.engine.store.jobs import load_job
from dailies.engine.store.progress import operation_path
from dailies.services.diagnosis.extras import CLOUD
from dailies.services.jobs import cancel_job, list_jobs, shown_source

if TYPE_CHECKING:
    # Each command imports what it does: `dailies jobs` needs neither FFmpeg nor a plan.
    from dailies.cli.web_files import Named
    from dailies.services.diagnosis.doctor import Finding
    from dailies.services.planning import Estimated, Planned, PlannedStep

_JOB_ID = re.compile(r"[0-9a-f]{1,64}")
#: Steps of one kind and status that a plan shows as one line.
_FOLDED_FROM = 5


def show_plan(console: Console, file: Named, recipe_file: Path) -> None:
    from dailies.cli.fetching import looked_at
    from dailies.cli.recipe_file import read_recipe
    from dailies.services.planning import plan_job

    recipe = read_recipe(recipe_file)
    with local() as built, looked_at(console, built, file) as path:
        planned = plan_job(built.platform, LOCAL_UID, built.sources.identify(path), recipe)
    document = {
        "steps": [
            {"name": step.name, "kind": step.kind, "status": step.status, "key": step.key, **_figures(step)}
            for step in planned.steps
        ],
        "may_come": [
            {"waits": steps.waits, "kind": steps.kind, "count": steps.count, **_figures(steps)}
            for steps in planned.may_come
        ],
        "estimate": {
            "cpu_seconds": round(planned.cpu_seconds, 2),
            "cost_usd": round(planned.cost_usd, 6),
            "external_usd": round(planned.external_usd, 6),
        },
        "left_out": {name: reason.model_dump() for name, reason in planned.left_out.items()},
    }
    console.emit(document, _plan_text(planned))


def _figures(of: Estimated) -> dict[str, float]:
    return {"cpu_seconds": of.cpu_seconds, "wall_seconds": of.wall_seconds, "external_usd": of.external_usd}


def show_probe(console: Console, file: Named) -> None:
    from dailies.cli.fetching import looked_at
    from dailies.cli.probe_text import probe_text
    from dailies.services.planning import probe_source

    with local() as built, looked_at(console, built, file) as path:
        info = probe_source(built.platform, LOCAL_UID, built.sources.identify(path))
    console.emit(info.model_dump(mode="json"), probe_text(info))


def show_doctor(console: Console) -> None:
    from dailies.services.diagnosis.doctor import examine

    with local() as built:
        speech = partial(speech_choice, built.platform.settings)
        _show_findings(console, examine(built.platform, built.toolbox(), speech))


def show_deployment(console: Console, project: str) -> None:
    """Raises Misconfigured, also where Google's libraries are not installed."""
    from dailies.bootstrap import deployment_check

    try:
        check = deployment_check(project)
    except ImportError as error:
        raise Misconfigured(
            f"`dailies doctor --project` needs {error.name}, which is not installed: {CLOUD.remedy} doctor --project.",
            code="not_installed",
        ) from error
    _show_findings(console, check.run())


def _show_findings(console: Console, findings: Sequence[Finding]) -> None:
    healthy = all(found.ok for found in findings)
    lines = []
    for found in findings:
        lines.append(f"{'✔' if found.ok else '✘'} {found.name:<9} {found.found}")
        lines += [f"            {found.fix}"] if found.fix else []
    lines.append("" if healthy else "\nSomething has to be done: see the lines marked ✘.")
    console.emit({"healthy": healthy, "findings": [asdict(found) for found in findings]}, "\n".join(lines).rstrip("\n"))
    if not healthy:
        sys.exit(MAY_PASS)


def show_jobs(console: Console, limit: int) -> None:
    with local() as built:
        jobs = list_jobs(built.platform, LOCAL_UID, limit)
    lines = [_line(job) for job in jobs] or ["No jobs yet: `dailies convert FILE --to mp3` makes one."]
    console.emit([_summary(job) for job in jobs], "\n".join(lines))


def job_ids() -> list[str]:
    """Of the newest jobs, for a shell that completes one."""
    with local() as built:
        return [job.id for job in list_jobs(built.platform, LOCAL_UID, 50)]


def show_job(console: Console, job_id: str) -> None:
    with local() as built:
        job = load_job(built.platform, _checked(job_id))
        operation = built.documents.get(operation_path(job.uid, job_id))
    progress: dict[str, Any] = operation.data if operation else {}
    document = {
        **_summary(job),
        "recipe": job.recipe.model_dump(mode="json", exclude_none=True),
        "steps": progress.get("steps", {}),
        "progress": progress.get("progress"),
        "result": job.result,
        "error": job.error,
    }
    console.emit(document, "\n".join([_line(job), *_job_details(job, progress)]))


def show_events(console: Console, job_id: str, after: int) -> None:
    with local() as built:
        job = load_job(built.platform, _checked(job_id))
        events = [event.model_dump(mode="json", by_alias=True) for event in events_of(built.platform, job, after)]
    console.emit(events, "\n".join(map(_event_line, events)) or f"Nothing has happened behind event {after}.")


def _event_line(event: dict[str, Any]) -> str:
    facts = " ".join(f"{name}={value}" for name, value in event["data"].items() if value not in ([], ""))
    return f"{event['sequence']:>4}  {event['timestamp'][:19]}  {event['eventType']:<16}  {facts}".rstrip()


def cancel(console: Console, job_id: str) -> None:
    with local() as built:
        job = cancel_job(built.platform, _checked(job_id))
    console.emit(_summary(job), f"job {job.id} {job.state.value}")


def collect(console: Console) -> None:
    from dailies.services.upkeep.housekeeping import collect_garbage

    with local() as built:
        collected = collect_garbage(built.platform, built.objects)
        cap = built.platform.settings.store_max_bytes
    ended = f"; {counted(collected.jobs_failed, 'overdue job')} ended" if collected.jobs_failed else ""
    console.emit(
        asdict(collected),
        f"removed {counted(collected.objects_removed, 'object')}, {size_text(collected.bytes_removed)};"
        f" kept {size_text(collected.bytes_kept)} of at most {size_text(cap)}{ended}",
    )


def _checked(job_id: str) -> str:
    """What is no id names no document, whatever the store makes of its characters."""
    if not _JOB_ID.fullmatch(job_id):
        raise NotFound(f"There is no job {job_id}: see `dailies jobs`.", job_id=job_id)
    return job_id


def _folded(steps: Sequence[PlannedStep]) -> Iterator[PlannedStep]:
    """The chunks of a long film are one line, those that are done another."""
    from dailies.planning.operation import Estimate

    alike: dict[tuple[str, str], list[PlannedStep]] = {}
    for step in steps:
        alike.setdefault((step.kind, step.status), []).append(step)
    for step in steps:
        group = alike[step.kind, step.status]
        if len(group) < _FOLDED_FROM:
            yield step
        elif step is group[0]:
            all_of_them = sum((each.estimate for each in group), Estimate(0.0))
            yield replace(step, name=f"{len(group)} × {step.kind}", estimate=all_of_them)


def _plan_text(planned: Planned) -> str:
    from dailies.planning.estimates import cost_usd, usd_of

    rows = [(step.name, step.kind, step.status, step.estimate) for step in _folded(planned.steps)]
    # What is not known to be needed yet, with the most that it may take.
    rows += [(f"≤ {steps.count} × {steps.kind}", steps.kind, "maybe", steps.estimate) for steps in planned.may_come]
    first, second = max(len("step"), *(len(row[0]) for row in rows)), max(len("kind"), *(len(row[1]) for row in rows))
    lines = [f"{'step':<{first}}  {'kind':<{second}}  {'status':<7}  {'time':>9}  {'cost':>9}"]
    for name, kind, status, estimate in rows:
        todo = status != "cached"
        time = f"{estimate.cpu_seconds:.1f} s" if todo else "–"
        cost = f"${usd_of(estimate):.5f}" if todo else "–"
        lines.append(f"{name:<{first}}  {kind:<{second}}  {status:<7}  {time:>9}  {cost:>9}")
    if planned.left_out:
        lines += ["", *left_out_lines(planned.left_out)]
    left = planned.estimate
    if not left.cpu_seconds:
        return "\n".join([*lines, "", "Nothing to do: everything is cached."])
    cost = f"${cost_usd(left.cpu_seconds):.5f}"
    about = "at most" if planned.may_come else "about"
    lines += ["", f"To do: {about} {left.cpu_seconds:.1f} s of one CPU; {cost} on Cloud Run, nothing here."]
    if left.external_usd:
        lines.append(f"Others charge {about} ${left.external_usd:.5f} for their part in it, here too.")
    return "\n".join(lines)


def _summary(job: Job) -> dict[str, object]:
    return {
        "job_id": job.id,
        "status": job.state.value,
        "created": job.created.isoformat(),
        "finished": job.finished.isoformat() if job.finished else None,
        "source": shown_source(job),
        "outputs": sorted(job.recipe.outputs),
    }


def _line(job: Job) -> str:
    when = job.created.astimezone().strftime("%Y-%m-%d %H:%M")
    name = Path(str(_summary(job)["source"])).name
    outputs = [
        output.format if title == OUTPUT else f"{title}.{output.format}" for title, output in job.recipe.outputs.items()
    ]
    return f"{job.id}  {when}  {job.state.value:<10}  {name} → {', '.join(outputs)}"


def _job_details(job: Job, progress: dict[str, Any]) -> list[str]:
    if job.result is not None:
        return ["", certificate(result_of(job.result, job.recipe))]
    if job.error is not None:
        return [f"  {job.error['code']}: {job.error['message']}"]
    steps = [
        f"  {name}: {step['status']}" + (f" {step['progress']} %" if step["status"] == "running" else "")
        for name, step in progress.get("steps", {}).items()
    ]
    # A job that was cancelled or has expired makes no progress any more.
    live = job.state in (JobState.QUEUED, JobState.FETCHING, JobState.PROCESSING)
    return [f"  {progress['progress']} % done", *steps] if live and progress else []
