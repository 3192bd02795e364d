"""One e-mail about one event, and when it is tried again. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape

from pydantic import ConfigDict, Field

from dailies.domain.job.notification import Language, MailState, Notification
from dailies.domain.model import Model

#: After the n-th failure, in seconds: greylisting servers want some minutes, and who was told of it a day late wasn't.
SCHEDULE_SECONDS = (60, 300, 900, 3600, 14_400)
#: A try takes no longer: who has begun one and said nothing since then is dead.
LONGEST_TRY = timedelta(minutes=10)

_WHY = {
    "en": "You chose to be told of this by e-mail.",
    "nl": "Je hebt gekozen om hierover e-mail te krijgen.",
}
_SEVERAL = {"en": "{0} jobs have ended", "nl": "{0} opdrachten zijn afgelopen"}
_OPEN = {"en": "Open", "nl": "Openen"}


class Mail(Model):
    """``sending`` from the last moment at which it surely was not sent: whoever dies behind it leaves it
    ``unconfirmed``, and it is not sent again.
    """

    model_config = ConfigDict(extra="ignore")

    id: str
    uid: str
    job_id: str
    event_type: str
    title: str
    body: str
    language: Language
    created: datetime
    state: MailState = "pending"
    tries: int = 0
    reason: str | None = Field(None, description="why the last try came to nothing")
    held: bool = Field(False, description="for its user's own time: it goes with others that are")
    next_at: datetime = Field(description="when somebody has to look at it")

    @property
    def open(self) -> bool:
        """Whether somebody has to look at it again."""
        return self.state in ("pending", "sending")

    @property
    def task(self) -> str:
        """Names the next look, so that it is made once."""
        return f"{self.id}-{self.state}-{self.tries}"


def mail_of(uid: str, told: Notification, now: datetime, due: datetime) -> Mail:
    return Mail(
        id=told.id.replace("ntf_", "eml_"),
        uid=uid,
        job_id=told.job_id,
        event_type=told.event_type,
        title=told.title,
        body=told.body,
        language=told.language,
        created=told.created,
        held=due > now,
        next_at=due,
    )


def shown(mail: Mail) -> Notification:
    """What its user is shown of it."""
    return Notification(
        id=mail.id,
        job_id=mail.job_id,
        event_type=mail.event_type,
        title=mail.title,
        body=mail.body,
        language=mail.language,
        created=mail.created,
        channel="email",
        state=mail.state,
        reason=mail.reason,
    )


def begun(mail: Mail, now: datetime) -> Mail:
    return mail.model_copy(update={"state": "sending", "next_at": now + LONGEST_TRY})


def failed(mail: Mail, reason: str, now: datetime) -> Mail:
    """It was surely not sent: tried again by the schedule, and then given up."""
    tries = mail.tries + 1
    if tries > len(SCHEDULE_SECONDS):
        return mail.model_copy(update={"state": "given_up", "tries": tries, "reason": reason})
    next_at = now + timedelta(seconds=SCHEDULE_SECONDS[tries - 1])
    return mail.model_copy(update={"state": "pending", "tries": tries, "reason": reason, "next_at": next_at})


def ended(mail: Mail, state: MailState, reason: str | None = None) -> Mail:
    return mail.model_copy(update={"state": state, "tries": mail.tries + 1, "reason": reason})


def letter_of(mails: Sequence[Mail], link: str | None) -> tuple[str, str, str]:
    """Subject, text and HTML of the message about them, all of one user; in the HTML everything is escaped.

    ``link`` has ``{job}`` in place of a job's id.
    """
    language = mails[-1].language
    subject = mails[0].title if len(mails) == 1 else _SEVERAL[language].format(len(mails))
    text, html = [], []
    for mail in mails:
        to = None if link is None else link.replace("{job}", mail.job_id)
        text += [part for part in (mail.title, mail.body, to) if part]
        html.append(f"<p><strong>{escape(mail.title)}</strong></p>")
        if mail.body:
            html.append(f"<p>{escape(mail.body)}</p>")
        if to:
            html.append(f'<p><a href="{escape(to)}">{_OPEN[language]}</a></p>')
    text.append(_WHY[language])
    html.append(f"<p><small>{escape(_WHY[language])}</small></p>")
    head = f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(subject)}</title>'
    return subject, "\n\n".join(text) + "\n", f"{head}</head><body>{''.join(html)}</body></html>\n"
