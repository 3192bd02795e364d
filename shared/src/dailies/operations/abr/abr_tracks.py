"""The tracks of a ladder, read back from what was written, and the checks that a player's trust rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dailies.domain.job.result import Check
from dailies.domain.source.media_info import MediaInfo
from dailies.media.graphs.film.hls import Playlist, least_target, read_master, read_playlist, write_playlist
from dailies.media.graphs.film.ladder import Rung
from dailies.media.graphs.pictures.frame_list import FrameReader, frame_arguments, packet_arguments
from dailies.operations.checks.inspection import Verification, read_own
from dailies.operations.checks.verification import SYNC_SECONDS, picture_checks
from dailies.operations.resolution import tolerance
from dailies.planning.operation import StepRun

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox

# Playlists have microseconds, and the sum of a day of segments is off by no more than this.
_CLOCK_SECONDS = 0.002
# The configuration is within the first few hundred bytes.
_HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Track:
    """One file of the ladder and its playlist. ``keyframes`` (seconds from the first frame) and ``frames`` are a
    video's."""

    path: Path
    playlist_path: Path
    playlist: Playlist
    found: Verification
    keyframes: tuple[float, ...] = ()
    frames: int = 0

    def head(self) -> bytes:
        with self.path.open("rb") as file:
            return file.read(_HEAD_BYTES)


def read_track(toolbox: Toolbox, run: StepRun, name: str, found: Verification) -> Track:
    """Read what FFmpeg wrote; a video's packets are listed and all its frames decoded.

    Raises ValueError for a playlist that isn't one (a bug of ours), QualityNotReached for frames that don't decode.
    """
    path, playlist_path = run.scratch / f"{name}.mp4", run.scratch / f"{name}.m3u8"
    track = Track(path, playlist_path, read_playlist(playlist_path.read_text()), found)
    if not found.info.video:
        return track
    packets, frames = FrameReader(), FrameReader()
    for arguments, reader in ((packet_arguments(0), packets), (frame_arguments(), frames)):
        seconds = track.playlist.seconds
        read_own(toolbox, path, arguments, run.stop, reader.line, scratch=run.scratch, media_seconds=seconds)
    shown = packets.packets()
    first = min((packet.seconds for packet in shown), default=0.0)
    keyframes = tuple(packet.seconds - first for packet in shown if packet.keyframe)
    return replace(track, keyframes=keyframes, frames=len(frames.frames))


def write_playlists(tracks: Sequence[Track]) -> list[Track]:
    """The tracks with playlists of one target duration (RFC 8216, 6.2.4), written over FFmpeg's."""
    target = max(least_target(track.playlist.segments) for track in tracks)
    aligned = [replace(track, playlist=replace(track.playlist, target=target)) for track in tracks]
    for track in aligned:
        track.playlist_path.write_text(write_playlist(track.playlist))
    return aligned


def check_ladder(
    master: Path, rungs: Sequence[Rung], videos: Sequence[Track], sound: Track | None, info: MediaInfo, stream: int
) -> list[Check]:
    """The certificate's lines, from the files as they are. ``stream`` is the source's video stream."""
    checks = [playlists_check(master), _segments_check(videos), _keyframes_check(videos), _frames_check(videos)]
    for rung, track in zip(rungs, videos, strict=True):
        checks += [
            check.model_copy(update={"name": f"{check.name} {rung.name}"})
            for check in picture_checks(track.found.info, (rung.width, rung.height))
        ]
    source = next(video for video in info.video if video.index == stream)
    if source.duration_seconds is not None:
        checks.append(_duration_check(videos[0].playlist, source.start_seconds + source.duration_seconds))
    if sound is not None:
        checks.append(_sync_check(videos[0], sound))
    return checks


def playlists_check(master: Path) -> Check:
    """Every file that a playlist names is there, as long as its ranges say, and no segment is over the target."""
    variants, others = read_master(master.read_text())
    wrong = []
    for name in (*variants, *others):
        path = master.with_name(name)
        if not path.is_file():
            wrong.append(f"{name} is missing")
            continue
        playlist = read_playlist(path.read_text())
        media = master.with_name(playlist.file)
        end = playlist.header + sum(segment.size for segment in playlist.segments)
        if not media.is_file() or media.stat().st_size < end:
            wrong.append(f"{playlist.file} is missing or short")
        if least_target(playlist.segments) > playlist.target:
            wrong.append(f"a segment of {name} is longer than the target")
    count = len(variants) + len(others)
    return Check(
        name="playlists",
        expected=f"{count + 1}, complete",
        measured=", ".join(wrong) or f"{count + 1}, complete",
        passed=bool(variants) and not wrong,
    )


def _segments_check(videos: Sequence[Track]) -> Check:
    """The same boundaries in all renditions: a player switches between them there."""
    best = videos[0].playlist
    off = max(
        (
            abs(a.seconds - b.seconds)
            for video in videos
            for a, b in zip(best.segments, video.playlist.segments, strict=False)
        ),
        default=0.0,
    )
    counts = sorted({len(video.playlist.segments) for video in videos})
    return Check(
        name="segments",
        expected=f"{len(best.segments)}, the same in {len(videos)} renditions",
        measured=f"{' or '.join(map(str, counts))}, {off * 1000:.0f} ms apart",
        passed=len(counts) == 1 and off <= _CLOCK_SECONDS,
    )


def _keyframes_check(videos: Sequence[Track]) -> Check:
    """Each segment starts with a keyframe (RFC 8216, 4.3.5.1)."""
    starts = sum(len(video.playlist.starts) for video in videos)
    found = sum(
        any(abs(start - keyframe) <= _CLOCK_SECONDS for keyframe in video.keyframes)
        for video in videos
        for start in video.playlist.starts
    )
    return Check(
        name="keyframes", expected=f"at {starts} segment starts", measured=f"at {found}", passed=found == starts
    )


def _frames_check(videos: Sequence[Track]) -> Check:
    """All renditions decode to the same number of frames."""
    counts = sorted({video.frames for video in videos})
    return Check(
        name="frames",
        expected=f"{videos[0].frames} in each rendition",
        measured=" or ".join(map(str, counts)),
        passed=len(counts) == 1 and counts[0] > 0,
    )


def _duration_check(playlist: Playlist, expected: float) -> Check:
    allowed = tolerance(expected)
    return Check(
        name="duration",
        expected=f"{expected:.3f} s ± {allowed:.2f}",
        measured=f"{playlist.seconds:.3f} s",
        passed=abs(playlist.seconds - expected) <= allowed,
    )


def _sync_check(video: Track, sound: Track) -> Check:
    """Both begin with the source: a late track is filled up with silence, or with its first picture."""
    offset = sound.found.info.start_seconds - video.found.info.start_seconds
    return Check(
        name="A/V offset",
        expected=f"≤ {SYNC_SECONDS * 1000:.0f} ms",
        measured=f"{round(offset * 1000):+d} ms",
        passed=abs(offset) <= SYNC_SECONDS,
    )
