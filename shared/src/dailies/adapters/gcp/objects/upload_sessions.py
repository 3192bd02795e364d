"""Cloud Storage's resumable sessions, which we start: only whoever has a session's URL can ask how far it is.

https://docs.cloud.google.com/storage/docs/performing-resumable-uploads: a PUT without bytes and with
``Content-Range: bytes */*`` is answered by 308, with a Range once bytes have come; a DELETE by 499. The URL is all
that the session asks for: whoever knows it may write this one object.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import requests

from dailies.adapters.gcp.errors import translated
from dailies.domain.errors import DailiesError, PermanentError, TransientError
from dailies.logs import Logger
from dailies.ports.signed_urls import SignedRequest
from dailies.ports.upload_sessions import UnderWay, UploadSessions

_SECONDS = 20.0

log = Logger(__name__)


class CloudUploadSessions(UploadSessions):
    def open(self, start: SignedRequest, origin: str | None) -> str | None:
        # The session answers pages of this origin alone, as the request that began it would from a browser.
        headers = {**start.headers, **({"Origin": origin} if origin is not None else {})}
        answer = self._ask(start.method, start.url, headers)
        session = answer.headers.get("Location")
        if answer.status_code not in (200, 201) or session is None:
            raise PermanentError(
                f"Cloud Storage starts no upload (HTTP {answer.status_code}): see `dailies doctor --project`.",
                code="cloud_refused",
            )
        return session

    def begun(self, session: str) -> bool:
        answer = self._ask("PUT", session, {"Content-Range": "bytes */*"})
        if answer.status_code == 308:
            return "Range" in answer.headers
        # Whole is begun: its event is on the way.
        return answer.status_code in (200, 201)

    def end(self, name: str, session: str | None) -> None:
        if session is None:
            return
        try:
            self._ask("DELETE", session, {})
        except DailiesError as error:
            # Whatever it still brings is removed on arrival, and it lapses after a week.
            log.warning("upload not ended", object=name, code=error.error_code, error=error.message)

    def collect(self, wanted: Callable[[str, timedelta], bool]) -> UnderWay:
        # Nobody can list them: they lapse by themselves.
        return UnderWay()

    def _ask(self, method: str, url: str, headers: dict[str, str]) -> requests.Response:
        """Raises TransientError for what may pass."""
        with translated("Cloud Storage"):
            answer = requests.request(
                method, url, headers={"Content-Length": "0", **headers}, timeout=_SECONDS, allow_redirects=False
            )
        if answer.status_code in (408, 429) or answer.status_code >= 500:
            raise TransientError(f"Cloud Storage answers {answer.status_code} at present: try again in a moment.")
        return answer
