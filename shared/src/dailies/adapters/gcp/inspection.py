"""Describing a deployment, and trying its worker, through Google's REST APIs, with the credentials of whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import google.auth
import requests
from google.api_core import exceptions
from google.auth.transport.requests import AuthorizedSession

from dailies.adapters.gcp.errors import translated
from dailies.ports.inspection import Described, Inspector

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_ANSWER_SECONDS = 30
_GOOGLE = "https://{api}.googleapis.com"


def authorized_session(project: str) -> requests.Session:
    """With application-default credentials. Raises Misconfigured where there are none."""
    with translated("The deployment"):
        credentials, _ = google.auth.default(scopes=[_SCOPE], quota_project_id=project)
        return AuthorizedSession(credentials)


class CloudInspector(Inspector):
    """``root`` is an API's address by its name."""

    def __init__(self, session: requests.Session, project: str, root: str = _GOOGLE) -> None:
        self._session = session
        self._project = project
        self._root = root

    def describe(self, api: str, path: str, *, query: Mapping[str, str] | None = None) -> Described:
        found = self._ask("GET", api, path, dict(query or {}))
        data = dict(found.data)
        while token := data.pop("nextPageToken", None):
            page = self._ask("GET", api, path, {**(query or {}), "pageToken": token})
            for name, value in page.data.items():
                data[name] = data[name] + value if isinstance(data.get(name), list) else value
        return Described(data, found.at)

    def policy(self, service_account: str) -> Described:
        path = f"v1/projects/{self._project}/serviceAccounts/{service_account}:getIamPolicy"
        return self._ask("POST", "iam", path, {"options.requestedPolicyVersion": "3"})

    def start(self, job: str, environment: Mapping[str, str]) -> str:
        variables = [{"name": name, "value": value} for name, value in environment.items()]
        overrides = {"containerOverrides": [{"env": variables}], "taskCount": 1}
        return str(self._ask("POST", "run", f"{job}:run", {}, {"overrides": overrides}).data["metadata"]["name"])

    def _ask(
        self, method: str, api: str, path: str, query: dict[str, str], body: Mapping[str, Any] | None = None
    ) -> Described:
        url = f"{self._root.format(api=api)}/{path}"
        with translated(f"{api}: {path}"):
            answer = self._session.request(method, url, params=query, json=body, timeout=_ANSWER_SECONDS)
            if not answer.ok:
                raise exceptions.from_http_response(answer)
        data: dict[str, Any] = answer.json()
        return Described(data, _clock(answer))


def _clock(answer: requests.Response) -> datetime:
    told = answer.headers.get("Date")
    return parsedate_to_datetime(told) if told else datetime.now(UTC)
