"""E-mail by an SMTP server of the operator's, under TLS."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from dailies.domain.errors import Misconfigured, PermanentError, TransientError
from dailies.ports.mailer import Message

if TYPE_CHECKING:
    import smtplib
    from email.message import EmailMessage

#: For each answer of the server's; RFC 5321, 4.5.3.2, asks for minutes of patience, which a function has not.
_ANSWER_SECONDS = 30.0
_READY, _GO_ON, _DONE = range(200, 300), 354, 250
_LINE_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    host: str
    port: int
    security: Literal["starttls", "tls"]
    user: str | None
    password: str | None = field(repr=False)


class SmtpMailer:
    """``address_of`` gives a user's verified address, or None. ``trust`` says what certificates are believed."""

    def __init__(
        self,
        server: SmtpServer,
        sender: str,
        address_of: Callable[[str], str | None],
        trust: Callable[[], ssl.SSLContext] = ssl.create_default_context,
        answer_seconds: float = _ANSWER_SECONDS,
    ) -> None:
        self._server = server
        self._sender = sender
        self._address_of = address_of
        self._trust = trust
        self._seconds = answer_seconds

    def send(self, uid: str, message: Message, last_call: Callable[[], None]) -> None:
        # Every command imports what builds this; most send nothing.
        import smtplib

        to = self._address_of(uid)
        if to is None:
            raise PermanentError("The account has no verified e-mail address.", code="no_address")
        sender, recipient, made = self._made(message, to)
        try:
            with closing(self._connected()) as smtp:
                self._announce(smtp, sender, recipient)
                smtp.send(_LINE_DOT.sub(b"..", made))
                last_call()
                self._end(smtp)
        except smtplib.SMTPAuthenticationError as error:
            raise Misconfigured(
                "The e-mail server refuses the user or the password: DAILIES_SMTP_USER, DAILIES_SMTP_PASSWORD.",
                code="mail_sign_in",
            ) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code) from error
        except (smtplib.SMTPException, OSError) as error:
            raise TransientError(
                f"The e-mail server can't be reached, or breaks off: {type(error).__name__}.", code="mail_unavailable"
            ) from error

    def _connected(self) -> smtplib.SMTP:
        import smtplib

        server = self._server
        if server.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=self._seconds, context=self._trust()
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=self._seconds)
        try:
            if server.security == "starttls":
                # Raises where the server has none: nothing goes in clear.
                smtp.starttls(context=self._trust())
            if server.user is not None:
                smtp.login(server.user, server.password or "")
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _announce(self, smtp: smtplib.SMTP, sender: str, to: str) -> None:
        import smtplib

        smtp.ehlo_or_helo_if_needed()
        for code, text in (smtp.mail(sender), smtp.rcpt(to)):
            if code not in _READY:
                raise smtplib.SMTPResponseException(code, text)
        code, text = smtp.docmd("DATA")
        if code != _GO_ON:
            raise smtplib.SMTPResponseException(code, text)

    def _end(self, smtp: smtplib.SMTP) -> None:
        """With the dot the server takes it; one that says nothing more may have."""
        import smtplib

        try:
            smtp.send(b".\r\n")
            code, text = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            raise TransientError(
                "The e-mail server broke off where it had to say whether it took the message.", code="mail_unconfirmed"
            ) from error
        if code != _DONE:
            raise smtplib.SMTPResponseException(code, text)
        with suppress(smtplib.SMTPException, OSError):
            # It has taken it, however it says good-bye.
            smtp.docmd("QUIT")

    def _made(self, message: Message, to: str) -> tuple[str, str, bytes]:
        """The bare addresses, and the message. Raises Misconfigured, PermanentError ``mail_refused``."""
        from email.errors import MessageError
        from email.policy import SMTP

        try:
            letter = _letter(message, self._sender, to)
            sender = letter["From"].addresses[0].addr_spec
            letter["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2]}>"
            made = letter.as_bytes(policy=SMTP)
            [recipient] = letter["To"].addresses
            recipient.addr_spec.encode("ascii")
        except (MessageError, ValueError, IndexError, AttributeError) as error:
            raise PermanentError(
                "The message or its address can't be written as an e-mail.", code="mail_refused"
            ) from error
        return sender, recipient.addr_spec, made


def _letter(message: Message, sender: str, to: str) -> EmailMessage:
    from email.message import EmailMessage
    from email.policy import SMTP

    letter = EmailMessage(policy=SMTP)
    letter["From"] = sender
    letter["To"] = to
    letter["Subject"] = message.subject
    letter["Date"] = message.created
    # RFC 3834: no answering machine answers it.
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.text, cte="quoted-printable")
    letter.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return letter


def _refused(code: int) -> PermanentError | TransientError:
    if code < 500:
        return TransientError(f"The e-mail server takes no message now ({code}).", code="mail_unavailable")
    return PermanentError(f"The e-mail server refuses the message or its address ({code}).", code="mail_refused")
