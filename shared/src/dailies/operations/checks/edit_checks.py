"""The lines of an edit's certificate that other outputs don't have, each measured on the film."""

from __future__ import annotations

from collections.abc import Sequence

from dailies.domain.edit.edit_list import EditList
from dailies.domain.edit.segment_levels import spread_lu
from dailies.domain.job.result import Check
from dailies.domain.recipe.edit_recipe import CLIP_SECONDS, MAX_CLIPS, HighlightWish
from dailies.domain.source.media_info import MediaInfo
from dailies.media.graphs.pictures.picture import PictureParams

#: What a highlight reel may be off its target by (EBU R 128, section h); ours is a fifth of it.
_LITMUS_LU = 0.5


def frames_check(packets: int, edit: EditList) -> Check:
    return Check(
        name="frames", expected=f"{edit.frames}", measured=f"{packets}", passed=packets == edit.frames
    )  # fmt: skip


def end_sync_check(info: MediaInfo, edit: EditList) -> list[Check]:
    """Where sound and pictures end, relative to each other: a frame apart at most."""
    if not info.audio or not info.video:
        return []
    sound, picture = info.audio[0], info.video[0]
    frame = float(1 / edit.rate)
    if sound.duration_seconds is None or picture.duration_seconds is None:
        measured, passed = "unknown", False
    else:
        offset = sound.start_seconds + sound.duration_seconds - picture.start_seconds - picture.duration_seconds
        measured, passed = f"{offset * 1000:+.1f} ms", abs(offset) < frame
    return [
        Check(name="A/V offset at the end", expected=f"< 1 frame ({frame * 1000:.1f} ms)", measured=measured,
              passed=passed)
    ]  # fmt: skip


def clip_checks(edit: EditList, wish: HighlightWish | None) -> list[Check]:
    """At most 5 clips of 15 to 60 s: as was wished of clips that were found; said of those that somebody listed."""
    lengths = [float(cut.frames / edit.rate) for cut in edit.cuts]
    most = MAX_CLIPS if wish is None else wish.count
    shortest, longest = CLIP_SECONDS if wish is None else (wish.min, wish.max)
    # Clips begin and end with a frame.
    frame = float(1 / edit.rate)
    listed = ", or as listed" if wish is None else ""
    return [
        Check(
            name="clips",
            expected=f"≤ {most}{listed}",
            measured=f"{len(lengths)}",
            passed=len(lengths) <= most,
            advisory=wish is None,
        ),
        Check(
            name="clip length",
            expected=f"{shortest:g}–{longest:g} s{listed}",
            measured=f"{min(lengths):.2f}–{max(lengths):.2f} s",
            passed=all(shortest - frame <= length <= longest + frame for length in lengths),
            advisory=wish is None,
        ),
    ]


def spread_checks(loudnesses: Sequence[float | None], most: float) -> list[Check]:
    """How far the segments' loudnesses lie apart on the film. Silent ones have none and don't count."""
    spread = spread_lu(loudnesses)
    if spread is None:
        return []
    silent = sum(loudness is None for loudness in loudnesses)
    said = f", {silent} silent" if silent else ""
    return [
        Check(
            name="segment loudness spread",
            expected=f"≤ {most:g} LU",
            measured=f"{spread:.2f} LU{said}",
            passed=spread <= most,
        )
    ]


def litmus_check(integrated_lufs: float | None, target_lufs: float) -> list[Check]:
    if integrated_lufs is None:
        return []
    return [
        Check(
            name="programme loudness",
            expected=f"{target_lufs:g} LUFS ± {_LITMUS_LU:g}",
            measured=f"{integrated_lufs:.2f} LUFS",
            passed=abs(integrated_lufs - target_lufs) <= _LITMUS_LU,
        )
    ]


def framing_check(shown: tuple[int, int] | None, params: PictureParams) -> Check:
    """No black bars around a film that fills its frame; just those that were asked for around one that doesn't.

    ``shown`` is what isn't black at the edges; None: a film that is black throughout shows no bars.
    """
    wide, tall = params.size
    if shown is None:
        return Check(name="framing", expected="a picture", measured="black throughout", passed=False, advisory=True)
    bars = (wide - shown[0], tall - shown[1])
    asked = (wide - params.width, tall - params.height)
    measured = f"bars of {bars[0]}×{bars[1]} px"
    if params.frame is None:
        # Nothing here draws bars into such a film: those found were filmed, or it is night at the edges.
        said = measured + " that are the source's own" if bars != (0, 0) else "no bars"
        return Check(
            name="framing", expected="no black bars", measured=said, passed=bars == (0, 0), advisory=bars != (0, 0)
        )
    # What borders on a bar may be black itself; a bar that isn't black was not drawn.
    return Check(
        name="framing",
        expected=f"bars of {asked[0]}×{asked[1]} px",
        measured=measured,
        passed=all(there >= wanted - 2 for there, wanted in zip(bars, asked, strict=True)),
    )
