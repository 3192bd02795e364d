"""Where uploads lie in the object store, and what may be declared of one.

``uploads/{uid}/{jobId}/source`` belongs to a job that waits for it; ``uploads/{uid}/inbox/{name}`` is a bare
upload, which becomes a job by arriving. Nothing that Dailies makes lies below ``uploads/``, so its own writes
can't start jobs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dailies.domain.errors import Forbidden, SourceRefused
from dailies.domain.model import digest_of

PREFIX = "uploads/"
_INBOX = "inbox"
_SOURCE = "source"
# What is safe as one segment of an object's name and of a document's path, in every store.
_UID = re.compile(r"[A-Za-z0-9][A-Za-z0-9:@._-]{0,127}")
_MEDIA_TYPE = re.compile(
    r"(audio|video)/[a-z0-9][a-z0-9.+-]{0,63}"
    r"|application/(octet-stream|mp4|ogg|mxf|x-matroska|vnd\.rn-realmedia)|binary/octet-stream"
)
_MAX_FILE_NAME = 255
# What a browser says of a file whose extension it does not know is nothing.
_UNKNOWN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class UploadName:
    """What an object's name says. ``job_id`` is None for a bare upload."""

    uid: str
    job_id: str | None


def source_name(uid: str, job_id: str) -> str:
    """The object that the job's source is uploaded to."""
    return f"{PREFIX}{uid}/{job_id}/{_SOURCE}"


def parse_name(name: str) -> UploadName | None:
    """None for whatever is not an upload, and that is most of a bucket."""
    match name.split("/"):
        case ["uploads", uid, "inbox", *rest] if _UID.fullmatch(uid) and any(rest):
            return UploadName(uid, None)
        case ["uploads", uid, job_id, "source"] if _UID.fullmatch(uid) and job_id and job_id != _INBOX:
            return UploadName(uid, job_id)
    return None


def bare_job_id(bucket: str, name: str, generation: int) -> str:
    """The same for every delivery of one event, another one for an overwrite."""
    return digest_of([bucket, name, generation])[:24]


def check_uid(uid: str) -> None:
    """Raise Forbidden for an identity that can't own a folder."""
    if not _UID.fullmatch(uid):
        raise Forbidden("This account's id can't be used here: sign in with another account.", code="uid_refused")


def media_type_of(content_type: str) -> str:
    """The type that an upload is signed with: what was declared, in lower case and without parameters.

    A recorder in a browser says ``video/x-matroska;codecs=avc1,opus``, and a file of no known extension has no type.
    Raises SourceRefused unless it may be media; what it really is only the probe finds out.
    """
    media_type = content_type.partition(";")[0].strip().lower() or _UNKNOWN
    if not _MEDIA_TYPE.fullmatch(media_type):
        raise SourceRefused(
            f"{content_type[:100]!r} is no type of audio or video: choose a media file.", code="unsupported_type"
        )
    return media_type


def shown_name(file_name: str | None) -> str | None:
    """The file's own name as it may be shown: printable, and of a length that file systems know."""
    return "".join(filter(str.isprintable, file_name or ""))[:_MAX_FILE_NAME].strip() or None


def check_size(size_bytes: int, most_bytes: int) -> None:
    """Raise SourceRefused for an empty or too large file."""
    if size_bytes < 1:
        raise SourceRefused("The file is empty: choose another one.", code="empty")
    if size_bytes > most_bytes:
        raise SourceRefused(
            f"The file has {size_bytes} bytes and {most_bytes} are accepted: cut or compress it first.",
            code="too_large",
        )
