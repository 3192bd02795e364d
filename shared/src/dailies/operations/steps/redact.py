"""``redact``: a track in which nobody hears what a transcript masks, for others to read as their source."""

from __future__ import annotations

import array
import math
import sys
from pathlib import Path
from typing import BinaryIO, ClassVar, Literal

from pydantic import SerializeAsAny

from dailies.domain.model import Model
from dailies.domain.source.audio_selection import AudioSelection
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.transcript.masked import unheard_spans
from dailies.domain.transcript.transcript import Transcript
from dailies.media.graphs.sound.redaction import track_arguments
from dailies.operations.checks.decode_errors import damage_check
from dailies.operations.media_step import MediaStep
from dailies.operations.steps.measure import media_seconds
from dailies.planning.operation import MAIN_FILE, Estimate, Known, Needs, Produced, Request, StepRun
from dailies.planning.plan import PROBE, NoParams

REDACT = "redact"
Redaction = Literal["bleep", "mute"]
_TRANSCRIPT = "transcript"
_NAME = "redacted.wav"
# CPU seconds per second of sound, at all.
_COST, _START_COST = 0.004, 0.4
#: What censors use: 1 kHz, here at −20 dBFS.
_BLEEP_HZ, _BLEEP_LEVEL = 1000.0, 0.1
_FLOAT_BYTES = 4


class RedactParams(Model):
    """``transcript``: the parameters of the step whose masked words go."""

    selection: AudioSelection
    transcript: SerializeAsAny[Model]
    sound: Redaction


class RedactOperation(MediaStep):
    """Writes over the samples themselves: to the sample, whatever frames a filter works in."""

    kind: ClassVar[str] = REDACT
    version: ClassVar[str] = "1"

    def needs(self, params: RedactParams, known: Known) -> Needs:
        return {PROBE: Request(PROBE, NoParams()), _TRANSCRIPT: Request(_TRANSCRIPT, params.transcript)}

    def estimate(self, params: RedactParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=_START_COST + _COST * (info.duration_seconds or 0.0))

    def made_info(self, params: RedactParams, info: MediaInfo) -> MediaInfo:
        return info

    def make(self, run: StepRun) -> Produced:
        params: RedactParams = run.params
        report = self.ffmpeg(
            run,
            track_arguments(params.selection, _NAME),
            media_seconds=media_seconds(run.inputs[PROBE]),
            on_progress=run.progress,
        )
        damage_check(report)
        read = run.read(run.inputs[_TRANSCRIPT], MAIN_FILE).read_bytes()
        spans = unheard_spans(Transcript.model_validate_json(read))
        path = run.scratch / _NAME
        rate, channels = params.selection.sample_rate_hz, params.selection.channels
        for start, end in spans:
            write_over(path, math.floor(start * rate), math.ceil(end * rate), rate, channels, params.sound)
        return Produced(data={"redacted": spans}, files={MAIN_FILE: (path, "audio/wav")})


def write_over(path: Path, first: int, last: int, rate_hz: int, channels: int, sound: Redaction) -> None:
    """Put silence or a tone in place of the samples ``first`` to ``last`` (exclusive) of a WAV file of floats."""
    with path.open("r+b") as wav:
        begin, size = _samples(wav)
        frame = channels * _FLOAT_BYTES
        last = min(last, size // frame)
        if last <= first:
            return
        wav.seek(begin + first * frame)
        if sound == "mute":
            wav.write(bytes((last - first) * frame))
            return
        tone = array.array("f")
        for place in range(last - first):
            tone.extend([_BLEEP_LEVEL * math.sin(2 * math.pi * _BLEEP_HZ * place / rate_hz)] * channels)
        if sys.byteorder == "big":
            tone.byteswap()
        wav.write(tone.tobytes())


def _samples(wav: BinaryIO) -> tuple[int, int]:
    """Where the samples begin, and how many bytes they are: RF64 says that elsewhere, and they go on to the end."""
    end = wav.seek(0, 2)
    wav.seek(12)
    while len(head := wav.read(8)) == 8:
        size = int.from_bytes(head[4:], "little")
        if head[:4] == b"data":
            begin = wav.tell()
            return begin, min(size, end - begin) if size < 0xFFFFFFFF else end - begin
        wav.seek(size + size % 2, 1)
    raise ValueError("FFmpeg wrote a WAV file without samples")
