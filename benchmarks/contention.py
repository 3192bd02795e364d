"""Twenty threads count one Firestore document up: by preconditions, and by Firestore's own transactions in both modes.

    ./scripts/setup dev python benchmarks/contention.py [--threads 20] [--each 5] [--seconds 20]

Runs on Google's emulator (gcloud's component and a Java), one way after the other. Prints how far the counter got,
and the time and the attempts that it took.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore
from google.cloud.firestore_v1 import types

from dailies.adapters.gcp.documents.transactions import Attempt, Outrun

Count = Callable[[firestore.Client, str], None]
Mode = types.TransactionOptions.ConcurrencyMode
#: The pause after the first failure, doubled up to the second.
_PAUSE_SECONDS = (0.05, 1.0)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--threads", type=int, default=20)
    options.add_argument("--each", type=int, default=5)
    options.add_argument("--seconds", type=float, default=20.0, help="of each way at most")
    chosen = options.parse_args()
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tests.emulators import firestore_emulator

    with firestore_emulator() as host:
        os.environ["FIRESTORE_EMULATOR_HOST"] = host
        client = firestore.Client(project="benchmark", credentials=AnonymousCredentials())
        ways: dict[str, Count] = {
            "preconditions": by_preconditions,
            "OPTIMISTIC": lambda client, path: by_transaction(client, path, Mode.OPTIMISTIC),
            "PESSIMISTIC": lambda client, path: by_transaction(client, path, Mode.PESSIMISTIC),
        }
        for name, count in ways.items():
            contend(client, name, count, chosen.threads, chosen.each, chosen.seconds)
        client.close()


def contend(client: firestore.Client, name: str, count: Count, threads: int, each: int, seconds: float) -> None:
    path = f"benchmark/{name}"
    client.document(path).set({"n": 0})
    started = time.monotonic()
    attempts = [0] * threads

    def work(number: int) -> None:
        done, pause = 0, _PAUSE_SECONDS[0]
        while done < each and time.monotonic() < started + seconds:
            attempts[number] += 1
            try:
                count(client, path)
            except (Outrun, exceptions.Aborted, exceptions.FailedPrecondition):
                time.sleep(random.uniform(0, pause))  # noqa: S311 -- spreads contenders, hides nothing
                pause = min(_PAUSE_SECONDS[1], pause * 2)
            else:
                done, pause = done + 1, _PAUSE_SECONDS[0]

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))
    counted = client.document(path).get().get("n")
    took = time.monotonic() - started
    print(f"{name:14} {counted:4} of {threads * each} in {took:5.1f} s, {sum(attempts)} attempts", flush=True)


def by_preconditions(client: firestore.Client, path: str) -> None:
    attempt = Attempt(client)
    seen = attempt.get(path)
    if seen is None:
        raise SystemExit("the counter is gone")
    attempt.update(path, {"n": seen.data["n"] + 1})
    attempt.commit()


def by_transaction(client: firestore.Client, path: str, mode: int) -> None:
    """Below the library's own decorator, which has no word for the mode."""
    api, database = client._firestore_api, client._database_string  # noqa: SLF001
    name = client.document(path)._document_path  # noqa: SLF001
    options = types.TransactionOptions(read_write=types.TransactionOptions.ReadWrite(concurrency_mode=mode))
    transaction = api.begin_transaction(request={"database": database, "options": options}).transaction
    asked = {"database": database, "documents": [name], "transaction": transaction}
    (answer,) = api.batch_get_documents(request=asked, retry=None)
    number = answer.found.fields["n"].integer_value + 1
    write = types.Write(update=types.Document(name=name, fields={"n": types.Value(integer_value=number)}))
    api.commit(request={"database": database, "writes": [write], "transaction": transaction}, retry=None)


if __name__ == "__main__":
    main()
