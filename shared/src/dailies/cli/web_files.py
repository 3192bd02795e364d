"""Sources that a command names, and that are no files of their own here: by a URL, or as what a job has made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dailies.domain.errors import InvalidRequest
from dailies.domain.job.uploads import shown_name
from dailies.domain.web.url import is_url, parse_url


@dataclass(frozen=True, slots=True)
class WebFile:
    """``path`` is what the file would be called here, in this folder: outputs are called after it."""

    url: str
    path: Path


@dataclass(frozen=True, slots=True)
class JobOutput:
    """What a job of this machine has made, by the name that its recipe gives it."""

    job_id: str
    output: str

    @property
    def path(self) -> Path:
        """What is made of it is called after it, in this folder."""
        return Path(self.output)


Named = Path | WebFile | JobOutput
_JOB = "job:"


def named(text: str) -> Named:
    """The file, here or on the web, or a job's output, that a command's argument names.

    Raises UrlRefused for a URL that is not asked, InvalidRequest for a job without the name of an output.
    """
    if text.startswith(_JOB):
        job_id, _, output = text.removeprefix(_JOB).partition("/")
        if not job_id or not output or "/" in output:
            raise InvalidRequest(
                f"{text} names no output of a job: write job:ID/OUTPUT, or ./{text} for a file.", code="usage"
            )
        return JobOutput(job_id, output)
    if not is_url(text):
        return Path(text)
    from dailies.settings import read_settings

    asked = parse_url(text, read_settings().fetch_ports)
    return WebFile(str(asked), Path(shown_name(asked.file_name) or asked.host))
