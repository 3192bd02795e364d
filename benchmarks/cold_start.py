"""A function's cold start: processor time of its imports against importing all vendor clients there are, interleaved.

    ./scripts/setup dev python -P benchmarks/cold_start.py [--rounds 5]

"entry" is what the runtime imports (main.py, one for all functions), "first call" what createUpload, onUpload and
getResult import on top of it when they build the platform, "advance" that with the clients of Cloud Tasks and Cloud
Run. Bytecode is compiled by the first round, which does not count; the least of the others does.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FRAMEWORK = "import firebase_functions.https_fn, firebase_functions.tasks_fn, firebase_functions.storage_fn"
VENDORS = (
    f"{FRAMEWORK}; import firebase_functions.scheduler_fn, firebase_admin.auth;"
    " from google.cloud import firestore, run_v2, storage, tasks_v2"
)
ENTRY = "import main"
ADAPTERS = "clients, documents, objects, signed_urls, sources, tasks, workers"
PLATFORM = f"{ENTRY}; from dailies.adapters.gcp import {ADAPTERS}"
CASES = {
    "nothing": "pass",
    "Firebase's framework": FRAMEWORK,
    "entry": ENTRY,
    "entry and first call": PLATFORM,
    "the same, advance": f"{PLATFORM}; from google.cloud import run_v2, tasks_v2",
    "all vendor clients": VENDORS,
}


def processor_seconds(code: str) -> float:
    """Of a new interpreter that runs ``code``: wall time would measure the machine's other work."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    path = os.pathsep.join(map(str, (ROOT / "functions", ROOT / "shared" / "src")))
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": path})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    rounds = options.parse_args().rounds
    taken: dict[str, list[float]] = {name: [] for name in CASES}
    for number in range(rounds + 1):
        for name, code in CASES.items():
            once = processor_seconds(code)
            if number:
                taken[name].append(once)
    nothing = min(taken["nothing"])
    whole = min(taken["all vendor clients"]) - nothing
    for name, seconds in taken.items():
        spent = min(seconds) - (0 if name == "nothing" else nothing)
        print(f"{name:<22} {spent:6.2f} s  {spent / whole:5.2f} of all vendor clients")
    framework = min(taken["Firebase's framework"]) - nothing
    for name in ("entry", "entry and first call"):
        own = min(taken[name]) - nothing - framework
        print(f"{name + ', ours':<32} {own / whole:5.2f}: on top of Firebase's framework, which no function is without")


if __name__ == "__main__":
    main()
