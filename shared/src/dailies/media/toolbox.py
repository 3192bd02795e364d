"""FFmpeg, sandbox, policy and limits as the settings have them: what operations run their commands with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

from dailies.domain.chunking import ChunkRules
from dailies.domain.errors import SourceRefused
from dailies.domain.media_info import MediaInfo
from dailies.domain.stop import StopToken
from dailies.media import ffmpeg, sandbox
from dailies.media.ffmpeg import FFmpeg, RunReport
from dailies.media.guard import Policy
from dailies.media.probe import probe
from dailies.media.process import Limits
from dailies.media.sandbox import Mode, Sandbox

# Address space, not resident size: x264 at 8K with all its threads maps about 6 GB.
_MEMORY_BYTES = 12 << 30
_PROBE_MEMORY_BYTES = 4 << 30
_PROBE_SECONDS = 30.0
# The slowest thing asked for is 8K x264 at about a thirtieth of real time on two cores; a hang is not that slow.
_SECONDS_PER_MEDIA_SECOND = 40.0
_LEAST_SECONDS = 300.0


class ToolSettings(Protocol):
    """The settings that concern tools."""

    @property
    def home(self) -> Path: ...
    @property
    def ffmpeg(self) -> str | None: ...
    @property
    def sandbox(self) -> Mode: ...
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
        return sandbox.detect(self._settings.sandbox)

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

        Decode errors don't end the run: good files have one here and there. The report counts them, and
        operations/damage.py says when there are too many. Raises as ``media.ffmpeg.run`` does.
        """
        media_seconds = self.policy.max_duration_seconds if media_seconds is None else media_seconds
        wall = _LEAST_SECONDS + _SECONDS_PER_MEDIA_SECOND * media_seconds
        return ffmpeg.run(
            self._ffmpeg,
            arguments,
            scratch=scratch,
            source=source,
            limits=Limits(wall, round(64 * wall), _MEMORY_BYTES, self._settings.max_source_bytes),
            stop=stop,
            sandbox=self._sandbox,
            on_progress=on_progress,
            on_line=on_line,
            policy=self.policy,
            extra_sources=extra_sources,
            tolerate_errors=True,
        )
