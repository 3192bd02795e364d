"""Where the tiles lie, and what a player is told about it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from dailies.domain.pictures.sampling import Packet, plan_tiles
from dailies.media.graphs.pictures.storyboard import (
    MAX_SIDE,
    Cue,
    cues,
    lay_out,
    read_vtt,
    storyboard_arguments,
    tile_size,
    write_vtt,
)
from tests.unit.media.test_picture_args import PARAMS


def test_the_run_decodes_keyframes_and_lists_the_tiles() -> None:
    """One decode: sheets to files, a checksum a tile to stdout."""
    packets = [Packet(n / 30, n % 30 == 0, disposable=False) for n in range(1800)]
    sampling = plan_tiles(packets, 2.0, None)
    tile = PARAMS.model_copy(update={"width": 160, "height": 90, "scaled": True})
    assert storyboard_arguments(tile, sampling, lay_out(30, 160, 90, 10), "jpeg") == [
        *("-an", "-skip_frame", "nokey", "-i", "file:source", "-filter_complex"),
        (
            "[0:1]tpad=stop=-1:stop_mode=clone[s0];[s0]fps=fps=1/2:round=up:start_time=0.002000[s1];"
            "[s1]trim=end_frame=30[s2];[s2]scale=160:90:flags=bicubic[s3];[s3]format=yuv420p[s4];[s4]setsar=1[s5];"
            "[s5]setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv[s6];"
            "[s6]split=2[s7][s8];[s7]tile=layout=10x3[s9];"
            "[s9]scale=flags=bicubic+accurate_rnd+full_chroma_int:in_color_matrix=bt709:out_color_matrix=bt601"
            ":out_range=pc[s10];"
            "[s10]format=pix_fmts=yuvj420p[s11];[s11]setparams=colorspace=smpte170m:range=pc[s12]"
        ),
        *("-map", "[s12]", "-f", "image2", "-fflags", "+bitexact", "-fps_mode", "passthrough", "-qscale:v", "4"),
        *("-vcodec", "mjpeg", "file:sheet-%d.jpg"),
        *("-map", "[s8]", "-f", "framecrc", "-fps_mode", "passthrough", "-"),
    ]


@given(st.integers(1, 2000), st.integers(2, 1024), st.integers(2, MAX_SIDE), st.integers(1, 64))
def test_every_tile_has_a_place_of_its_own(tiles: int, width: int, height: int, columns: int) -> None:
    """Sheets within the limit, none of them empty, and cues that follow each other to the end."""
    grid = lay_out(tiles, width, height, columns)
    assert max(grid.size) <= MAX_SIDE
    assert (grid.sheets - 1) * grid.columns * grid.rows < tiles <= grid.sheets * grid.columns * grid.rows
    found = cues(grid, "jpeg", 0.0, 0.5, tiles * 0.5)
    assert len({(cue.file, cue.area) for cue in found}) == tiles
    assert {cue.file for cue in found} == {f"sheet-{number + 1}.jpg" for number in range(grid.sheets)}
    assert all(a.end == b.start for a, b in pairwise(found))
    assert read_vtt(write_vtt(found)) == found


@pytest.mark.parametrize(
    ("source", "wanted", "tile"),
    [((1920, 1080), 160, (160, 90)), ((64, 36), 160, (64, 36)), ((1080, 1920), 160, (160, 284)),
     ((16, 8192), 160, (8, 4096)), ((8192, 2), 160, (160, 2))],
)  # fmt: skip
def test_tiles_keep_the_aspect(source: tuple[int, int], wanted: int, tile: tuple[int, int]) -> None:
    """Even sides, never enlarged, never longer than a sheet."""
    assert tile_size(*source, wanted) == tile


def test_the_clock_has_hours() -> None:
    """A cue of the eleventh hour, to the millisecond."""
    cue = Cue(36_000.0, 36_059.9996, "sheet-2.webp", (160, 90, 160, 90))
    assert write_vtt([cue]) == ("WEBVTT\n\n10:00:00.000 --> 10:01:00.000\nsheet-2.webp#xywh=160,90,160,90\n")
