"""How damaged a source is, by what its decoders said, and how much of that is too much."""

from __future__ import annotations

from dailies.domain.errors import SourceRefused
from dailies.domain.job.result import Check
from dailies.media.ffmpeg import RunReport

# One lost packet at a splice or at the end is common in files that play well; more is a broken file.
_ALWAYS_ALLOWED = 2
_ALLOWED_RATIO = 0.01
# Headers round, and streams of one file end apart: 0.5 s or 1 % is no damage.
_SHORT_SECONDS = 0.5
_SHORT_RATIO = 0.01


def damage_check(report: RunReport) -> Check:
    """Raise SourceRefused ``decode_failed`` for a source that is too damaged; else the certificate's line."""
    return judge_damage(*damage_of(report))


def damage_of(report: RunReport) -> tuple[int, int]:
    """Broken frames and all frames of a run."""
    frames = sum(read.frames for read in report.reads)
    return report.corrupt_frames + sum(read.errors for read in report.reads), frames


def judge_damage(broken: int, frames: int) -> Check:
    """As ``damage_check``, from the counts."""
    allowed = max(_ALWAYS_ALLOWED, round(_ALLOWED_RATIO * frames))
    if broken > allowed:
        raise SourceRefused(
            f"The source is damaged: {broken} of {frames} frames can't be decoded; export or upload it again.",
            code="decode_failed",
            broken_frames=broken,
            frames=frames,
        )
    return Check(
        # How many frames a decoder read past the end of a part depends on the moment: no figure of it is a fact.
        name="source damage",
        expected=f"≤ {_ALLOWED_RATIO:.0%} of the frames",
        measured=f"{broken} frames",
        passed=True,
    )


def refuse_short(declared: float, reached: float, rests_on: str, until: float | None = None) -> None:
    """Raise SourceRefused ``source_truncated`` when a source of ``declared`` seconds could be decoded to ``reached``.

    ``until`` is where what is wanted of it ends.
    ``rests_on`` is MediaInfo's ``duration_from``: an estimate proves nothing.
    """
    wanted = declared if until is None else min(declared, until)
    if rests_on != "estimate" and reached + max(_SHORT_SECONDS, _SHORT_RATIO * declared) < wanted:
        raise SourceRefused(
            f"The source is damaged or cut off: it should last {declared:.2f} s and only {reached:.2f} s can be"
            " decoded; export or upload it again.",
            code="source_truncated",
            declared_seconds=round(declared, 3),
            decoded_seconds=round(reached, 3),
        )
