"""The head of every filter graph of pictures: whatever sizes they come in, they go on in one. Pure."""

from __future__ import annotations

from typing import Any

from dailies.media.graphs.pictures.picture import PictureParams


def decoded(source: Any, params: PictureParams) -> Any:
    """The stream's pictures out of an input with ``reading``'s options, all in one size.

    Without the filters being begun anew where the size changes, which would begin clocks and trims anew.
    """
    return in_one_size(source[str(params.stream)], params)


def in_one_size(stream: Any, params: PictureParams) -> Any:
    """Pictures of such an input in one size.

    ``pad`` copies each picture that a decoder still refers to, so what isn't shown is better left out in front of it.
    """
    if params.raster is None or params.canvas is None:
        return stream
    wide, tall = params.raster
    # A picture of the right size passes as it is, at no cost.
    fit = {"w": f"max(2,round(min({wide},{tall}*a)))", "h": f"max(2,round(min({tall},{wide}/a)))", "eval": "frame"}
    # Where samples aren't square FFmpeg 9 gives all pictures the first one's: a broadcast that changes its size keeps
    # what is shown.
    fit = fit if params.square else {"w": f"{wide}", "h": f"{tall}"}
    stream = stream.filter("scale", **fit, interl=-1, flags="bicubic")
    return stream.filter("pad", *params.canvas, "(ow-iw)/2", "(oh-ih)/2", eval="frame")


def reading(params: PictureParams) -> dict[str, int]:
    """Options of an input for ``decoded``."""
    return {} if params.raster is None else {"reinit_filter": 0}
