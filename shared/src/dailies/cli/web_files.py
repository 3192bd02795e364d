"""Sources that a command names by their URL."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dailies.domain.job.uploads import shown_name
from dailies.domain.web.url import is_url, parse_url


@dataclass(frozen=True, slots=True)
class WebFile:
    """``path`` is what the file would be called here, in this folder: outputs are called after it."""

    url: str
    path: Path


Named = Path | WebFile


def named(text: str) -> Named:
    """The file, here or on the web, that a command's argument names. Raises UrlRefused for one that is not asked."""
    if not is_url(text):
        return Path(text)
    from dailies.settings import read_settings

    asked = parse_url(text, read_settings().fetch_ports)
    return WebFile(str(asked), Path(shown_name(asked.file_name) or asked.host))
