"""What both platforms are made of, built from the settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from dailies.bootstrap.engines import speech_choice
from dailies.planning.operation import Operation, Registry
from dailies.ports.documents import DocumentStore
from dailies.ports.egress import Egress
from dailies.ports.mailer import Mailer, NoMailer
from dailies.settings import Settings

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox

# A user's screen needs no more, and Firestore takes no more for long.
_CLOUD_PROGRESS_SECONDS = 1.0


def slowed(settings: Settings) -> Settings:
    """As often as a user's screen needs it, and Firestore takes it for long."""
    pace = max(settings.progress_interval_seconds, _CLOUD_PROGRESS_SECONDS)
    return settings.model_copy(update={"progress_interval_seconds": pace})


def egress(settings: Settings) -> Egress:
    """The way out for URLs of users."""
    from dailies.adapters.web.egress import GuardedEgress

    return GuardedEgress(ports=settings.fetch_ports)


def mailer(settings: Settings, documents: DocumentStore) -> Mailer:
    """How e-mail leaves, as the settings say; nothing is connected to yet. Raises Misconfigured."""
    if settings.mail == "none":
        return NoMailer()
    addresses = _addresses(settings)
    if settings.mail == "collection":
        from dailies.adapters.mail_collection import CollectionMailer

        return CollectionMailer(documents, settings.mail_from, addresses)
    from dailies.adapters.smtp.mailer import SmtpMailer, SmtpServer

    host, sender = settings.require_smtp()
    password = None if settings.smtp_password is None else settings.smtp_password.get_secret_value()
    server = SmtpServer(host, settings.smtp_port, settings.smtp_security, settings.smtp_user, password)
    return SmtpMailer(server, sender, addresses)


def _addresses(settings: Settings) -> Callable[[str], str | None]:
    if settings.project is None:
        return lambda _uid: settings.mail_to

    def ask(uid: str) -> str | None:
        from dailies.adapters.gcp.accounts import verified_address

        return verified_address(uid)

    return ask


def toolbox(settings: Settings) -> Callable[[], Toolbox]:
    """FFmpeg, made on first use: createUpload plans nothing, and what runs FFmpeg is half of what we import."""

    @cache
    def make() -> Toolbox:
        from dailies.media.toolbox import Toolbox

        return Toolbox(settings)

    return make


def registry(toolbox: Callable[[], Toolbox], settings: Settings) -> Registry:
    """The operations, each made on first use."""
    # One engine for all steps of a process: it holds its model.
    speech = cache(lambda: speech_choice(settings))

    def make(kind: str) -> Operation:
        from dailies.operations import Ports, operation_of

        return operation_of(kind, Ports(toolbox(), speech))

    return Registry(make)


def now() -> datetime:
    """The time, with its zone: UTC."""
    return datetime.now(UTC)
