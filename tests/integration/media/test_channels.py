"""Every layout that FFmpeg names through every format: each channel has a tone of its own, and is looked for."""

from __future__ import annotations

import math
from array import array
from functools import cache
from operator import mul
from pathlib import Path
from typing import Any

import av
import ffmpeg
import pytest

from dailies.domain.recipe.formats import FORMATS, LOSSLESS_FORMATS
from dailies.domain.source.audio_selection import AudioSelection, select_audio
from dailies.domain.source.channel_layouts import LAYOUTS, Positions, positions_of
from dailies.domain.source.media_info import AudioStream
from dailies.domain.stop import StopToken
from dailies.media.graphs.film.encoding import audio_encoding, keywords
from dailies.media.graphs.sound.audio_chain import select
from tests.integration.media.films import Bench

RATE, SECONDS, LOUD = 48_000, 0.5, 0.3
#: Samples: a fortieth of a second is a whole number of periods of every tone.
FIRST, WINDOW = 9_600, 1_200
TONES = {position: 400 + 320 * n for n, position in enumerate(p for p in LAYOUTS["22.2"] if not p.startswith("LFE"))}
TONES |= {"LFE": 80, "LFE2": 120, "WL": 8160, "WR": 8480, "BIL": 400, "BIR": 720, "DL": 400, "DR": 720}


def source_of(positions: Positions) -> Any:
    tones = "|".join(f"{LOUD}*sin(2*PI*{TONES[position]}*t)" for position in positions)
    layout = "+".join(positions)
    return ffmpeg.input(f"aevalsrc=exprs={tones}:s={RATE}:d={SECONDS}:channel_layout={layout}", f="lavfi")


def heard(samples: array[float], channel: int, channels: int, hertz: int) -> float:
    """The amplitude of a tone in one channel."""
    window = samples[FIRST * channels + channel : (FIRST + WINDOW) * channels : channels]
    return 2 * math.hypot(*(sum(map(mul, window, wave)) for wave in waves(hertz))) / WINDOW


@cache
def waves(hertz: int) -> list[list[float]]:
    return [[wave(2 * math.pi * hertz * n / RATE) for n in range(WINDOW)] for wave in (math.sin, math.cos)]


def expected(selection: AudioSelection) -> list[list[float]]:
    """Of each channel of the output, the amplitude of each of the source's tones."""
    channels = range(selection.channels)
    if selection.matrix is None:
        return [[LOUD * (n == m) for m in channels] for n in channels]
    return [[LOUD * gain for gain in row] for row in selection.matrix]


@pytest.mark.parametrize("form", FORMATS)
def test_each_channel_is_heard_where_it_belongs(bench: Bench, tmp_path: Path, form: str) -> None:
    """The decoder's word for the layout is the table's, and the tones are in its channels."""
    selections = {
        name: select_audio(
            AudioStream(index=0, track=0, codec="pcm_f32le", sample_rate_hz=RATE, channels=len(own), layout=name),
            FORMATS[form].layouts,
        )
        for name, own in LAYOUTS.items()
    }
    place, files = FORMATS[form], {name: f"{n}.{FORMATS[form].extension}" for n, name in enumerate(LAYOUTS)}
    encoded, decoded = [], []
    for name, selection in selections.items():
        stream = AudioStream(index=0, track=0, codec="pcm_f32le", sample_rate_hz=RATE, channels=2, layout=name)
        encoding = audio_encoding(form, "high", stream, selection, processed=True)
        sound = select(source_of(LAYOUTS[name]), selection)
        encoded.append(ffmpeg.output(sound, f"file:{files[name]}", f=place.muxer, **keywords(encoding.arguments())))
        read = ffmpeg.input(f"file:{files[name]}")["a:0"]
        decoded.append(ffmpeg.output(read, f"file:{files[name]}.raw", f="f32le", acodec="pcm_f32le"))
    scratch, source = tmp_path / "scratch", tmp_path / "nothing"
    scratch.mkdir()
    source.write_bytes(b"-")
    for outputs in (encoded, decoded):
        arguments = ffmpeg.merge_outputs(*outputs).get_args()
        bench.toolbox.run(arguments, scratch=scratch, source=source, stop=StopToken(), media_seconds=SECONDS)
    tolerance = LOUD * (0.01 if form in LOSSLESS_FORMATS else 0.3)
    for name, selection in selections.items():
        with av.open(str(scratch / files[name])) as made:
            layout = next(made.decode(audio=0)).layout
            assert layout.nb_channels == selection.channels, name
            if layout.nb_channels > 2:  # PCM of one or two has no name
                assert positions_of(layout.name, layout.nb_channels) == LAYOUTS[selection.layout], name
        samples = array("f", (scratch / f"{files[name]}.raw").read_bytes())
        for channel, row in enumerate(expected(selection)):
            found = [heard(samples, channel, selection.channels, TONES[position]) for position in LAYOUTS[name]]
            assert found == pytest.approx(row, abs=tolerance), (name, selection.layout, channel)
