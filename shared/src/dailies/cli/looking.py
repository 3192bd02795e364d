"""The commands that look at things, and the few that tidy up: plan, probe, doctor, jobs, gc."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

from dailies.bootstrap import LOCAL_UID, local
from dailies.cli.console import Console
from dailies.cli.running import read_recipe
from dailies.domain.job import Job
from dailies.domain.media_info import MediaInfo
from dailies.engine.jobs import load_job
from dailies.engine.progress import operation_path
from dailies.planning.estimates import cost_usd
from dailies.services.doctor import examine
from dailies.services.housekeeping import collect_garbage
from dailies.services.jobs import cancel_job, list_jobs
from dailies.services.planning import plan_job, probe_source


def show_plan(console: Console, file: Path, recipe_file: Path) -> None:
    recipe = read_recipe(recipe_file)
    with local() as built:
        planned = plan_job(built.platform, LOCAL_UID, built.sources.identify(file), recipe)
    document = {
        "steps": [asdict(step) for step in planned.steps],
        "estimate": {
            "cpu_seconds": round(planned.cpu_seconds, 2),
            "cost_usd": round(cost_usd(planned.cpu_seconds), 6),
        },
    }
    width = max(len(step.name) for step in planned.steps)
    lines = [
        f"{step.name:<{width}}  {step.kind:<8} {step.status:<8} {step.cpu_seconds:8.1f} s" for step in planned.steps
    ]
    lines.append(
        f"to do: {planned.cpu_seconds:.1f} vCPU seconds, about ${cost_usd(planned.cpu_seconds):.4f} on Cloud Run"
    )
    console.emit(document, "\n".join(lines))


def show_probe(console: Console, file: Path) -> None:
    with local() as built:
        info = probe_source(built.platform, LOCAL_UID, built.sources.identify(file))
    console.emit(info.model_dump(mode="json"), _describe(info))


def show_doctor(console: Console) -> None:
    with local() as built:
        findings = examine(built.platform, built.toolbox)
    lines = [
        f"{'ok ' if found.ok else 'BAD'}  {found.name:<12} {found.found}" + (f" — {found.fix}" if found.fix else "")
        for found in findings
    ]
    healthy = all(found.ok for found in findings)
    console.emit({"healthy": healthy, "findings": [asdict(found) for found in findings]}, "\n".join(lines))
    if not healthy:
        sys.exit(4)


def show_jobs(console: Console, limit: int) -> None:
    with local() as built:
        jobs = list_jobs(built.platform, LOCAL_UID, limit)
    lines = [_line(job) for job in jobs] or ["no jobs yet"]
    console.emit([_summary(job) for job in jobs], "\n".join(lines))


def show_job(console: Console, job_id: str) -> None:
    with local() as built:
        job = load_job(built.platform, job_id)
        progress = built.documents.get(operation_path(job.uid, job_id))
    document = {
        **_summary(job),
        "recipe": job.recipe.model_dump(mode="json"),
        "steps": {name: record.model_dump(mode="json") for name, record in job.steps.items()},
        "progress": progress.data["progress"] if progress else None,
        "result": job.result,
        "error": job.error,
    }
    lines = [_line(job)]
    if progress:
        lines += [f"  {name}: {step['status']} {step['progress']} %" for name, step in progress.data["steps"].items()]
    if job.error:
        lines.append(f"  {job.error['code']}: {job.error['message']}")
    console.emit(document, "\n".join(lines))


def cancel(console: Console, job_id: str) -> None:
    with local() as built:
        job = cancel_job(built.platform, job_id)
    console.emit(_summary(job), f"job {job.id} {job.state.value}")


def collect(console: Console) -> None:
    with local() as built:
        collected = collect_garbage(built.platform, built.objects)
    console.emit(
        asdict(collected),
        f"removed {collected.objects_removed} objects ({collected.bytes_removed / 1e6:.1f} MB),"
        f" kept {collected.bytes_kept / 1e6:.1f} MB",
    )


def _summary(job: Job) -> dict[str, object]:
    return {
        "job_id": job.id,
        "status": job.state.value,
        "created": job.created.isoformat(),
        "finished": job.finished.isoformat() if job.finished else None,
        "source": job.source.path if job.source.kind == "file" else job.source.name,
        "outputs": sorted(job.recipe.outputs),
    }


def _line(job: Job) -> str:
    summary = _summary(job)
    when = job.created.astimezone().strftime("%Y-%m-%d %H:%M")
    name = Path(str(summary["source"])).name
    return f"{job.id}  {when}  {job.state.value:<10}  {name}  → {', '.join(job.recipe.outputs)}"


def _describe(info: MediaInfo) -> str:
    duration = "unknown" if info.duration_seconds is None else f"{info.duration_seconds:.2f} s"
    lines = [f"{info.container} · {duration} ({info.duration_from}) · {info.size_bytes / 1e6:.2f} MB"]
    for video in info.video:
        rate = f"{video.frames_per_second:.3f} fps" if video.frames_per_second else "? fps"
        extra = [f"rotated {video.rotation}°"] if video.rotation else []
        extra += [video.hdr.upper()] if video.hdr else []
        extra += [] if video.decodable else ["can't be decoded"]
        lines.append(f"  #{video.index} video {video.codec} {video.width}×{video.height} {rate} " + " ".join(extra))
    for audio in info.audio:
        extra = [] if audio.decodable else ["can't be decoded"]
        lines.append(
            f"  #{audio.index} audio {audio.codec} {audio.sample_rate_hz} Hz"
            f" {audio.layout or f'{audio.channels} channels'} " + " ".join(extra)
        )
    lines += [f"  #{other.index} {other.kind} {other.codec or ''}" for other in info.other]
    return "\n".join(line.rstrip() for line in lines)
