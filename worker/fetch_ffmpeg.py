"""Brings ffmpeg and ffprobe into the image: ``fetch_ffmpeg.py ADDRESS SHA256 FOLDER``.

The archive (tar, zip) is read only after its checksum was right, and nothing but the two programs is taken from it.
Runs in the image's build, so it uses the standard library only.
"""

from __future__ import annotations

import hashlib
import io
import sys
import tarfile
import urllib.request
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

PROGRAMS = frozenset({"ffmpeg", "ffprobe"})


class Unusable(Exception):
    """The sentence that ends the build."""


def main(arguments: Sequence[str]) -> int:
    try:
        address, sha256, folder = arguments
        fetch(address, sha256, Path(folder))
    except (ValueError, Unusable) as problem:
        sys.stderr.write(f"FFmpeg: {problem}\n")
        return 1
    return 0


def fetch(address: str, sha256: str, folder: Path) -> None:
    """Put both programs into ``folder``. Raises Unusable."""
    if not address.startswith(("https://", "file://")) or len(sha256) != hashlib.sha256().digest_size * 2:
        raise Unusable("FFMPEG_SOURCE has to be an https: or file: address, and FFMPEG_SHA256 the archive's checksum.")
    with urllib.request.urlopen(address, timeout=120) as response:  # noqa: S310 - the two schemes above
        archive = response.read()
    found = hashlib.sha256(archive).hexdigest()
    if found != sha256.lower():
        raise Unusable(f"{address} has the checksum {found}, not {sha256}: nothing was unpacked.")
    programs = dict(_programs(archive))
    if set(programs) != PROGRAMS:
        raise Unusable(f"{address} lacks {', '.join(sorted(PROGRAMS - set(programs)))}.")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in programs.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o755)


def _programs(archive: bytes) -> Iterator[tuple[str, bytes]]:
    stream = io.BytesIO(archive)
    if zipfile.is_zipfile(stream):
        with zipfile.ZipFile(stream) as opened:
            for entry in opened.infolist():
                if not entry.is_dir() and PurePosixPath(entry.filename).name in PROGRAMS:
                    yield PurePosixPath(entry.filename).name, opened.read(entry)
        return
    stream.seek(0)
    try:
        with tarfile.open(fileobj=stream) as opened_tar:
            for member in opened_tar:
                content = opened_tar.extractfile(member) if member.isfile() else None
                if content is not None and PurePosixPath(member.name).name in PROGRAMS:
                    yield PurePosixPath(member.name).name, content.read()
    except tarfile.TarError as error:
        raise Unusable(f"the archive is neither a tar nor a zip ({error}).") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
