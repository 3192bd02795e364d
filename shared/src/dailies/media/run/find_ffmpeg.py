"""Finds an FFmpeg that can do all that Dailies asks of it."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dailies.domain.errors import DailiesError, Misconfigured
from dailies.media.run import process

#: What the chains in media/ and the steps use; a kind of output may name further ones in its own file.
REQUIRED_FILTERS = frozenset(
    "acrossfade acrossover aeval aformat afade alimiter amerge ametadata anullsink apad aresample aselect asetnsamples"
    " asetpts asplit astats atrim bwdif channelmap concat crop cropdetect deflicker ebur128 estdif fade format fps"
    " hflip highpass lowpass metadata pad pan scale scdet select setparams setpts setsar settb sidedata split tile tmix"
    " tonemap tpad transpose trim vflip volume xfade zscale".split()
)
REQUIRED_ENCODERS = frozenset(
    "aac flac libmp3lame libopus libvorbis libwebp libx264 mjpeg pcm_f32le pcm_f64le pcm_s16le pcm_s24le png"
    " rawvideo".split()
)
_LIMITS = process.Limits(wall_seconds=20, cpu_seconds=20, memory_bytes=4 * 2**30, file_bytes=2**20)
_FILTER_LINE = re.compile(r"^ [T.][S.][C.]? (\S+)\s+[AVN|]+->[AVN|]+\s")
_ENCODER_LINE = re.compile(r"^ [VAS][F.][S.][X.][B.][D.] (\w+)\s")
_VERSION = re.compile(r"^ffmpeg version n?(\S+)")
_LIBAVCODEC = re.compile(r"^libavcodec\s+(\d+)\.\s*(\d+)\.\s*(\d+)")


@dataclass(frozen=True, slots=True)
class FFmpeg:
    """One FFmpeg program. ``build_id`` names version and configuration: it is part of every media step's key."""

    path: Path
    version: str
    build_id: str
    filters: frozenset[str]
    encoders: frozenset[str]
    #: libavcodec's version: it only grows, where "n9.0.2-17-g2a57" and "N-12345" can't be compared.
    libavcodec: tuple[int, ...] = ()

    def missing(self, filters: frozenset[str] = REQUIRED_FILTERS, encoders: frozenset[str] = REQUIRED_ENCODERS) -> str:
        """What it lacks of these, in words; empty when nothing."""
        chains, writers = sorted(filters - self.filters), sorted(encoders - self.encoders)
        parts = [f"the filter{'s' * (len(chains) > 1)} {', '.join(chains)}"] if chains else []
        parts += [f"the encoder{'s' * (len(writers) > 1)} {', '.join(writers)}"] if writers else []
        return " and ".join(parts)


def locate(*, explicit: str | None, cache_dir: Path | None) -> FFmpeg:
    """The FFmpeg to use: ``explicit`` (DAILIES_FFMPEG), else the newer of the PATH's and imageio-ffmpeg's.

    One that lacks a filter or an encoder is passed over. What a program can do is asked once and remembered in
    ``cache_dir`` by path, size and time: afterwards no process is started. Raises Misconfigured, naming all that
    is missing and the fix.
    """
    cache = _Cache(cache_dir)
    if explicit:
        program = shutil.which(Path(explicit).expanduser())
        if program is None:
            raise Misconfigured(f"DAILIES_FFMPEG={explicit} is not a program; name an ffmpeg, or unset it.")
        found = cache.examine(Path(program).absolute())
        if found.missing():
            raise Misconfigured(
                f"DAILIES_FFMPEG={explicit} (FFmpeg {found.version}) lacks {found.missing()}; name a full build, or "
                "unset it to use the one that comes with imageio-ffmpeg."
            )
        return found
    problems: list[str] = []
    usable: list[FFmpeg] = []
    for path in (*_bundled(), *_on_path()):
        try:
            found = cache.examine(path)
        except DailiesError as error:
            problems.append(error.message)
            continue
        if found.missing():
            problems.append(f"{path} (FFmpeg {found.version}) lacks {found.missing()}.")
        else:
            usable.append(found)
    if not usable:
        seen = " ".join(problems) or "There is none on the PATH."
        raise Misconfigured(
            f"No usable FFmpeg: {seen} Install imageio-ffmpeg (pip install imageio-ffmpeg), or set DAILIES_FFMPEG to "
            "a full build.",
            problems=problems,
        )
    return max(usable, key=lambda found: found.libavcodec)  # of equals the first: the bundled one


