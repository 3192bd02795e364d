"""Runs FFmpeg on an untrusted source and reports what it read, decoded and wrote."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dailies.domain.errors import SourceChanged
from dailies.domain.stop import StopToken
from dailies.media.graphs.film.separate_graphs import separated
from dailies.media.graphs.sound.steady_sound import SetUps
from dailies.media.run import ffmpeg_errors, ffmpeg_flags, process
from dailies.media.run.ffmpeg_flags import DEFAULT_POLICY, SOURCE_NAME, Policy
from dailies.media.run.find_ffmpeg import REQUIRED_ENCODERS, REQUIRED_FILTERS, FFmpeg, locate
from dailies.media.run.sandbox import Sandbox

__all__ = [
    "REQUIRED_ENCODERS",
    "REQUIRED_FILTERS",
    "FFmpeg",
    "RunReport",
    "StreamRead",
    "StreamWritten",
    "locate",
    "run",
]

# The closing lines of `-v verbose`, the same in 5.1 and 9 but for 9's logging context in front and its error count:
#   Input stream #0:1 (audio): 87 packets read (176400 bytes); 87 frames decoded; 0 decode errors (88200 samples);
#   Output stream #0:1 (audio): 87 frames encoded (88200 samples); 88 packets muxed (17620 bytes);
_PREFIX = r"^(?:\[[^\]\n]*\] )*\s*"
_READ = re.compile(
    _PREFIX + r"Input stream #(?P<file>\d+):(?P<index>\d+) \((?P<type>\w+)\): (?P<packets>\d+) packets read "
    r"\((?P<bytes>\d+) bytes\);"
    r"(?: (?P<frames>\d+) frames decoded(?:; (?P<errors>\d+) decode errors)?;?(?: \((?P<samples>\d+) samples\))?)?"
)
_WRITTEN = re.compile(
    _PREFIX + r"Output stream #(?P<file>\d+):(?P<index>\d+) \((?P<type>\w+)\): "
    r"(?:(?P<frames>\d+) frames encoded(?: \((?P<samples>\d+) samples\))?; )?"
    r"(?P<packets>\d+) packets muxed \((?P<bytes>\d+) bytes\)"
)


# A frame that a decoder patched up, of an input whose number stands in front, in 5.1 its name. A warning, or an error
# under -xerror.
_CORRUPT = re.compile(
    r"^(?:\[[^\]\n]*ist#(?P<number>\d+):[^\]\n]*\] )?(?:\[[^\]\n]*\] )*\[(?:warning|error)\] "
    r"(?:(?P<name>file:\S+): )?corrupt decoded frame"
)


#: libavcodec of FFmpeg 7.1, the first whose program crops what a container says.
CROPPING_SINCE = (61, 19)


class SoundChanged(Exception):
    """A track changed its form midway and the run was ended: media/graphs/sound/steady_sound.py knows how to go on."""


@dataclass(frozen=True, slots=True)
class StreamRead:
    """What was read of one input stream. ``frames`` is 0 when it was only copied, ``samples`` are per channel."""

    file: int
    index: int
    type: str
    packets: int
    bytes: int
    frames: int
    samples: int
    errors: int


@dataclass(frozen=True, slots=True)
class StreamWritten:
    """What was written of one output stream. ``frames`` is 0 when it was copied."""

    file: int
    index: int
    type: str
    packets: int
    bytes: int
    frames: int
    samples: int


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a successful run went. Exit 0 proves little: judge by ``reads`` and ``writes``."""

    wall_seconds: float
    cpu_seconds: float
    peak_memory_bytes: int
    #: The last timestamp written, in seconds: the longest output's.
    written_seconds: float
    reads: tuple[StreamRead, ...]
    writes: tuple[StreamWritten, ...]
    #: Frames that decoders patched up, of all streams; with the ``errors`` of ``reads``, how damaged the source is.
    corrupt_frames: int
    #: Error lines; empty unless errors were tolerated.
    complaints: tuple[str, ...]
    stderr: str
    #: Of each frame that was patched up the input: its number, or in FFmpeg 5 its name.
    corrupt_inputs: tuple[str, ...] = ()

    @property
    def pictures(self) -> int:
        """Frames that were encoded, of the first film; 0 when there is none."""
        return next((write.packets for write in self.writes if write.type == "video"), 0)

    def of_output(self, number: int) -> RunReport:
        """What the report would be if this had been the only output file."""
        return replace(self, writes=tuple(write for write in self.writes if write.file == number))

    def steadied(self, stands_for: Mapping[int, int], decoding: Sequence[RunReport]) -> RunReport:
        """With the reads of files in a track's place as that track's; what decoding them met counts."""
        reads = tuple(
            replace(read, index=stands_for[read.file]) if read.file in stands_for else read
            for read in self.reads
            if read.packets or read.frames
        )
        broken = tuple(replace(read, samples=0) for report in decoding for read in report.reads if read.errors)
        corrupt = self.corrupt_frames + sum(report.corrupt_frames for report in decoding)
        return replace(self, reads=(*reads, *broken), corrupt_frames=corrupt)


