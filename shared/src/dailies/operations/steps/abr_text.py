"""``abr-text``: a finished HLS ladder with subtitles that a player can switch on; its films are the ladder's."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import ClassVar

from dailies.domain.job.result import Check, OutputResult
from dailies.domain.model import Model
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.subtitles.cues import Cue
from dailies.domain.subtitles.vtt import read_vtt
from dailies.media.graphs.film.hls import read_master, read_playlist
from dailies.media.graphs.pictures.frame_list import FrameReader, packet_arguments
from dailies.media.graphs.text.hls_text import (
    CLOCK_HZ,
    PLAYLIST,
    divided,
    read_text_playlist,
    with_subtitles,
    write_segment,
    write_text_playlist,
)
from dailies.operations.abr.abr_ladder import AbrParams
from dailies.operations.checks.certificate import certified
from dailies.operations.checks.inspection import read_own
from dailies.operations.media_step import MediaStep
from dailies.operations.text.subtitle_params import SUBTITLES, SubtitlesParams
from dailies.planning.operation import MAIN_FILE, Artifact, Estimate, Known, Needs, Produced, Request, StepRun

ABR_TEXT = "abr-text"
_LADDER = "ladder"
_MEDIA_TYPES = {"m3u8": "application/vnd.apple.mpegurl", "vtt": "text/vtt"}
# CPU seconds: of the copy per second of source, at all.
_COST, _START_COST = 0.001, 0.5


class AbrTextParams(Model):
    """The ladder as it would be without, and its subtitles."""

    film: AbrParams
    subtitles: SubtitlesParams


class AbrTextOperation(MediaStep):
    """Adds a playlist of WebVTT, and has the master playlist name it."""

    kind: ClassVar[str] = ABR_TEXT
    version: ClassVar[str] = "1"

    def needs(self, params: AbrTextParams, known: Known) -> Needs:
        return {_LADDER: Request("abr", params.film), SUBTITLES: Request(SUBTITLES, params.subtitles)}

    def estimate(self, params: AbrTextParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=_START_COST + _COST * (info.duration_seconds or 0.0))

    def make(self, run: StepRun) -> Produced:
        ladder = run.inputs[_LADDER]
        cues = read_vtt(run.read(run.inputs[SUBTITLES], MAIN_FILE).read_text(encoding="utf-8"))
        language = run.inputs[SUBTITLES].data["language"]
        master = run.read(ladder, MAIN_FILE).read_text()
        best = next(iter(read_master(master)[0]))
        playlist = read_playlist(run.read(ladder, best).read_text())
        begins = self._beginning(run, ladder, playlist.file)
        segments = divided(cues, playlist.seconds)
        texts = {segment.name: write_segment(segment, round(begins * CLOCK_HZ)) for segment in segments}
        texts[PLAYLIST] = write_text_playlist(segments)
        beside = {}
        for name, text in texts.items():
            path = run.scratch / name
            path.write_text(text, encoding="utf-8", newline="\n")
            beside[name] = (path, _MEDIA_TYPES[name.rpartition(".")[2]])
        for role, file in ladder.files.items():
            if role != MAIN_FILE:
                # The store takes what it is given; the ladder's own stays.
                shutil.copyfile(run.read(ladder, role), run.scratch / role)
                beside[role] = (run.scratch / role, file.media_type)
        path = run.scratch / "index.m3u8"
        path.write_text(with_subtitles(master, language))
        made = OutputResult.model_validate({**ladder.data, "path": None, "bytes": 0, "sha256": ""})
        checks = [*made.checks, _text_check(run.scratch, cues, playlist.seconds), _master_check(path)]
        return certified(
            path,
            made.media_type,
            checks,
            made.facts,
            beside=beside,
            sha256={role: file.sha256 for role, file in ladder.files.items() if role != MAIN_FILE},
            duration_seconds=made.duration_seconds,
        )

    def _beginning(self, run: StepRun, ladder: Artifact, film: str) -> float:
        """When the first picture is shown, on the clock of the film's own file; seconds."""
        reader = FrameReader()
        path = run.read(ladder, film)
        read_own(
            self._toolbox, path, packet_arguments(0), run.stop, reader.line, scratch=run.scratch, media_seconds=None
        )
        return min((packet.seconds for packet in reader.packets()), default=0.0)


def _text_check(folder: Path, cues: Sequence[Cue], seconds: float) -> Check:
    """The playlist's segments have each subtitle of the film, in each segment in which it is seen."""
    seen = [cue for cue in cues if cue.start_ms < seconds * 1000]
    listed = read_text_playlist((folder / PLAYLIST).read_text())
    ends = list(accumulate((lasts for _, lasts in listed), initial=0.0))
    # To the millisecond, as they were divided: a sum of seconds is beside it, and a subtitle may end there.
    edges = [1000 * round(end, 3) for end in ends[:-1]] + [1000 * max(ends[-1], seconds)]
    found: list[Cue] = []
    wrong = 0
    for (name, _), (start, end) in zip(listed, pairwise(edges), strict=True):
        there = read_vtt((folder / name).read_text(encoding="utf-8"))
        wrong += list(there) != [cue for cue in seen if cue.end_ms > start and cue.start_ms < end]
        found += [cue for cue in there if cue.start_ms >= start]
    return Check(
        name="text playlist",
        expected=f"{len(seen)} subtitles in {seconds:.2f} s",
        measured=f"{len(found)} subtitles in {ends[-1]:.2f} s",
        passed=found == seen and not wrong and abs(ends[-1] - seconds) < 0.01,
    )


def _master_check(master: Path) -> Check:
    variants, others = read_master(master.read_text())
    named = sum(attributes.get("SUBTITLES") == "text" for attributes in variants.values())
    return Check(
        name="text rendition",
        expected=f"of {len(variants)} variants",
        measured=f"of {named} variants",
        passed=named == len(variants) > 0 and PLAYLIST in others,
    )
