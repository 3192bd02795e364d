"""E-mail to users: who has an address is the adapter's to know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dailies.domain.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Message:
    """``id`` is the same whenever it is sent: letters, digits and ``_``. The texts may hold anything but ``subject``
    a line's end.
    """

    id: str
    subject: str
    text: str
    html: str
    created: datetime
    several: bool = False
    """Whether a repeated call may be about more than this one was."""


class Mailer(Protocol):
    def send(self, uid: str, message: Message, last_call: Callable[[], None]) -> None:
        """Hand the message for the user over to who delivers it.

        ``last_call`` is called at the last moment at which it surely was not, unless handing it over twice is as once;
        what it raises ends the call, and nothing was sent.

        Raises PermanentError ``no_address`` where the user has none that is verified, ``mail_refused``;
        TransientError ``mail_unavailable``, both of which mean that it was not sent; TransientError
        ``mail_unconfirmed`` where nobody can know; Misconfigured.
        """


class NoMailer:
    """Of a platform that sends none."""

    def send(self, uid: str, message: Message, last_call: Callable[[], None]) -> None:
        raise Misconfigured("E-mail is off: set DAILIES_MAIL (docs/settings.md).", code="mail_off")
