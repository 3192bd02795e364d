"""The public formats as JSON Schema: ``python -m dailies.cli.schemas [--check]`` writes or checks docs/schemas.

The text depends on the models alone, so a check is a comparison of bytes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter, create_model
from pydantic.json_schema import GenerateJsonSchema

from dailies.cli.documents import (
    DoctorDocument,
    Error,
    ErrorDocument,
    GarbageDocument,
    JobDocument,
    JobSummary,
    OperationDocument,
    PlanDocument,
)
from dailies.domain.job.events import Event
from dailies.domain.source.media_info import MediaInfo
from dailies.operations import KINDS
from dailies.operations.public_models import exact, recipe_model, result_model
from dailies.services.fetch_file import FetchedFile


def _results_of(kinds: Iterable[str]) -> type[BaseModel]:
    """Of several files: each has its result or its error."""
    done: Any = create_model("ConvertedFile", source=(str, ...), result=(result_model(kinds), ...))
    failed: Any = create_model("FailedFile", source=(str, ...), error=(Error, ...))
    files: Any = (list.__class_getitem__(done | failed), ...)
    return create_model("JobResults", files=files, failed=(int, ...))


def _always(model: Any) -> Callable[[Iterable[str]], Any]:
    """What is the same whatever kinds there are."""
    return lambda _kinds: model


#: From the checkout's root, where the command is run.
FOLDER = Path("docs/schemas")
# A name and no address: nothing is fetched from it, and it stays when the repository moves.
_ID = "tag:dailies,2026:schemas"
_Mode = Literal["validation", "serialization"]
_MODELS: dict[str, tuple[Callable[[Iterable[str]], Any], _Mode, str, str]] = {
    "recipe": (
        recipe_model,
        "validation",
        "Dailies recipe",
        "What is to be made of one source: named outputs.",
    ),
    "result": (
        result_model,
        "serialization",
        "Dailies result",
        "What `dailies run --json` prints: outputs and checks.",
    ),
    "results": (
        _results_of,
        "serialization",
        "Dailies results",
        "What `dailies convert --json` prints of several files.",
    ),
    "plan": (_always(PlanDocument), "serialization", "Dailies plan", "What `dailies plan --json` prints."),
    "probe": (_always(MediaInfo), "serialization", "Dailies probe", "What `dailies probe --json` prints of a file."),
    "fetch": (_always(FetchedFile), "serialization", "Dailies fetched file", "What `dailies fetch --json` prints."),
    "jobs": (_always(list[JobSummary]), "serialization", "Dailies jobs", "What `dailies jobs --json` prints."),
    "job": (_always(JobDocument), "serialization", "Dailies job", "What `dailies jobs show ID --json` prints."),
    "events": (_always(list[Event]), "serialization", "Dailies events", "What `dailies jobs events ID --json` prints."),
    "doctor": (_always(DoctorDocument), "serialization", "Dailies doctor", "What `dailies doctor --json` prints."),
    "gc": (_always(GarbageDocument), "serialization", "Dailies garbage", "What `dailies gc --json` prints."),
    "error": (_always(ErrorDocument), "serialization", "Dailies error", "What a command prints that did not succeed."),
    "operation": (
        _always(OperationDocument),
        "validation",
        "Dailies operation",
        "The progress document of a job in Firestore; times are timestamps there.",
    ),
}


def schema_texts() -> dict[str, str]:
    """The schemas by file name, of all kinds."""
    return {f"{name}.schema.json": _text(name, KINDS) for name in _MODELS}


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 1 when ``--check`` finds a schema that is not current: a kind that is new may be missing in it."""
    parser = argparse.ArgumentParser(prog="python -m dailies.cli.schemas", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, help=f"default: {FOLDER}")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file is not current")
    options = parser.parse_args(argv)
    if options.check:
        stale = [name for name in _MODELS if not _is_current(name, options.folder)]
        for name in stale:
            path = options.folder / f"{name}.schema.json"
            sys.stderr.write(f"{path} is not current: run python -m dailies.cli.schemas\n")
        return 1 if stale else 0
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, text in schema_texts().items():
        (options.folder / name).write_text(text, encoding="utf-8")
    return 0


def written_kinds(folder: Path) -> list[str]:
    """The kinds that the recipe's schema in ``folder`` has."""
    text = _read(folder / "recipe.schema.json")
    definitions = json.loads(text)["$defs"].values() if text else ()
    found = {definition["properties"].get("kind", {}).get("const") for definition in definitions}
    return [kind for kind in KINDS if kind in found]


def _is_current(name: str, folder: Path) -> bool:
    kinds = written_kinds(folder)
    return bool(kinds) and _read(folder / f"{name}.schema.json") == _text(name, kinds)


def _text(name: str, kinds: Iterable[str]) -> str:
    make, mode, title, description = _MODELS[name]
    schema: dict[str, Any] = exact(TypeAdapter(make(kinds)).json_schema(mode=mode))
    head = {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": f"{_ID}:{name}",
        "title": title,
        "description": description,
    }
    rest = {key: value for key, value in sorted(schema.items()) if key not in head}
    return json.dumps({**head, **rest}, indent=2, ensure_ascii=False) + "\n"


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
