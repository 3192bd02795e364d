"""Reads what a request brings: JSON, a query or a form, each no larger than it may be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, NoReturn, TypeVar

from flask import Request

from dailies.domain.call import Call, decode
from dailies.domain.errors import InvalidRequest
from dailies.engine.platform import Platform
from dailies.engine.scratch import disk_faults, single_scratch
from dailies.rest.problems import TooLarge, UnsupportedMedia
from dailies.rest.route import FormFile, Route

#: Of a body without a file.
MAX_BODY_BYTES = 1 << 20
#: Google's front end refuses 32 MiB itself, and without a word of ours.
MAX_CLOUD_FORM_BYTES = 31 << 20
# More than that nobody reads to its end only to refuse it: what comes in front of us takes no more.
_MAX_DRAINED_BYTES = 64 << 20
_PIECE = 1 << 16
_FORM = "multipart/form-data"
C = TypeVar("C", bound=Call)


class SpoolingRequest(Request):
    """Writes a form's files where it is told to, once."""

    folder: Path | None = None

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return NamedTemporaryFile(dir=self.folder, delete=False)  # the folder goes as a whole


def read_query(kind: type[C], request: Request) -> C:
    """Raises InvalidRequest, also for what is named twice."""
    return decode(kind, {name: _only(name, found) for name, found in request.args.lists()}, "query", texts=True)


@contextmanager
def read_body(route: Route, request: Request, platform: Platform) -> Iterator[tuple[Any, FormFile | None]]:
    """The body in the route's model, and the file of a form until the context ends. Raises InvalidRequest."""
    if route.body is None:
        yield None, None
    elif route.form is not None and request.mimetype == _FORM:
        with single_scratch(platform) as folder:
            with disk_faults(folder):
                form = _read_form(route.body, route.form, request, platform, folder)
            yield form
    else:
        yield decode(route.body, _read_json(route, route.body, request), "body"), None


def drain(request: Request) -> None:
    """Read what is left of a body that was refused: a client that is still sending would not read why."""
    try:
        # Of one without a length nobody knows when it ends.
        request.max_content_length = MAX_BODY_BYTES if request.content_length is None else _MAX_DRAINED_BYTES
        while request.stream.read(_PIECE):
            pass
    except (OSError, ValueError, InvalidRequest):
        return
    except Exception as error:
        if getattr(error, "code", None) is None:
            raise


def _read_json(route: Route, kind: type[Call], request: Request) -> Any:
    request.max_content_length = MAX_BODY_BYTES
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise TooLarge(f"The body has more than {MAX_BODY_BYTES} bytes: send less.", most_bytes=MAX_BODY_BYTES)
    data = request.get_data(cache=False)
    if not data and not any(field.is_required() for field in kind.model_fields.values()):
        return {}
    if request.mimetype != "application/json":
        also = f" or {_FORM}" if route.form else ""
        raise UnsupportedMedia(f"A body of this type isn't read here: send application/json{also}.", field="body")
    try:
        return json.loads(data, parse_float=_number, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("The body is no JSON: send an object.", field="body") from error


def _read_form(
    kind: type[Call], name: str, request: Request, platform: Platform, folder: Path
) -> tuple[Call, FormFile | None]:
    settings = platform.settings
    most = MAX_CLOUD_FORM_BYTES if settings.project is not None else settings.max_source_bytes + MAX_BODY_BYTES
    request.max_content_length = most
    if (request.content_length or 0) > most:
        raise TooLarge(
            f"The form has more than {most} bytes: announce the file with POST /api/v1/uploads, and send it where the"
            " answer says.",
            most_bytes=most,
            uploads="/api/v1/uploads",
        )
    if isinstance(request, SpoolingRequest):
        request.folder = folder
    call = decode(kind, {field: _only(field, found) for field, found in request.form.lists()}, "form", texts=True)
    sent = [(field, file) for field, files in request.files.lists() for file in files]
    if [field for field, _ in sent] not in ([], [name]):
        raise InvalidRequest(f"The form may have one file, called {name}.", field=name)
    if not sent:
        return call, None
    stream = sent[0][1].stream
    stream.flush()
    return call, FormFile(Path(str(getattr(stream, "name", ""))), sent[0][1].filename or None)


def _only(name: str, values: list[str]) -> str:
    if len(values) != 1:
        raise InvalidRequest(f"{name[:80]}: it is there more than once.", field=name[:80])
    return values[0]


def _number(text: str) -> float | int:
    """``720.0`` is the integer that JSON Schema takes it for: some clients' numbers are all floats."""
    value = float(text)
    return int(value) if value.is_integer() else value


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
