"""Google's clients. The first use of each costs a connection, so nothing is made at import.

Those of Cloud Tasks and Cloud Run are imported when they are made: that takes a good part of a cold start, and
createUpload needs neither.

FIRESTORE_EMULATOR_HOST and STORAGE_EMULATOR_HOST are the libraries' own; Cloud Tasks and Cloud Run have no such
variable, and are given an ``endpoint`` (``http://host:port``) instead, which is then spoken to without credentials.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore, storage

from dailies.adapters.gcp.errors import translated

if TYPE_CHECKING:
    from google.cloud import run_v2, tasks_v2


def firestore_client(project: str, database: str) -> firestore.Client:
    with translated("Firestore"):
        return firestore.Client(project=project, database=database)


def storage_client(project: str) -> storage.Client:
    # For traces, which nobody collects here, the library asks for the bucket beside the first operation of each client,
    # and where a function may not see it, beside every one.
    os.environ.setdefault("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
    with translated("Cloud Storage"):
        return storage.Client(project=project)


def tasks_client(endpoint: str | None = None) -> tasks_v2.CloudTasksClient:
    from google.cloud import tasks_v2
    from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksRestTransport

    with translated("Cloud Tasks"):
        if endpoint is None:
            return tasks_v2.CloudTasksClient()
        host, scheme = _split(endpoint)
        return tasks_v2.CloudTasksClient(
            transport=CloudTasksRestTransport(host=host, credentials=AnonymousCredentials(), url_scheme=scheme)
        )


def jobs_client(endpoint: str | None = None) -> run_v2.JobsClient:
    from google.cloud import run_v2
    from google.cloud.run_v2.services.jobs.transports import JobsRestTransport

    with translated("Cloud Run"):
        if endpoint is None:
            return run_v2.JobsClient()
        host, scheme = _split(endpoint)
        return run_v2.JobsClient(
            transport=JobsRestTransport(host=host, credentials=AnonymousCredentials(), url_scheme=scheme)
        )


def executions_client(endpoint: str | None = None) -> run_v2.ExecutionsClient:
    from google.cloud import run_v2
    from google.cloud.run_v2.services.executions.transports import ExecutionsRestTransport

    with translated("Cloud Run"):
        if endpoint is None:
            return run_v2.ExecutionsClient()
        host, scheme = _split(endpoint)
        return run_v2.ExecutionsClient(
            transport=ExecutionsRestTransport(host=host, credentials=AnonymousCredentials(), url_scheme=scheme)
        )


def _split(endpoint: str) -> tuple[str, str]:
    scheme, _, host = endpoint.partition("://")
    return host, scheme