def _on_path() -> Iterator[Path]:
    found = shutil.which("ffmpeg")
    if found is not None:
        yield Path(found).absolute()


def _bundled() -> Iterator[Path]:
    """The wheel's program, found without importing it (its import looks around, and starts processes)."""
    spec = importlib.util.find_spec("imageio_ffmpeg")
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        for path in sorted(Path(folder, "binaries").glob("ffmpeg-*")):
            if os.access(path, os.X_OK):
                yield path.absolute()


class _Cache:
    """What programs can do, in one JSON file. A file that can't be read or written only costs the time to ask."""

    def __init__(self, folder: Path | None) -> None:
        self._file = None if folder is None else folder / "ffmpeg.json"
        self._known: dict[str, Any] = {}
        if self._file is not None:
            with contextlib.suppress(OSError, ValueError):
                known = json.loads(self._file.read_text("utf-8"))
                self._known = known if isinstance(known, dict) else {}

    def examine(self, path: Path) -> FFmpeg:
        """Raises Misconfigured when the program doesn't behave like FFmpeg."""
        found = path.stat()
        key = f"{path}|{found.st_size}|{found.st_mtime_ns}"
        with contextlib.suppress(KeyError, TypeError, AttributeError):
            return _decode(path, self._known[key])
        record = _ask(path)
        self._known = {k: v for k, v in self._known.items() if not k.startswith(f"{path}|")} | {key: record}
        self._store()
        return _decode(path, record)

    def _store(self) -> None:
        if self._file is None:
            return
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=self._file.parent, delete=False) as new:
                json.dump(self._known, new)
            Path(new.name).replace(self._file)  # whole or not at all: other processes read it


def _decode(path: Path, record: dict[str, Any]) -> FFmpeg:
    return FFmpeg(
        path=path,
        version=record["version"],
        build_id=record["build_id"],
        filters=frozenset(record["filters"].split()),
        encoders=frozenset(record["encoders"].split()),
        libavcodec=tuple(record["libavcodec"]),
    )


def _ask(path: Path) -> dict[str, Any]:
    banner = _output(path, "-version")
    version = _VERSION.match(banner[0]) if banner else None
    if version is None:
        raise Misconfigured(f"{path} doesn't answer like an FFmpeg; name another with DAILIES_FFMPEG.")
    libavcodec = next((found.groups() for line in banner if (found := _LIBAVCODEC.match(line))), ())
    identity = [line for line in banner if line.startswith(("ffmpeg version", "configuration:", "lib"))]
    return {
        "version": version[1].split("-")[0],
        "build_id": hashlib.sha256("\n".join(identity).encode()).hexdigest()[:16],
        "filters": " ".join(_names(_FILTER_LINE, _output(path, "-filters"))),
        "encoders": " ".join(_names(_ENCODER_LINE, _output(path, "-encoders"))),
        "libavcodec": [int(number) for number in libavcodec],
    }


def _names(pattern: re.Pattern[str], lines: list[str]) -> list[str]:
    return [found[1] for line in lines if (found := pattern.match(line))]


def _output(path: Path, option: str) -> list[str]:
    lines: list[str] = []
    ended = process.run([str(path), "-hide_banner", option], cwd=Path("/"), limits=_LIMITS, on_stdout=lines.append)
    if ended.returncode != 0:
        raise Misconfigured(f"{path} {option} fails ({ended.stderr.strip()[-200:]}); name another with DAILIES_FFMPEG.")
    return lines