def run(
    ffmpeg: FFmpeg,
    args: Sequence[str],
    *,
    scratch: Path,
    source: Path,
    limits: process.Limits,
    stop: StopToken | None = None,
    sandbox: Sandbox | None = None,
    on_progress: Callable[[float], None] | None = None,
    on_line: Callable[[str], None] | None = None,
    tolerate_errors: bool = False,
    extra_sources: Mapping[str, Path] | None = None,
    policy: Policy = DEFAULT_POLICY,
    one_sound: bool = False,
) -> RunReport:
    """Run FFmpeg in ``scratch``, where ``source`` appears as ``file:source`` and the extra ones under their names.

    ``args`` are all that follows the global flags; the input flags of ``guard`` are put before each ``-i`` that has
    none. ``on_progress`` gets the seconds written so far, about twice a second; ``on_line`` the lines of stdout.
    ``one_sound``: raise SoundChanged when a track changes its form midway.

    Raises what ``process.run`` does; SourceRefused with the code of the cause (``not_media``, ``source_truncated``,
    ``decode_failed``, ``unsupported_codec``, ``encrypted``, ``too_many_pixels``, ``stream_missing``);
    PermanentError ``ffmpeg_crashed`` or, when the source isn't to blame, ``ffmpeg_failed``; SourceChanged when a
    source was altered, or was removed and the run failed.
    """
    sources = {SOURCE_NAME: source, **(extra_sources or {})}
    before = {path: _identity(path) for path in sources.values()}
    if None in before.values():
        raise SourceChanged("The source file is gone.")
    own = {path.name for path in scratch.iterdir()}
    crops = ffmpeg.libavcodec >= CROPPING_SINCE
    words = ffmpeg_flags.guarded(separated(args), policy, names=own | set(sources), crops=crops)
    progress, reading = _Progress(on_progress), _Reading(SetUps() if one_sound else None)
    with process.SidePipe(progress.line) as pipe:
        command = [str(ffmpeg.path), *ffmpeg_flags.global_flags(policy, tolerate_errors=tolerate_errors)]
        ended = process.run(
            [*command, "-progress", f"pipe:{pipe.fd}", *words],
            cwd=scratch,
            limits=limits,
            on_stdout=on_line,
            on_stderr_line=reading.line,
            stop=stop,
            sandbox=sandbox,
            readable=[(path, name) for name, path in sources.items()],
            side_pipe=pipe,
            moved=progress.place,
        )
    for path, identity in before.items():
        now = _identity(path)
        if now != identity and (now is not None or ended.returncode != 0):
            raise SourceChanged("The source file was changed or removed while it was being read.")
    if ended.returncode != 0:
        raise ffmpeg_errors.failure(ended.returncode, reading.complaints.lines, ended.stderr)
    return RunReport(
        wall_seconds=ended.wall_seconds,
        cpu_seconds=ended.cpu_seconds,
        peak_memory_bytes=ended.peak_memory_bytes,
        written_seconds=progress.seconds,
        reads=tuple(reading.reads),
        writes=tuple(reading.writes),
        corrupt_frames=len(reading.corrupt),
        corrupt_inputs=tuple(reading.corrupt),
        complaints=tuple(reading.complaints.lines),
        stderr=ended.stderr,
    )


#: What of the progress changes when something was written.
_MOVING = frozenset({"frame", "total_size", "out_time_us"})


class _Progress:
    """Follows ``-progress``: blocks of ``name=value`` lines, where ``out_time_ms`` is microseconds, too."""

    def __init__(self, on_progress: Callable[[float], None] | None) -> None:
        self.seconds = 0.0
        self._on_progress = on_progress
        self._place: dict[str, str] = {}

    def place(self) -> tuple[str, ...]:
        """How far the run is: it says so twice a second, also where nothing has changed."""
        return tuple(self._place.values())

    def line(self, line: str) -> None:
        name, _, value = line.partition("=")
        if name in _MOVING:
            self._place[name] = value
        if name == "out_time_us" and value.strip().isdecimal():  # N/A before the first packet, negative at a seek
            self.seconds = max(self.seconds, int(value) / 1e6)
            if self._on_progress is not None:
                self._on_progress(self.seconds)


class _Reading:
    """Picks the totals and the complaints out of FFmpeg's log."""

    def __init__(self, set_ups: SetUps | None = None) -> None:
        self._set_ups = set_ups
        self.reads: list[StreamRead] = []
        self.writes: list[StreamWritten] = []
        self.complaints = ffmpeg_errors.Complaints()
        self.corrupt: list[str] = []

    def line(self, line: str) -> None:
        if self._set_ups is not None and self._set_ups.again(line):
            raise SoundChanged
        self.complaints.add(line)
        if (corrupt := _CORRUPT.match(line)) is not None:
            self.corrupt.append(corrupt["number"] or corrupt["name"] or "")
        if "put stream #" not in line:
            return
        if (read := _READ.match(line)) is not None:
            place = (int(read["file"]), int(read["index"]))
            counted = self.complaints.decode_errors.get(place, 0) if read["errors"] is None else int(read["errors"])
            self.reads.append(
                StreamRead(*place, read["type"], *_numbers(read, "packets", "bytes", "frames", "samples"), counted)
            )
        elif (made := _WRITTEN.match(line)) is not None:
            numbers = _numbers(made, "packets", "bytes", "frames", "samples")
            self.writes.append(StreamWritten(int(made["file"]), int(made["index"]), made["type"], *numbers))


def _numbers(found: re.Match[str], *names: str) -> tuple[int, int, int, int]:
    first, second, third, fourth = (int(found[name] or 0) for name in names)
    return first, second, third, fourth


def _identity(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
