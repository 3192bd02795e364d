"""E-mail by documents that somebody else sends: the form of Firebase's extension Trigger Email."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from dailies.domain.errors import Conflict, PermanentError, TransientError
from dailies.domain.job.retention import record_goes
from dailies.ports.documents import DocumentStore
from dailies.ports.mailer import Message

COLLECTION = "mail"


class CollectionMailer:
    """``mail/{id}`` of Dailies' own database, one for each message. ``address_of`` is as :class:`SmtpMailer` has it."""

    def __init__(self, documents: DocumentStore, sender: str | None, address_of: Callable[[str], str | None]) -> None:
        self._documents = documents
        self._sender = sender
        self._address_of = address_of

    def send(self, uid: str, message: Message, last_call: Callable[[], None]) -> None:
        to = self._address_of(uid)
        if to is None:
            raise PermanentError("The account has no verified e-mail address.", code="no_address")
        content = {"subject": message.subject, "text": message.text, "html": message.html, "messageId": message.id}
        document = {
            "to": [to],
            "message": content,
            **({} if self._sender is None else {"from": self._sender}),
            "remove_after": record_goes(message.created),
        }
        if message.several:
            last_call()
        try:
            # What is there already was written by this call, which was repeated: its state is the extension's.
            with suppress(Conflict):
                self._documents.create(f"{COLLECTION}/{message.id}", document)
        except TransientError as error:
            if not message.several:
                raise
            raise TransientError(error.message, code="mail_unconfirmed") from error
