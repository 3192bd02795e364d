"""Sends one e-mail, once: whoever dies at the one moment that nobody can look behind leaves it unconfirmed."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from dailies.domain.errors import Conflict, DailiesError, Misconfigured, TransientError
from dailies.domain.job.mail import Mail, begun, ended, failed, texts_of
from dailies.engine.platform import Platform
from dailies.engine.step_tasks import STEPS
from dailies.engine.store.mails import change_mail, find_mail, late_mails
from dailies.logs import Logger
from dailies.ports.mailer import Message

UNCONFIRMED = "mail_unconfirmed"
# A queue may be a moment early.
_EARLY = timedelta(seconds=2)
_LATE = timedelta(minutes=5)
_NAMED_FOR_SECONDS = 3600
_MOST_AT_ONCE = 500
_REASON = 200

log = Logger(__name__)


def send_mail(platform: Platform, mail_id: str) -> Mail | None:
    """Make the try that is due, and note what came of it; None where there is nothing to do.

    Idempotent. Raises TransientError of the store.
    """
    mail = find_mail(platform, mail_id)
    if mail is None or not mail.open or mail.next_at > platform.now() + _EARLY:
        return None
    if mail.state == "sending":
        return _note(platform, mail, ended(mail, "unconfirmed", "Whoever sent it died before it was confirmed."))
    text, html = texts_of(mail, platform.settings.mail_link)
    message = Message(mail.id, mail.title, text, html, mail.created)
    try:
        platform.mailer.send(mail.uid, message, lambda: _begin(platform, mail))
    except Conflict:
        # Somebody else makes this try, too, and was faster.
        return None
    except TransientError as error:
        if error.error_code == UNCONFIRMED:
            return _note(platform, mail, ended(mail, "unconfirmed", error.message[:_REASON]))
        return _note(platform, mail, failed(mail, error.message[:_REASON], platform.now()))
    except Misconfigured as error:
        # Somebody may mend it meanwhile.
        return _note(platform, mail, failed(mail, error.message[:_REASON], platform.now()))
    except DailiesError as error:
        return _note(platform, mail, ended(mail, "given_up", error.message[:_REASON]))
    return _note(platform, mail, ended(mail, "sent"))


def enqueue_mail(platform: Platform, mail: Mail) -> None:
    """Have somebody look at it when it is due. Idempotent."""
    wait = max(0.0, (mail.next_at - platform.now()).total_seconds())
    hour = int(platform.now().timestamp() // _NAMED_FOR_SECONDS)
    with suppress(Conflict):
        platform.tasks.enqueue(STEPS, {"mail": mail.id}, name=f"{mail.task}-{hour}", delay_seconds=wait)


def resume_mails(platform: Platform) -> int:
    """Ask once more for looks whose task was lost; how many. Idempotent."""
    late = late_mails(platform, _LATE, _MOST_AT_ONCE)
    for mail in late:
        enqueue_mail(platform, mail)
    return len(late)


def _begin(platform: Platform, mail: Mail) -> None:
    def change(known: Mail) -> Mail:
        if (known.state, known.tries) != ("pending", mail.tries):
            raise Conflict("This try is made by somebody else.", code="mail_taken")
        return begun(known, platform.now())

    change_mail(platform, mail.id, change)


def _note(platform: Platform, mail: Mail, outcome: Mail) -> Mail:
    def change(known: Mail) -> Mail:
        # Somebody else may have made this try, too, and noted it before.
        return outcome if known.open and known.tries == mail.tries else known

    noted = change_mail(platform, mail.id, change)
    if noted.open:
        enqueue_mail(platform, noted)
    elif noted.state != "sent":
        log.warning("an e-mail was not sent", mail=noted.id, state=noted.state, job=noted.job_id, why=noted.reason)
    return noted
