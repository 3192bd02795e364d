"""The transcripts of a recipe that mask something: whoever else shows or plays its words asks them."""

from __future__ import annotations

from dailies.domain.source.media_info import MediaInfo
from dailies.domain.transcript.transcript import PrivateKind
from dailies.operations.deliverables.transcript import TranscriptOutput
from dailies.operations.resolution import choose_audio
from dailies.operations.speech.answers import TranscriptParams
from dailies.planning.beside import Beside


def masking_transcript(field: str, audio_track: int | None, info: MediaInfo, beside: Beside) -> TranscriptParams | None:
    """The parameters of the recipe's transcript of that track which masks something; None without one."""
    own = choose_audio(info, audio_track, field)
    for name in beside.names():
        other = beside.output(name)
        if isinstance(other, TranscriptOutput) and other.mask and own == choose_audio(info, other.audio_track, field):
            params = beside.request(name).params
            if isinstance(params, TranscriptParams):
                return params.model_copy(update={"format": "json"})
    return None


def all_masked(beside: Beside) -> tuple[PrivateKind, ...]:
    """What any transcript of the recipe masks: nothing else of the job may tell it."""
    outputs = map(beside.output, beside.names())
    return tuple(sorted({kind for one in outputs if isinstance(one, TranscriptOutput) for kind in one.mask}))
