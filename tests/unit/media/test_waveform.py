"""The run that finds peaks, and the picture of them."""

from __future__ import annotations

import zlib

from dailies.domain.audio_selection import AudioSelection
from dailies.media.hearing import Meter, Peaks, hearing_arguments
from dailies.media.waveform import PeakReader, draw
from dailies.operations.waveform import peaks_document

STEREO = AudioSelection(stream=2, mapping="source", source_channels=2, channels=2)
MONO = AudioSelection(stream=2, mapping="mono", source_channels=2, channels=1)


def test_loudness_and_peaks_come_from_one_decode_of_the_track() -> None:
    """Each hears its own mix; blocks on stdout, peaks in a file, nothing encoded."""
    arguments = hearing_arguments([Meter(STEREO), Peaks(MONO, 2400, "peaks-1.txt")])
    assert arguments == [
        *("-vn", "-i", "file:source", "-filter_complex"),
        (
            "[0:2]asplit=2[s0][s1];"
            "[s0]aresample=async=1:first_pts=0[s2];[s2]aformat=sample_fmts=fltp[s3];"
            "[s3]ebur128=framelog=-8:metadata=1:peak=sample[s4];[s4]ametadata=file=-:key=lavfi.r128.M:mode=print[s5];"
            "[s1]aresample=async=1:first_pts=0[s6];[s6]aformat=channel_layouts=mono:sample_fmts=fltp[s7];"
            "[s7]asetnsamples=n=2400:p=0[s8];"
            "[s8]astats=measure_overall=Min_level+Max_level:measure_perchannel=none:metadata=1:reset=1[s9];"
            "[s9]ametadata=file=peaks-1.txt:mode=print[s10]"
        ),
        *("-map", "[s5]", "-f", "null", "-acodec", "pcm_f64le", "-"),
        *("-map", "[s10]", "-f", "null", "-"),
    ]


def test_peaks_become_audiowaveform_s_numbers() -> None:
    """Minimum and maximum in turn, within eight bits."""
    reader = PeakReader()
    for low, high in ((-1.5, 1.5), (-0.5, 0.25)):
        reader.line(f"lavfi.astats.Overall.Min_level={low}")
        reader.line(f"lavfi.astats.Overall.Max_level={high}")
    assert peaks_document(reader.peaks, 48000, 256)["data"] == [-128, 127, -64, 32]


def test_a_picture_has_ink_where_the_sound_is() -> None:
    """A loud half fills its columns from top to bottom, silence is a line in the middle."""
    png = draw([(-1.0, 1.0), (0.0, 0.0)], 2, 3)
    start = png.index(b"IDAT") + 4
    rows = zlib.decompressobj().decompress(png[start:])
    alpha = [[rows[y * 9 + 1 + x * 4 + 3] for x in range(2)] for y in range(3)]
    assert alpha == [[255, 0], [255, 255], [255, 0]]
