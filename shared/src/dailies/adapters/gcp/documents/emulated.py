"""Firestore's documents on its emulator."""

from __future__ import annotations

import os

from dailies.adapters.gcp import clients
from dailies.adapters.gcp.documents.documents import CloudDocuments
from dailies.domain.errors import Misconfigured
from dailies.ports.documents import DocumentStore


def emulated_documents(project: str) -> DocumentStore:
    """Raises Misconfigured where the emulator is not named: the project would be a real one."""
    if not os.environ.get("FIRESTORE_EMULATOR_HOST"):
        raise Misconfigured(
            "DAILIES_EMULATED_PROJECT needs FIRESTORE_EMULATOR_HOST: unset it; `dailies up --emulators` sets both."
        )
    return CloudDocuments(clients.firestore_client(project, "(default)"))
