"""How e-mail leaves."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from dailies.domain.errors import Misconfigured
from dailies.settings.group import PREFIX, SettingGroup


class MailSettings(SettingGroup):
    """E-mail."""

    mail: Literal["none", "smtp", "collection"] = Field(
        "none",
        description="how notifications go by e-mail: not at all (`none`), by a server (`smtp`), or by the Firebase "
        "extension Trigger Email, which sends what is in the collection `mail` (`collection`)",
    )
    mail_from: str | None = Field(None, max_length=320, description="the sender's address; `smtp` needs it")
    mail_to: str | None = Field(
        None,
        max_length=320,
        description="where e-mail to the users of this machine goes; in the cloud each has the verified address of "
        "their account",
    )
    mail_link: str | None = Field(
        None,
        pattern=r"^https://",
        description="where an e-mail leads: your app's page of a job, with `{job}` in place of its id",
    )
    smtp_host: str | None = Field(None, description="the server's name, which its certificate must have")
    smtp_port: int = Field(587, ge=1, le=65535, description="its port")
    smtp_security: Literal["starttls", "tls"] = Field(
        "starttls", description="TLS after a greeting in clear (`starttls`, port 587) or from the start (`tls`, 465)"
    )
    smtp_user: str | None = Field(None, description="who signs in; nobody without")
    smtp_password: SecretStr | None = Field(None, description="and the password")

    def require_smtp(self) -> tuple[str, str]:
        """The server's name and the sender. Raises Misconfigured that names what is missing."""
        if self.smtp_host is None or self.mail_from is None:
            missing = [name for name in ("smtp_host", "mail_from") if getattr(self, name) is None]
            names = ", ".join(f"{PREFIX}{name.upper()}" for name in missing)
            raise Misconfigured(f"E-mail by SMTP needs these settings: {names}", missing=names)
        return self.smtp_host, self.mail_from
