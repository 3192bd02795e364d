"""``voice``: where a track has speech, and that speech as the files that an engine takes."""

from __future__ import annotations

import hashlib
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from dailies.domain.edit.speech import second_levels
from dailies.domain.model import Model
from dailies.domain.source.audio_selection import AudioSelection
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.transcript.activity import Activity
from dailies.domain.transcript.chunks import RATE_HZ, Chunk, Limits, chunked
from dailies.domain.transcript.spans import length
from dailies.media.graphs.film.highlight_signals import EnvelopeReader
from dailies.media.graphs.sound.speech_sound import speech_arguments
from dailies.operations.media_step import MediaStep
from dailies.operations.steps.measure import media_seconds
from dailies.planning.operation import Artifact, Estimate, Produced, StepRun
from dailies.planning.plan import PROBE

VOICE = "voice"
ACTIVITY = "activity"
# CPU seconds per second of sound, at all.
_COST, _START_COST = 0.006, 0.5
_SOUND = "speech.pcm"


class VoiceParams(Model):
    """``selection``: mixed to mono. ``limits``: of one request to the engine."""

    selection: AudioSelection
    limits: Limits


class Voice(Model):
    """The step's facts: what plans need. ``seconds``: of speech, in each chunk's file."""

    seconds: float
    voiced_seconds: float
    chunk_seconds: tuple[float, ...]
    sha256: str = Field(description="of the sound: equal for channels that have the same")


class Heard(Model):
    """The step's file :data:`ACTIVITY`: what the answers are held against."""

    activity: Activity
    chunks: tuple[Chunk, ...]
    levels_dbfs: tuple[float, ...] = Field(description="of each second, in the band of speech")


class VoiceOperation(MediaStep):
    """One decode of the track; the answer is kept for as long as speech is cut alike."""

    kind: ClassVar[str] = VOICE
    version: ClassVar[str] = "2"

    def estimate(self, params: VoiceParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=_START_COST + _COST * (info.duration_seconds or 0.0))

    def make(self, run: StepRun) -> Produced:
        params: VoiceParams = run.params
        envelope = EnvelopeReader()
        self.ffmpeg(
            run,
            speech_arguments(params.selection, _SOUND),
            media_seconds=media_seconds(run.inputs[PROBE]),
            on_progress=lambda part: run.progress(0.9 * part),
            on_line=envelope.line,
        )
        activity = Activity.of(envelope.levels_dbfs)
        chunks = chunked(activity, params.limits)
        sound = run.scratch / _SOUND
        files = {ACTIVITY: (run.scratch / "activity.json", "application/json")}
        heard = Heard(activity=activity, chunks=chunks, levels_dbfs=second_levels(envelope.levels_dbfs))
        files[ACTIVITY][0].write_text(heard.model_dump_json(), encoding="utf-8")
        for number, chunk in enumerate(chunks):
            path = run.scratch / f"{chunk_role(number)}.wav"
            write_samples(path, sound, [(take.first, take.last) for take in chunk.takes])
            files[chunk_role(number)] = (path, "audio/wav")
        with sound.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        sound.unlink()
        facts = Voice(
            seconds=activity.seconds,
            voiced_seconds=round(length(activity.voiced), 3),
            chunk_seconds=tuple(round(chunk.samples / RATE_HZ, 3) for chunk in chunks),
            sha256=digest,
        )
        return Produced(data=facts.model_dump(mode="json"), files=files)


def chunk_role(number: int) -> str:
    """The role of a chunk's file."""
    return f"chunk-{number:04d}"


def read_heard(run: StepRun, voice: Artifact) -> Heard:
    """What the step wrote into :data:`ACTIVITY`."""
    return Heard.model_validate_json(run.read(voice, ACTIVITY).read_bytes())


def write_samples(path: Path, sound: Path, spans: Sequence[tuple[int, int]], skipped_bytes: int = 0) -> None:
    """A WAV file of those samples of headerless PCM; what lies behind its end is silence.

    ``skipped_bytes``: the length of a header that it has all the same.
    """
    with sound.open("rb") as samples, wave.open(str(path), "wb") as part:
        part.setnchannels(1)
        part.setsampwidth(2)
        part.setframerate(RATE_HZ)
        for first, last in spans:
            samples.seek(skipped_bytes + 2 * first)
            found = samples.read(2 * (last - first))
            part.writeframes(found + bytes(2 * (last - first) - len(found)))
