"""What a person is told of a job's end, by which channel, in which language. Pure.

Of file names and messages, which may hold anything, control characters and what turns the writing round are left out:
a text is one line, to be shown as text and never as HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from dailies.domain.job.events import Event
from dailies.domain.job.holding import Holding
from dailies.domain.job.job import JobState
from dailies.domain.model import Model, digest_of
from dailies.domain.source.tags import clean_text

Channel = Literal["in_app", "email"]
Language = Literal["en", "nl"]
MailState = Literal["pending", "sending", "sent", "given_up", "unconfirmed"]
TellingState = Literal["told", MailState]
CHANNELS: tuple[Channel, ...] = ("in_app", "email")
LANGUAGES: tuple[Language, ...] = ("en", "nl")
#: A person is told of ends; who wants every step listens to the progress document, or has a webhook.
TOLD_EVENTS = tuple(f"job.{state.value}" for state in JobState if state.terminal)
MOST_TITLE, MOST_BODY = 120, 500
_MOST_NAME = 80

_TITLES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "job.completed": "{name} is ready",
        "job.failed": "{name} could not be made",
        "job.cancelled": "{name} was cancelled",
        "job.expired": "{name} has expired: its upload never came",
    },
    "nl": {
        "job.completed": "{name} is klaar",
        "job.failed": "{name} kon niet worden gemaakt",
        "job.cancelled": "{name} is geannuleerd",
        "job.expired": "{name} is verlopen: de upload is niet gekomen",
    },
}
_WORDS = {
    "en": {"name": "Your file", "outputs": "Made: {0}.", "leftOut": "Left out: {0}."},
    "nl": {"name": "Je bestand", "outputs": "Gemaakt: {0}.", "leftOut": "Weggelaten: {0}."},
}


class Preferences(Model):
    """What a user is told of: for each channel the types of events, with the time since when."""

    # Records of newer versions have more fields.
    model_config = ConfigDict(extra="ignore")

    events: dict[str, dict[str, datetime]] = Field(default_factory=dict)
    language: Language = "en"
    holding: Holding = Field(default_factory=Holding, description="of e-mail")

    def wants(self, channel: Channel, event: Event) -> bool:
        """Whether the channel is to tell of the event: of one from before the wish it isn't."""
        since = self.events.get(channel, {}).get(event.event_type)
        return since is not None and event.timestamp >= since

    @property
    def chosen(self) -> dict[str, list[str]]:
        """The types of events by the channel that tells of them, in one order: stores keep none of names."""
        on = ((channel, self.events.get(channel, {})) for channel in CHANNELS)
        return {channel: [each for each in TOLD_EVENTS if each in types] for channel, types in on if types}

    def changed(
        self,
        events: Mapping[Channel, Sequence[str]],
        language: Language | None,
        holding: Mapping[str, object],
        now: datetime,
    ) -> Preferences:
        """With those channels' events in place of the ones before; what stays is told of since it was wished for.

        ``holding`` has the fields of :class:`Holding` that change.
        """
        chosen = dict(self.events)
        for channel, types in events.items():
            known = chosen.get(channel, {})
            chosen[channel] = {each: known.get(each, now) for each in TOLD_EVENTS if each in types}
        held = self.holding.model_copy(update=dict(holding))
        return self.model_copy(update={"events": chosen, "language": language or self.language, "holding": held})


class Notification(Model):
    """``id`` is the event's: it is told once by each channel."""

    id: str
    job_id: str
    event_type: str
    title: str
    body: str
    language: Language
    created: datetime
    read: bool = False
    channel: Channel = "in_app"
    state: TellingState = "told"
    reason: str | None = Field(None, description="why an e-mail was not sent, or may not have been")


def notification_of(event: Event, file_name: str | None, language: Language) -> Notification:
    """In that language; ``file_name`` is the source's, as its user calls it."""
    name = clean_text(file_name or "", _MOST_NAME)
    title = _TITLES[language][event.event_type].format(name=f"“{name}”" if name else _WORDS[language]["name"])
    return Notification(
        id=f"ntf_{digest_of(['notification', event.event_id])[:32]}",
        job_id=event.job_id,
        event_type=event.event_type,
        title=title[:MOST_TITLE],
        body=_body(event.data, language),
        language=language,
        created=event.timestamp,
    )


def _body(data: Mapping[str, Any], language: Language) -> str:
    made = [_WORDS[language][each].format(", ".join(data[each])) for each in ("outputs", "leftOut") if data.get(each)]
    return clean_text(" ".join([*made, str(data.get("message", ""))]), MOST_BODY)
