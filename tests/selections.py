"""Tracks of so many channels, selected as operations do."""

from __future__ import annotations

from dailies.domain.source.audio_selection import AudioSelection, select_audio
from dailies.domain.source.channel_layouts import MASK_LAYOUTS
from dailies.domain.source.media_info import AudioStream


def selection_of(
    stream: int, channels: int, wanted: int | None = None, layout: str | None = None, *, rate: int = 48_000
) -> AudioSelection:
    """The track with the index ``stream``."""
    track = AudioStream(index=stream, track=0, codec="aac", sample_rate_hz=rate, channels=channels, layout=layout)
    return select_audio(track, MASK_LAYOUTS, wanted)


def in_one_size(pad: str, first: int, wide: int = 1920, tall: int = 1080) -> str:
    """The head of every graph of pictures, from ``pad`` to the label ``[s{first + 1}]``."""
    return (
        f"[{pad}]scale=eval=frame:flags=bicubic:h=max(2\\,round(min({tall}\\,{wide}/a)))"
        f":interl=-1:w=max(2\\,round(min({wide}\\,{tall}*a)))[s{first}]"
        f";[s{first}]pad={wide}:{tall}:(ow-iw)/2:(oh-ih)/2:eval=frame[s{first + 1}]"
    )


def on_the_clock(pad: str, first: int, *, layout: str = "FL+FR", rate: int = 48_000) -> str:
    """The head of every audio graph, from ``pad`` to the label ``[s{first + 2}]``."""
    return (
        f"[{pad}]aresample={rate}:async=1:comp_duration=0.2:max_soft_comp=0.03:min_comp=0.003:min_hard_comp=0.016"
        f":rematrix_maxval=1[s{first}]"
        f";[s{first}]aresample=async=1:first_pts=0:min_hard_comp=0.016:rematrix_maxval=1[s{first + 1}]"
        f";[s{first + 1}]aformat=channel_layouts={layout}:sample_fmts=fltp[s{first + 2}]"
    )
