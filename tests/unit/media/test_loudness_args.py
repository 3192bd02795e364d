"""The arguments that measure, try and verify loudness, in full; and the reading of what they print."""

from __future__ import annotations

import math
import re

import ffmpeg
import pytest

from dailies.domain.loudness.level import Chain
from dailies.domain.source.audio_selection import AudioSelection, Window
from dailies.media.graphs.sound.audio_chain import select
from dailies.media.graphs.sound.excerpts import SoundReader, heard_into, sound_arguments
from dailies.media.graphs.sound.loudness import (
    MeterReader,
    excerpts_arguments,
    gain_chain,
    pilot_arguments,
    verify_arguments,
    whole_arguments,
)
from dailies.media.graphs.sound.shared_decode import Meter, hearing_arguments
from tests.selections import selection_of

STEREO = selection_of(1, 2)
DOWNMIX = selection_of(2, 6, 2)
LIMITED = Chain(gain_db=6.5, limiter_ceiling_dbfs=-1.5)
#: The head that all audio graphs share: its own tests are in test_audio_chain.py.
CLOCK = re.findall(r"\]([^\[;]+)\[", ffmpeg.output(select(ffmpeg.input("file:source")["1"], STEREO), "-").get_args()[3])
LIMITER = "alimiter=attack=10:latency=1:level=0:limit=0.841395:release=100"
NULL = ["-f", "null", "-acodec", "pcm_f64le", "-"]


def chain(*filters: str, pad: str) -> str:
    """The filter graph that ffmpeg-python writes for ``filters`` in a row."""
    parts = [f"[{pad}]"]
    for number, text in enumerate(filters):
        parts.append(f"{text}[s{number}]" + (f";[s{number}]" if number < len(filters) - 1 else ""))
    return "".join(parts)


def measuring(selection: AudioSelection) -> list[str]:
    return hearing_arguments([Meter(selection)])


def test_measuring_is_one_pass_that_prints_blocks_only() -> None:
    assert measuring(STEREO) == [
        *("-vn", "-i", "file:source"),
        "-filter_complex",
        chain(
            *CLOCK,
            "ebur128=framelog=-8:metadata=1:peak=sample",
            "ametadata=file=-:key=lavfi.r128.M:mode=print",
            pad="0:1",
        ),
        *("-map", f"[s{len(CLOCK) + 1}]", *NULL),
    ]


def test_the_mapping_comes_before_the_meter() -> None:
    graph = measuring(DOWNMIX)[4]
    assert graph.index("[0:2]") < graph.index("pan=args=FL+FR|FL") < graph.index("ebur128")


def test_the_whole_is_heard_through_gain_and_limiter() -> None:
    assert whole_arguments(STEREO, Window(start=12.5, end=95.0), LIMITED, 48_000, true_peak=True) == [
        *("-ss", "12.500000", "-t", "82.500000", "-vn", "-i", "file:source"),
        "-filter_complex",
        chain(
            *CLOCK,
            "aresample=48000",
            "volume=6.5000dB:precision=double",
            LIMITER,
            "ebur128=framelog=-8:metadata=1:peak=sample+true",
            "ametadata=file=-:key=lavfi.r128.M:mode=print",
            pad="0:1",
        ),
        *("-map", f"[s{len(CLOCK) + 4}]", *NULL),
    ]


def test_a_plain_gain_has_no_limiter_and_no_gain_has_no_filter() -> None:
    stream = ffmpeg.input("file:source")["a:0"]
    plain = gain_chain(stream, Chain(gain_db=-3.25), 44_100)
    assert ffmpeg.output(plain, "-").get_args()[3] == (
        "[0:a:0]aresample=44100[s0];[s0]volume=-3.2500dB:precision=double[s1]"
    )
    assert gain_chain(stream, Chain(), 44_100) is stream


def test_excerpts_are_joined_with_soft_seams_of_exact_length() -> None:
    windows = [Window(start=10.0, end=14.0), Window(start=30.0, end=34.0)]
    arguments = excerpts_arguments(STEREO, windows, LIMITED, 48_000, true_peak=False)
    assert arguments[:14] == [
        *("-ss", "10.000000", "-t", "4.000000", "-vn", "-i", "file:source"),
        *("-ss", "30.000000", "-t", "4.000000", "-vn", "-i", "file:source"),
    ]
    graph = arguments[15]
    assert graph.count("apad") == graph.count("atrim=end=4.000000:start=0.000000") == 2
    assert graph.count("afade=d=0.01:st=3.990:t=out") == 2
    assert graph.index("concat=a=1:n=2:v=0") < graph.index(LIMITER)
    assert "peak=sample+true" not in graph


def test_a_pilot_is_encoded_as_the_output_will_be() -> None:
    arguments = pilot_arguments(
        STEREO, [Window(start=0.0, end=9.0)], LIMITED, 48_000, ["-c:a", "aac", "-b:a", "128000"], "ipod", "pilot.m4a"
    )
    assert arguments[:5] == ["-t", "9.000000", "-vn", "-i", "file:source"]
    assert LIMITER in arguments[6]
    assert arguments[7:] == [
        *("-map", f"[s{len(CLOCK) + 2}]", "-f", "ipod", "-b:a", "128000", "-c:a", "aac"),
        "file:pilot.m4a",
    ]


