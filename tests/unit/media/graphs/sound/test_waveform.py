"""The run that finds peaks, and the picture of them."""

from __future__ import annotations

import zlib

from dailies.domain.source.audio_selection import mean_of
from dailies.domain.source.media_info import AudioStream
from dailies.media.graphs.sound.shared_decode import Meter, Peaks, hearing_arguments
from dailies.media.graphs.sound.waveform import PeakReader, draw
from dailies.operations.deliverables.waveform import peaks_document
from tests.selections import on_the_clock, selection_of

STEREO = selection_of(2, 2)
MEAN = mean_of(AudioStream(index=2, track=0, codec="aac", sample_rate_hz=48_000, channels=2, layout="stereo"))


def test_loudness_and_peaks_come_from_one_decode_of_the_track() -> None:
    """Each hears its own mix; blocks on stdout, peaks in a file, nothing encoded."""
    arguments = hearing_arguments([Meter(STEREO), Peaks(MEAN, 2400, "peaks-1.txt")])
    assert arguments == [
        *("-vn", "-i", "file:source", "-filter_complex"),
        (
            f"[0:2]asplit=2[s0][s1];{on_the_clock('s0', 2)};"
            "[s4]ebur128=framelog=-8:metadata=1:peak=sample[s5];[s5]ametadata=file=-:key=lavfi.r128.M:mode=print[s6];"
            f"{on_the_clock('s1', 7)};[s9]pan=args=FC|FC\\\\=0.5*c0+0.5*c1[s10];"
            "[s10]asetnsamples=n=2400:p=0[s11];"
            "[s11]astats=measure_overall=Min_level+Max_level:measure_perchannel=none:metadata=1:reset=1[s12];"
            "[s12]ametadata=file=peaks-1.txt:mode=print[s13]"
        ),
        *("-map", "[s6]", "-f", "null", "-acodec", "pcm_f64le", "-"),
        *("-map", "[s13]", "-f", "null", "-"),
    ]


def test_peaks_become_audiowaveform_s_numbers() -> None:
    """Minimum and maximum in turn, of 16-bit samples, cut to eight bits towards zero as C divides."""
    reader = PeakReader()
    for low, high in ((-1.5, 1.5), (-16384, 8192), (-255, 255), (-257, 511.5), (-0x7FFF, 0x7FFF), (-512, 512)):
        scale = 1 if abs(low) < 2 else 0x8000
        reader.line(f"lavfi.astats.Overall.Min_level={low / scale:f}")
        reader.line(f"lavfi.astats.Overall.Max_level={high / scale:f}")
    assert peaks_document(reader.peaks, 48000, 256)["data"] == [-128, 127, -64, 32, 0, 0, -1, 1, -127, 127, -2, 2]


def test_a_picture_has_ink_where_the_sound_is() -> None:
    """A loud half fills its columns from top to bottom, silence is a line in the middle."""
    png = draw([(-1.0, 1.0), (0.0, 0.0)], 2, 3)
    start = png.index(b"IDAT") + 4
    rows = zlib.decompressobj().decompress(png[start:])
    alpha = [[rows[y * 9 + 1 + x * 4 + 3] for x in range(2)] for y in range(3)]
    assert alpha == [[255, 0], [255, 255], [255, 0]]
