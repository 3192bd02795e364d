"""The run that finds peaks, and the picture of them."""

from __future__ import annotations

import zlib

from dailies.domain.audio_selection import AudioSelection
from dailies.media.waveform import PeakReader, draw, peaks_arguments
from dailies.operations.waveform import peaks_document


def test_peaks_are_found_in_one_decode_of_the_chosen_track() -> None:
    """Mixed to mono, one figure a span, nothing encoded."""
    selection = AudioSelection(stream=2, mapping="mono", source_channels=2, channels=1)
    arguments = peaks_arguments(selection, 2400)
    graph = arguments[arguments.index("-filter_complex") + 1]
    assert graph.startswith("[0:2]aresample=async=1:first_pts=0")
    assert "asetnsamples=n=2400:p=0" in graph
    assert arguments[-1] == "-"


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
