"""What the engine runs on: one object that holds the ports' adapters. bootstrap builds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from dailies.domain.errors import DailiesError
from dailies.planning.operation import Registry
from dailies.ports.documents import DocumentStore
from dailies.ports.egress import Egress, NoEgress
from dailies.ports.mailer import Mailer, NoMailer
from dailies.ports.objects import ObjectStore
from dailies.ports.partials import NoPartials, Partials
from dailies.ports.signed_urls import NoSignedUrls, SignedUrls
from dailies.ports.sources import Sources
from dailies.ports.tasks import TaskQueue
from dailies.ports.upload_sessions import NoUploadSessions, UploadSessions
from dailies.ports.workers import Owners, Workers
from dailies.settings import Settings


@dataclass(frozen=True, slots=True)
class Platform:
    settings: Settings
    documents: DocumentStore
    objects: ObjectStore
    tasks: TaskQueue
    sources: Sources
    workers: Workers
    owners: Owners
    registry: Registry
    toolchain: Callable[[], str]
    """Names the FFmpeg build that media steps will run on, without starting it."""
    scratch: Path
    now: Callable[[], datetime]
    """The present in UTC."""
    urls: SignedUrls = field(default_factory=NoSignedUrls)
    sessions: UploadSessions = field(default_factory=NoUploadSessions)
    egress: Egress = field(default_factory=NoEgress)
    partials: Partials = field(default_factory=NoPartials)
    mailer: Mailer = field(default_factory=NoMailer)
    recognise: Callable[[bytes, int | None], DailiesError | None] = lambda _head, _size: None
    """Why a file that begins so is refused, of that size if it is known; None for what may be media."""
