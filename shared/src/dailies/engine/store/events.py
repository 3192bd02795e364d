"""A job's events: ``jobs/{id}/events/{page}``, a hundred on each page, appended in the transaction of what happened.

A page costs one write however many events come to it, and a sequence without gaps needs no counter: it is the place
in the pages. The first events, that the job was made and came to the states on its way, are in the job's own document,
which is written with each of them, and on the first page, whoever writes that.

A job's end is logged with the change. A step is done when its manifest is there, which is no document: whoever made
it logs it a little later, with others, and the end of the job logs what a worker that was killed had not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dailies.domain.job.events import Event
from dailies.domain.job.job import Job, JobState
from dailies.domain.job.retention import record_goes
from dailies.engine.platform import Platform
from dailies.ports.documents import Snapshot, Transaction, Writes

PAGE = 100


@dataclass(frozen=True, slots=True)
class Happening:
    """An event that has no number yet. One with a ``once`` is logged once, however often it is told."""

    event_type: str
    timestamp: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    once: str = ""

    def document(self) -> dict[str, Any]:
        return {
            "eventType": self.event_type,
            "timestamp": self.timestamp,
            "data": dict(self.data),
            **({"once": self.once} if self.once else {}),
        }


def ended_as(job: Job) -> Happening:
    """That the job is in the state that it ends in."""
    data: dict[str, Any] = {}
    if job.error is not None:
        data = {"code": job.error["code"], "message": job.error["message"]}
    elif job.state is JobState.COMPLETED and job.result is not None:
        data = {"outputs": sorted(job.result["outputs"]), "leftOut": sorted(job.result["left_out"])}
    return Happening(f"job.{job.state.value}", job.updated, data)


def events_in(transaction: Transaction, job: Job, happened: Iterable[Happening]) -> Writes:
    """What appends the events to the job's. Reads only."""
    pages: list[Snapshot] = []
    while (page := transaction.get(_path(job.id, len(pages)))) is not None:
        pages.append(page)
        if len(page.data["events"]) < PAGE:
            break
    logged = {each.get("once") for page in pages for each in page.data["events"]}
    new = [each.document() for each in happened if not each.once or each.once not in logged]
    if not new:
        return {}
    if not pages:
        new = [*(each.document() for each in _on_its_way(job)), *new]
    last = pages[-1] if pages and len(pages[-1].data["events"]) < PAGE else None
    number = len(pages) - (last is not None)
    events = [*(last.data["events"] if last is not None else []), *new]
    # All pages of a job go when it does; only the end knows when that is, and what comes behind it must not forget it.
    goes = {"remove_after": pages[0].data["remove_after"]} if pages and "remove_after" in pages[0].data else {}
    writes: dict[str, Mapping[str, Any]] = {}
    if job.finished is not None and not goes:
        goes = {"remove_after": record_goes(job.finished)}
        writes = {page.path: {**page.data, **goes} for page in pages if page is not last}
    for start in range(0, len(events), PAGE):
        page_path = _path(job.id, number + start // PAGE)
        writes[page_path] = {"job": job.id, "uid": job.uid, "events": events[start : start + PAGE], **goes}
    return writes


def log_events(platform: Platform, job: Job, happened: Sequence[Happening]) -> None:
    """Append the events to the job's in a transaction of their own; nothing for none."""
    if not happened:
        return

    def append(transaction: Transaction) -> None:
        for path, document in events_in(transaction, job, happened).items():
            transaction.set(path, document)

    platform.documents.transaction(append)


def events_of(platform: Platform, job: Job, after: int = 0) -> list[Event]:
    """The job's events behind the one with the sequence ``after``, in their order."""
    found: list[Event] = []
    number = after // PAGE
    while (page := platform.documents.get(_path(job.id, number))) is not None:
        events = page.data["events"]
        found += [_event(job, number * PAGE + place, each) for place, each in enumerate(events, 1)]
        number += 1
    if number == 0:
        # One that is refused as it is made has ended without a page.
        unwritten = [*_on_its_way(job), *([ended_as(job)] if job.state.terminal else [])]
        found = [_event(job, place, each.document()) for place, each in enumerate(unwritten, 1)]
    return [event for event in found if event.sequence > after]


def remove_events(platform: Platform, job_id: str) -> None:
    """Remove what is kept of a job that goes itself. Idempotent."""
    for page in platform.documents.query(f"jobs/{job_id}/events"):
        platform.documents.delete(page.path)


def _on_its_way(job: Job) -> list[Happening]:
    """What the job's document itself tells: nothing is added to it once there is a page."""
    kinds = sorted({output.kind for output in job.recipe.outputs.values()})
    created = Happening("job.created", job.created, {"outputs": sorted(job.recipe.outputs), "kinds": kinds})
    # Stores keep no order of names.
    on_its_way = [state.value for state in JobState if state.value in job.reached]
    return [created, *(Happening(f"job.{state}", job.reached[state]) for state in on_its_way)]


def _event(job: Job, sequence: int, stored: Mapping[str, Any]) -> Event:
    return Event(
        event_id=f"{job.id}-{sequence}",
        job_id=job.id,
        user_id=job.uid,
        sequence=sequence,
        timestamp=stored["timestamp"],
        event_type=stored["eventType"],
        data=stored["data"],
    )


def _path(job_id: str, number: int) -> str:
    return f"jobs/{job_id}/events/{number:06d}"
