"""Sends one e-mail, once: whoever dies at the one moment that nobody can look behind leaves it unconfirmed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dailies.domain.errors import Conflict, DailiesError, Misconfigured, TransientError
from dailies.domain.job.mail import Mail, begun, ended, failed, letter_of
from dailies.engine.delivery_queue import EARLY, LATE, MOST_LATE, enqueue_try
from dailies.engine.platform import Platform
from dailies.engine.store.mails import change_mails, find_mail, late_mails, pending_mails
from dailies.logs import Logger
from dailies.ports.mailer import Message

UNCONFIRMED = "mail_unconfirmed"
_MOST_AT_ONCE = 500
_MOST_IN_ONE = 50
_REASON = 200
_DIED = "Whoever sent it died before it was confirmed."

log = Logger(__name__)


def send_mail(platform: Platform, mail_id: str) -> list[Mail]:
    """Make the try that is due, and note what came of it; nothing where there is nothing to do.

    One that was held goes with all others of its user that were and are due. Idempotent. Raises TransientError of the
    store.
    """
    mail = find_mail(platform, mail_id)
    if mail is None or not _is_due(platform, mail):
        return []
    if mail.state == "sending":
        return _note(platform, [mail], lambda each: ended(each, "unconfirmed", _DIED))
    mails = _together(platform, mail)
    subject, text, html = letter_of(mails, platform.settings.mail_link)
    message = Message(mails[0].id, subject, text, html, mails[0].created, several=mail.held)
    try:
        platform.mailer.send(mail.uid, message, lambda: _begin(platform, mails))
    except Conflict:
        # Somebody else makes this try, too, and was faster.
        return []
    except (TransientError, Misconfigured) as error:
        # What is configured wrongly, somebody may mend meanwhile.
        why = error.message[:_REASON]
        if error.error_code == UNCONFIRMED:
            return _note(platform, mails, lambda each: ended(each, "unconfirmed", why))
        return _note(platform, mails, lambda each: failed(each, why, platform.now()))
    except DailiesError as error:
        why = error.message[:_REASON]
        return _note(platform, mails, lambda each: ended(each, "given_up", why))
    return _note(platform, mails, lambda each: ended(each, "sent"))


def enqueue_mail(platform: Platform, mail: Mail) -> None:
    """Have somebody look at it when it is due. Idempotent."""
    enqueue_try(platform, {"mail": mail.id}, mail.task, mail.next_at)


def resume_mails(platform: Platform) -> int:
    """Ask once more for looks whose task was lost; how many. Idempotent."""
    late = late_mails(platform, LATE, MOST_LATE)
    for mail in late:
        enqueue_mail(platform, mail)
    return len(late)


def _is_due(platform: Platform, mail: Mail) -> bool:
    return mail.open and mail.next_at <= platform.now() + EARLY


def _together(platform: Platform, mail: Mail) -> list[Mail]:
    """In the order of what they are about."""
    if not mail.held:
        return [mail]
    waiting = pending_mails(platform, mail.uid, _MOST_AT_ONCE)
    others = [each for each in waiting if each.held and each.id != mail.id and _is_due(platform, each)]
    return sorted([mail, *others[: _MOST_IN_ONE - 1]], key=lambda each: (each.created, each.id))


def _begin(platform: Platform, mails: Sequence[Mail]) -> None:
    tries = {each.id: each.tries for each in mails}

    def change(known: Mail) -> Mail:
        if (known.state, known.tries) != ("pending", tries[known.id]):
            raise Conflict("This try is made by somebody else.", code="mail_taken")
        return begun(known, platform.now())

    change_mails(platform, mails, change)


def _note(platform: Platform, mails: Sequence[Mail], outcome: Callable[[Mail], Mail]) -> list[Mail]:
    tries = {each.id: each.tries for each in mails}

    def change(known: Mail) -> Mail:
        # Somebody else may have made this try, too, and noted it before.
        return outcome(known) if known.open and known.tries == tries[known.id] else known

    noted = change_mails(platform, mails, change)
    for mail in noted:
        if mail.open:
            enqueue_mail(platform, mail)
        elif mail.state != "sent":
            log.warning("an e-mail was not sent", mail=mail.id, state=mail.state, job=mail.job_id, why=mail.reason)
    return noted
