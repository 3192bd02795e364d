"""The command line as a user types it, in this process."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from dailies.cli.main import main
from dailies.cli.schemas import schema_texts


class Answer:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def error(self) -> Any:
        return self.document("error")["error"]

    def document(self, schema: str) -> Any:
        """The one document on stdout, which is as its schema says."""
        assert self.out.count("\n") == 1
        found = json.loads(self.out)
        jsonschema.validate(found, json.loads(schema_texts()[f"{schema}.schema.json"]))
        return found


class Typed:
    """``dailies …`` in this process, on a store of its own."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Answer:
        with pytest.raises(SystemExit) as ending:
            main(arguments)
        said = self._capsys.readouterr()
        code = ending.value.code
        assert code is None or isinstance(code, int)
        return Answer(code or 0, said.out, said.err)
