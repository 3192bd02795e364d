"""The settings as a page: ``python -m dailies.cli.settings_page`` writes docs/settings.md of their descriptions."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo

from dailies.settings import CLOUD, Settings

#: From the checkout's root, where the command is run.
PAGE = Path("docs/settings.md")
_HEAD = """\
# Settings

Read from the environment once, at the start; all wrong ones are named together. This page is made of the descriptions
in [settings.py](../shared/src/dailies/settings.py) (`python -m dailies.cli.settings_page`).

| variable | default | meaning |
|---|---|---|
"""
# The log is set up before any setting is read.
_LOG = (
    "| `DAILIES_LOG` | `critical` from commands but `up`, else `warning` | level of the logs of workers and functions"
    " on stderr: `debug`, `info`, `warning`, `error`; `--debug` is `debug`. JSON lines (in the cloud with `severity`"
    " and `message`, as Cloud Logging reads them), on a terminal a short form |\n"
)
_CLOUD_HEAD = """
In the cloud, for functions and worker alike (Terraform sets them):

| variable | default | meaning |
|---|---|---|
"""


def settings_page() -> str:
    """The page's Markdown, as it is committed."""
    cloud = {*CLOUD, "database"}
    described = {name: field for name, field in Settings.model_fields.items() if field.description}
    common = "".join(_rows({name: field for name, field in described.items() if name not in cloud}))
    deployed = "".join(_rows({name: field for name, field in described.items() if name in cloud}))
    return _HEAD + common + _LOG + _CLOUD_HEAD + deployed


def main() -> int:
    PAGE.write_text(settings_page(), encoding="utf-8")
    return 0


def _rows(fields: dict[str, FieldInfo]) -> Iterator[str]:
    for name, field in fields.items():
        yield f"| `DAILIES_{name.upper()}` | {_default(field)} | {field.description} |\n"


def _default(field: FieldInfo) -> str:
    said = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    if "default" in said:
        return str(said["default"])
    if field.default is None:
        return ""
    return f"`{field.default:g}`" if isinstance(field.default, float) else f"`{field.default}`"


if __name__ == "__main__":
    sys.exit(main())
