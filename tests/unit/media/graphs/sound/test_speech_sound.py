"""What makes the sound for speech recognition, and listens to it in the same decode."""

from __future__ import annotations

from dailies.media.graphs.sound.speech_sound import speech_arguments
from tests.selections import on_the_clock, selection_of


def test_one_decode_makes_samples_and_envelope() -> None:
    head = on_the_clock("0:0", 0, layout="FC")
    graph = (
        f"{head};[s2]asplit=2[s3][s4];[s3]aformat=channel_layouts=mono:sample_fmts=s16:sample_rates=16000[s5]"
        ";[s4]aformat=sample_rates=8000[s6];[s6]highpass=f=300[s7];[s7]lowpass=f=3400[s8]"
        ";[s8]asetnsamples=400:p=0[s9]"
        ";[s9]astats=measure_overall=RMS_level:measure_perchannel=none:metadata=1:reset=1[s10]"
        ";[s10]ametadata=file=-:key=lavfi.astats.Overall.RMS_level:mode=print[s11]"
    )
    assert speech_arguments(selection_of(0, 1), "speech.pcm") == [
        "-vn", "-i", "file:source", "-filter_complex", graph,
        "-map", "[s5]", "-f", "s16le", "-acodec", "pcm_s16le", "file:speech.pcm", "-map", "[s11]", "-f", "null", "-",
    ]  # fmt: skip
