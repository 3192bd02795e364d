"""What a link to a result opens: a page and what that shows. `dailies up` and the function ``share`` answer with it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from flask import Response, jsonify, send_from_directory

from dailies.domain.errors import NotFound
from dailies.engine.platform import Platform
from dailies.services.result import Download
from dailies.services.share import shared_result

FOLDER = Path(__file__).parent / "page"
#: All that the page of a link loads of ours.
PARTS = (
    "certificate.js", "compare.js", "icon.svg", "jobs.css", "player.js", "previews.js", "result.css", "result.js",
    "share.js", "style.css", "timeline.js", "transcript.js", "words.js",
)  # fmt: skip
_PLACE = re.compile(r"/(share|shared|page)/([^/]+)")


def answer(platform: Platform, path: str) -> Response:
    """What is at ``/share/TOKEN``, ``/shared/TOKEN`` and ``/page/PART``. Raises NotFound, and as shared_result."""
    place = _PLACE.fullmatch(path)
    match place.groups() if place else ():
        case ("share", _):
            return page_file("share.html", platform.urls.origin)
        case ("shared", token):
            return shared(platform, token)
        case ("page", name) if name in PARTS:
            return page_file(name, platform.urls.origin)
    raise NotFound("There is nothing here: a link to a result ends in /share/ and its token.")


def shared(platform: Platform, token: str) -> Response:
    """The result as JSON, to pages of any origin: the token is all that is asked for. Raises as shared_result."""
    opened = shared_result(platform, token)
    found = opened.found
    downloads = {
        name: {**encode(one), "files": {role: encode(file) for role, file in found.beside.get(name, {}).items()}}
        for name, one in found.downloads.items()
    }
    made = jsonify({
        "fileName": opened.file_name,
        "expiresAt": opened.expires.isoformat(),
        "result": found.result.model_dump(mode="json", include={"outputs", "left_out"}),
        "downloads": downloads,
    })  # fmt: skip
    made.headers["Cache-Control"] = "no-store"
    made.headers["Access-Control-Allow-Origin"] = "*"
    return made


def page_file(name: str, origin: str) -> Response:
    """A file of the page under a strict policy; ``origin`` is where signed URLs lead."""
    sent = send_from_directory(FOLDER, name, max_age=0)
    sent.headers["Content-Security-Policy"] = "; ".join([
        "default-src 'none'", "script-src 'self'", "style-src 'self'", f"connect-src 'self' {origin}",
        f"media-src 'self' blob: {origin}", f"img-src 'self' blob: {origin}",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    ])  # fmt: skip
    # Addresses of ours may be signed, and a link that is shared is one that opens.
    sent.headers["Referrer-Policy"] = "no-referrer"
    sent.headers["X-Content-Type-Options"] = "nosniff"
    return sent


def encode(one: Download) -> dict[str, Any]:
    """What a page needs to play a file, or to save it."""
    return {"url": one.request.url, "fileName": one.file_name, "mediaType": one.media_type}