def test_verifying_measures_the_file_as_it_is() -> None:
    assert verify_arguments("output-0.mp3", true_peak=True) == [
        *("-vn", "-i", "file:output-0.mp3"),
        "-filter_complex",
        chain("ebur128=framelog=-8:metadata=1:peak=sample+true", "ametadata=file=-:mode=print", pad="0:a:0"),
        *("-map", "[s1]", *NULL),
    ]
    assert "peak=sample+" not in " ".join(verify_arguments("output-0.mp3", true_peak=False))


def test_what_is_heard_beside_a_verification_keeps_off_its_stdout() -> None:
    """Two filters that print to one pipe would break each other's lines."""
    windows = [Window(start=0, end=2)]
    both = verify_arguments(
        "output-0.mp3", [heard_into("heard.txt", windows, 1, name="file:output-0.mp3")], true_peak=False
    )
    graph = both[both.index("-filter_complex") + 1]
    assert graph.count("file=-:") == 1
    assert "ametadata=file=heard.txt:mode=print" in graph
    assert both.count("-f") == 2
    assert both[-3:] == ["-f", "null", "-"]


def test_the_reader_takes_blocks_from_the_fourth_step_on_and_the_last_peaks() -> None:
    reader = MeterReader()
    for number in range(6):
        reader.line(f"frame:{number}    pts:{4800 * number}    pts_time:{number / 10}")
        reader.line(f"lavfi.r128.M={-120.691 if number < 3 else -20.0 - number}")
        reader.line("lavfi.r128.sample_peak=0.500")
        reader.line(f"lavfi.r128.true_peak={0.5 + number / 100}")
    heard = reader.heard()
    assert list(heard.blocks.lufs) == [-23.0, -24.0, -25.0]
    assert reader.seconds == pytest.approx(0.6)
    assert heard.sample_peak_dbfs == pytest.approx(-6.02, abs=0.01)
    assert heard.true_peak_dbtp == pytest.approx(20 * math.log10(0.55))


SUMMARY = """[Parsed_ebur128_1 @ 0x7f52] [info] Summary:

  Integrated loudness:
    I:         -21.8 LUFS
    Threshold: -31.8 LUFS

  Sample peak:
    Peak:       -9.0 dBFS

  True peak:
    Peak:       {true} dBFS
"""


@pytest.mark.parametrize(("printed", "expected"), [("-8.7", -8.7), (" -inf", -math.inf)])
def test_peaks_that_were_not_printed_come_from_the_summary(printed: str, expected: float) -> None:
    heard = MeterReader().heard(SUMMARY.format(true=printed))
    assert (heard.sample_peak_dbfs, heard.true_peak_dbtp) == (-9.0, expected)


def test_nothing_measured_is_no_loudness_and_no_peak() -> None:
    heard = MeterReader().heard()
    assert (len(heard.blocks), heard.sample_peak_dbfs, heard.true_peak_dbtp) == (0, -math.inf, None)


@pytest.mark.parametrize("line", ["", "lavfi.r128.M=nan", "frame:0 pts:0", "lavfi.r128.M=", "lavfi.r128.I=-20"])
def test_lines_of_no_use_do_no_harm(line: str) -> None:
    reader = MeterReader(11_025)
    for _ in range(4):
        reader.line(line)
    assert all(block == -200.0 for block in reader.heard().blocks.lufs)
    assert reader.heard().blocks.step_seconds == 1102 / 11025


def test_listening_for_quality_measures_level_bands_and_clipping() -> None:
    windows = [Window(start=9.0, end=11.0), Window(start=29.0, end=31.0)]
    graph = sound_arguments(windows, 2, selection=STEREO)[15]
    assert "acrossover=order=8th:split=4000 8000 12000 16000" in graph
    assert "max(gte(abs(val(0))" in graph
    assert "pan=args=mono|c0" in graph
    assert "amerge=inputs=7" in graph
    assert graph.index("concat") < graph.index("asplit")
    alone = sound_arguments(windows[:1], 1, name="file:output-0.wav")
    assert alone[:6] == ["-ss", "9.000000", "-t", "2.000000", "-vn", "-i"]
    assert alone[6] == "file:output-0.wav"
    assert "max(" not in alone[8]


def test_the_sound_is_the_last_of_the_cumulative_figures() -> None:
    reader = SoundReader()
    assert reader.sound() is None
    for level in (-30.0, -26.0):
        reader.line(f"lavfi.astats.1.RMS_level={level}")
        reader.line("lavfi.astats.1.RMS_trough=-60.5")
        for channel in range(2, 7):
            reader.line(f"lavfi.astats.{channel}.RMS_level={-40 - channel}")
        reader.line("lavfi.astats.7.RMS_level=-30.0")
    sound = reader.sound()
    assert sound is not None
    assert (sound.level_dbfs, sound.trough_dbfs) == (-26.0, -60.5)
    assert sound.bands_dbfs == (-43.0, -44.0, -45.0, -46.0)
    assert sound.clipped == pytest.approx(0.001)


def test_an_excerpt_may_be_drawn_twice() -> None:
    """A loud one, by sampling in proportion to power: both are heard."""
    twice = [Window(start=1.0, end=5.0), Window(start=1.0, end=5.0), Window(start=9.0, end=13.0)]
    selection = selection_of(1, 2)
    limited = Chain(gain_db=3.0, limiter_ceiling_dbfs=-1.0)
    words = excerpts_arguments(selection, twice, limited, 48_000, true_peak=False)
    assert words.count("-i") == 3
    assert words.count("-thread_queue_size") == 1
