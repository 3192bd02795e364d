"""Firestore's REST protocol as an app's SDK speaks it: one request, the status that came back."""

from __future__ import annotations

import base64
import http.client
import json
import os
from typing import Any
from urllib.parse import quote

#: A project of each process: the emulator is shared.
PROJECT = f"dailies-rules-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
#: The emulator's word for the server itself, whom no rule concerns.
SERVER = "owner"
_TYPES = {bool: "booleanValue", str: "stringValue", type(None): "nullValue"}
FIELDS = {"fields": {"status": {"stringValue": "processing"}}}


def emulator_token(uid: str | None, **claims: Any) -> str:
    """A token as the emulator takes it: the claims of a Firebase ID token, unsigned."""
    identity = {"sub": uid, "user_id": uid} if uid is not None else {}
    payload = {
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "aud": PROJECT,
        "iat": 0,
        "exp": 4_000_000_000,
        **identity,
        **claims,
    }
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(payload)}."


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


class Firestore:
    def __init__(self, address: str, database: str) -> None:
        self._database = database
        self._connection = http.client.HTTPConnection(address, timeout=30)

    def close(self) -> None:
        self._connection.close()

    def get(self, token: str | None, document: str) -> int:
        return self._send("GET", document, token)

    def list(self, token: str | None, document: str) -> int:
        return self._send("GET", document.rpartition("/")[0], token)

    def create(self, token: str | None, document: str) -> int:
        collection, _, name = document.rpartition("/")
        return self._send("POST", f"{collection}?documentId={name}-new", token, FIELDS)

    def update(self, token: str | None, document: str) -> int:
        return self._send("PATCH", f"{document}?currentDocument.exists=true", token, FIELDS)

    def change(self, token: str | None, document: str, **values: Any) -> int:
        """As ``updateDoc``: these fields, and the others stay."""
        mask = "".join(f"&updateMask.fieldPaths={name}" for name in values)
        fields = {name: {_TYPES[type(value)]: value} for name, value in values.items()}
        return self._send("PATCH", f"{document}?currentDocument.exists=true{mask}", token, {"fields": fields})

    def delete(self, token: str | None, document: str) -> int:
        return self._send("DELETE", document, token)

    def query(self, token: str | None, parent: str, collection: str, *, group: bool = False) -> int:
        """What ``onSnapshot`` of a query is allowed by; ``group``: over every collection of that name."""
        asked = {"structuredQuery": {"from": [{"collectionId": collection, "allDescendants": group}]}}
        return self._send("POST", f"{parent}:runQuery", token, asked)

    def put(self, document: str) -> None:
        """As the server: whatever the rules say."""
        status = self._send("PATCH", document, SERVER, FIELDS)
        assert status == http.client.OK, status

    def _send(self, method: str, path: str, token: str | None, body: dict[str, Any] | None = None) -> int:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        slash = "" if path.startswith(":") else "/"
        url = f"/v1/projects/{PROJECT}/databases/{self._database}/documents{slash}{quote(path, safe='/?=:&.')}"
        self._connection.request(method, url, json.dumps(body) if body is not None else None, headers)
        response = self._connection.getresponse()
        response.read()
        return response.status
