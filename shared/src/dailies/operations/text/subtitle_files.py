"""Files of subtitles: written, read back, and held against what was to be in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dailies.domain.errors import QualityNotReached
from dailies.domain.job.result import Check
from dailies.domain.subtitles.ass import read_ass, write_ass
from dailies.domain.subtitles.cues import Cue
from dailies.domain.subtitles.measure import SubtitleFacts
from dailies.domain.subtitles.srt import read_srt, write_srt
from dailies.domain.subtitles.style import SubtitleStyle
from dailies.domain.subtitles.vtt import read_vtt, write_vtt
from dailies.operations.text.subtitle_params import Form, SubtitlesParams

#: A word that a cut goes through may be on either side.
_COVERED = 0.98


def write(cues: Sequence[Cue], params: SubtitlesParams) -> str:
    """The file's text."""
    if params.form == "srt":
        return write_srt(cues)
    if params.form == "vtt":
        return write_vtt(cues, params.style)
    return write_ass(cues, params.style or SubtitleStyle(), karaoke=params.karaoke)


def read(path: Path, form: Form) -> tuple[Cue, ...]:
    """The cues of a file of ours. Raises QualityNotReached for one that is none."""
    text = path.read_text(encoding="utf-8")
    try:
        return {"srt": read_srt, "vtt": read_vtt, "ass": read_ass}[form](text)
    except ValueError as error:
        raise QualityNotReached(f"The subtitles were made and can't be read: {error}.") from error


def text_check(cues: Sequence[Cue], back: Sequence[Cue]) -> Check:
    """What is in the file is what was to be in it."""
    same = [cue.texts for cue in back] == [cue.texts for cue in cues]
    return Check(name="text", expected=f"{len(cues)} subtitles", measured=f"{len(back)} subtitles", passed=same)


def times_check(name: str, wanted: Sequence[tuple[int, int]], found: Sequence[tuple[int, int]], most_ms: int) -> Check:
    """Another reader finds as many subtitles, each of their starts and ends at most ``most_ms`` away."""
    same = len(found) == len(wanted) and all(
        abs(one[0] - other[0]) <= most_ms and abs(one[1] - other[1]) <= most_ms
        for one, other in zip(found, wanted, strict=True)
    )
    return Check(
        name=name,
        expected=f"{len(wanted)} subtitles at their times",
        measured=f"{len(found)} subtitles {'at their times' if same else 'at other times'}",
        passed=same,
    )


def rule_checks(facts: SubtitleFacts) -> list[Check]:
    """A line for each rule. What a track breaks of them is said and no reason to hold it back."""
    return [
        Check(
            name=rule.rule,
            expected=f"{rule.limit:g}",
            measured=f"{100 * rule.share:.1f} % within, the worst {rule.worst:g}",
            passed=rule.share == 1.0,
            advisory=True,
        )
        for rule in facts.rules
    ]


def speech_checks(facts: SubtitleFacts) -> list[Check]:
    """What is promised of subtitles that are ours."""
    return [
        Check(
            name="words",
            expected="all that were heard",
            measured=f"{100 * facts.coverage:.1f} %",
            passed=facts.coverage >= _COVERED,
        ),
        Check(name="overlaps", expected="0", measured=f"{facts.overlaps}", passed=facts.overlaps == 0),
    ]
