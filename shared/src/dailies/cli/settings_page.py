"""The settings as a page: ``python -m dailies.cli.settings_page`` writes docs/settings.md of their descriptions."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo

from dailies.settings import Settings
from dailies.settings.group import SettingGroup
from dailies.settings.machine import MachineSettings

#: From the checkout's root, where the command is run.
PAGE = Path("docs/settings.md")
_HEAD = """\
# Settings

Read from the environment once, at the start; all wrong ones are named together. This page is made of the descriptions
in [settings](../shared/src/dailies/settings) (`python -m dailies.cli.settings_page`).
"""
_TABLE = """
## {heading}

| variable | default | meaning |
|---|---|---|
"""
# The log is set up before any setting is read.
_LOG = (
    "| `DAILIES_LOG` | `critical` from commands but `up`, else `warning` | level of the logs of workers and functions"
    " on stderr: `debug`, `info`, `warning`, `error`; `--debug` is `debug`. JSON lines (in the cloud with `severity`"
    " and `message`, as Cloud Logging reads them), on a terminal a short form |\n"
)


def settings_page() -> str:
    """The page's Markdown, as it is committed."""
    groups = [group for group in Settings.__bases__ if issubclass(group, SettingGroup)]
    return _HEAD + "".join(_table(group, _LOG if group is MachineSettings else "") for group in groups)


def main() -> int:
    PAGE.write_text(settings_page(), encoding="utf-8")
    return 0


def _table(group: type[SettingGroup], more: str) -> str:
    """The group under its docstring as heading."""
    described = {name: field for name, field in group.model_fields.items() if field.description}
    heading = (group.__doc__ or "").rstrip(".")
    return _TABLE.format(heading=heading) + "".join(_rows(described)) + more


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
