"""FFmpeg, sandbox, policy and limits as the settings have them: what operations run their commands with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Protocol

from dailies.domain.edit.chunking import ChunkRules
from dailies.domain.errors import SourceRefused
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.stop import StopToken
from dailies.media import ffmpeg
from dailies.media.ffmpeg import FFmpeg, RunReport, SoundChanged
from dailies.media.graphs.sound.steady_sound import read_streams, steadied, steady_arguments
from dailies.media.probe.probe import probe
from dailies.media.probe.probe_host import ProbeHost
from dailies.media.run import process, sandbox_trial
from dailies.media.run.child_limits import STILL_SECONDS
from dailies.media.run.ffmpeg_flags import Policy
from dailies.media.run.process import Limits
from dailies.media.run.sandbox import Sandbox

# Address space, not resident size: x264 at 8K with all its threads maps about 6 GB.
_MEMORY_BYTES = 12 << 30
_PROBE_MEMORY_BYTES = 4 << 30
_PROBE_SECONDS = 30.0
# The slowest things asked for, on two cores: 8K x264 at about a thirtieth of real time, and its AV1 decoded at a tenth.
_ENCODING, _READING = 40.0, 20.0
_LEAST_SECONDS = 300.0
# Of a source of unknown length: no codec that we take gets by with less than 8 kbit/s for long.
_LEAST_BYTES_PER_SECOND = 1000.0


class ToolSettings(Protocol):
    """The settings that concern tools."""

    @property
    def home(self) -> Path: ...
    @property
    def ffmpeg(self) -> str | None: ...
    @property
    def sandbox(self) -> sandbox_trial.Mode: ...
    @property
    def max_pixels(self) -> int: ...
    @property
    def max_source_hours(self) -> float: ...
    @property
    def max_source_bytes(self) -> int: ...
    @property
    def threads(self) -> int | None: ...
    @property
    def chunk_above_seconds(self) -> float: ...
    @property
    def chunk_seconds(self) -> float: ...


class Toolbox:
    """Finds each tool on first use and keeps it."""

    def __init__(self, settings: ToolSettings) -> None:
        self._settings = settings
        self.still_seconds = STILL_SECONDS
        self.probe_host: ProbeHost | None = None
        """For a process that does many jobs: set by whoever also ends it."""

    @cached_property
    def chunking(self) -> ChunkRules:
        return ChunkRules(self._settings.chunk_above_seconds, self._settings.chunk_seconds)

    @cached_property
    def policy(self) -> Policy:
        return Policy(
            max_pixels=self._settings.max_pixels,
            max_duration_seconds=3600 * self._settings.max_source_hours,
            decoder_threads=self._settings.threads,
        )

    def ffmpeg(self) -> FFmpeg:
        """Raises Misconfigured, naming what is missing."""
        return self._ffmpeg

    def sandbox(self) -> Sandbox:
        """Raises Misconfigured when one is required and none works."""
        return self._sandbox

    @cached_property
    def _ffmpeg(self) -> FFmpeg:
        return ffmpeg.locate(explicit=self._settings.ffmpeg, cache_dir=self._settings.home / "cache")

    @cached_property
    def _sandbox(self) -> Sandbox:
        return sandbox_trial.detect(self._settings.sandbox)

    def probe(self, source: Path, scratch: Path, stop: StopToken, *, ours: bool = False) -> MediaInfo:
        """What a file is; ``ours``: one that we encoded. Raises SourceRefused."""
        most = self._settings.max_source_bytes
        if source.stat().st_size > most:
            raise SourceRefused(
                f"The file is larger than the allowed {most / 1e9:g} GB: raise DAILIES_MAX_SOURCE_BYTES to accept it.",
                code="too_large",
            )
        limits = Limits(_PROBE_SECONDS, round(_PROBE_SECONDS), _PROBE_MEMORY_BYTES, file_bytes=1 << 20)
        return probe(
            source,
            policy=self.policy,
            scratch=scratch,
            sandbox=self._sandbox,
            stop=stop,
            limits=limits,
            ours=ours,
            host=self.probe_host,
        )

    def run(
        self,
        arguments: Sequence[str],
        *,
        scratch: Path,
        source: Path,
        stop: StopToken,
        media_seconds: float | None,
        on_progress: Callable[[float], None] | None = None,
        on_line: Callable[[str], None] | None = None,
        extra_sources: Mapping[str, Path] | None = None,
    ) -> RunReport:
        """Run FFmpeg with what follows its global flags; the time it may take grows with ``media_seconds``.

        These are the seconds that it encodes, or reads where it encodes no pictures; None: nobody knows how long the
        source is. A run that stands still is ended and tried once more with decoders that have no threads to wait
        for, unless it has already said something to ``on_line``.
        A track that changes its form midway is brought into one form first, in a file of the scratch folder.
        Decode errors don't end the run: good files have one here and there. The report counts them, and
        operations/checks/decode_errors.py says when there are too many. Raises as ``media.ffmpeg.run`` does.
        """
        if media_seconds is None:
            media_seconds = min(source.stat().st_size / _LEAST_BYTES_PER_SECOND, self.policy.max_duration_seconds)
        wall = wall_seconds(arguments, media_seconds)
        run = partial(
            self._run,
            scratch=scratch,
            source=source,
            limits=Limits(
                wall,
                round(64 * wall),
                _MEMORY_BYTES,
                self._settings.max_source_bytes,
                still_seconds=self.still_seconds,
            ),
            stop=stop,
            extra_sources=extra_sources,
        )
        files = {stream: _steady_name(source, stream) for stream in read_streams(arguments)}
        if not files:
            return run(arguments, on_progress=on_progress, on_line=on_line)
        lines: list[str] = []  # held back, as a run that is repeated says everything again
        decoded: list[RunReport] = []
        if any(not (scratch / name).exists() for name in files.values()):
            try:
                report = run(arguments, on_progress=on_progress, on_line=lines.append, one_sound=True)
            except SoundChanged:
                lines.clear()
                decoded = [run(steady_arguments(stream, f"{name}.part")) for stream, name in files.items()]
                for name in files.values():
                    (scratch / f"{name}.part").rename(scratch / name)
            else:
                return _told(report, lines, on_line)
        steady, stands_for = steadied(arguments, files, self.policy)
        report = run(steady, on_progress=on_progress, on_line=lines.append)
        return _told(report.steadied(stands_for, decoded), lines, on_line)

    def _run(
        self, arguments: Sequence[str], *, on_line: Callable[[str], None] | None = None, **options: Any
    ) -> RunReport:
        """Run FFmpeg, and once more when it stood still."""
        told = False

        def tell(line: str) -> None:
            nonlocal told
            told = True
            if on_line is not None:
                on_line(line)

        def attempt(policy: Policy) -> RunReport:
            return ffmpeg.run(
                self._ffmpeg,
                arguments,
                sandbox=self._sandbox,
                on_line=tell,
                policy=policy,
                tolerate_errors=True,
                **options,
            )

        try:
            return attempt(self.policy)
        except SourceRefused as error:
            if error.error_code != process.STOOD_STILL or told or self.policy.decoder_threads == 1:
                raise
            return attempt(replace(self.policy, decoder_threads=1))


def wall_seconds(arguments: Sequence[str], media_seconds: float) -> float:
    """What a run may take at most. A hang is not as slow as the slowest work."""
    return _LEAST_SECONDS + (_ENCODING if "libx264" in arguments else _READING) * media_seconds


def _steady_name(source: Path, stream: int) -> str:
    """In a scratch folder: one for each track of each file that is read there."""
    return f"steady-{source.stat().st_ino}-{stream}.nut"


def _told(report: RunReport, lines: Sequence[str], on_line: Callable[[str], None] | None) -> RunReport:
    if on_line is not None:
        for line in lines:
            on_line(line)
    return report
