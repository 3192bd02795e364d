"""`dailies up` tells of an upload's job: in the app, and by e-mail over TLS to a server of this machine."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.e2e.command import Dailies, wait_until
from tests.e2e.serving import serving
from tests.fakes.certificates import make_authority
from tests.fakes.smtp_server import smtp_server
from tests.made import lend_tools


@pytest.mark.timeout(120)
def test_a_person_is_told_of_an_upload_s_job(clips: Callable[[str], Path], tmp_path: Path) -> None:
    authority = make_authority(tmp_path / "authority", "localhost")
    with smtp_server(authority) as mail:
        environment = {
            # What OpenSSL believes.
            "SSL_CERT_FILE": str(authority.root),
            "DAILIES_MAIL": "smtp",
            "DAILIES_MAIL_FROM": "Dailies <post@dailies.example>",
            "DAILIES_MAIL_TO": "ann@example.org",
            "DAILIES_SMTP_HOST": "localhost",
            "DAILIES_SMTP_PORT": str(mail.port),
            "DAILIES_SMTP_USER": mail.user[0],
            "DAILIES_SMTP_PASSWORD": mail.user[1],
            "DAILIES_LOG": "critical",
        }
        dailies = Dailies(lend_tools(tmp_path / "home"), environment)
        for channel in ("in_app", "email"):
            dailies("notifications", "on", channel, "--user", "ann")
        with serving(dailies) as server:
            job_id = server.upload(clips("talk.mp4"))

            def sent() -> bool:
                listed = dailies("notifications", "list", "--channel", "email", "--user", "ann")
                return [(each["job_id"], each["state"]) for each in listed] == [(job_id, "sent")]

            wait_until(lambda: mail.taken, "the e-mail", 60)
            wait_until(sent, "that it is noted", 60)
        [told] = dailies("notifications", "list", "--user", "ann")
        [taken] = mail.taken
        letter = message_from_bytes(taken.data, policy=default)
        assert (told["job_id"], told["event_type"]) == (job_id, "job.completed")
        assert (taken.to, letter["Subject"]) == ("ann@example.org", told["title"])
        assert set(mail.clear) == {"EHLO", "STARTTLS"}
        assert dailies("notifications", "read", "--user", "ann") == {"notification_ids": [told["id"]]}
        dailies.end()
