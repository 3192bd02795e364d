"""Builds the FFmpeg run that looks for black bars in a film of ours, and reads what it prints. Pure."""

from __future__ import annotations

import ffmpeg

from dailies.media.run.ffmpeg_flags import SOURCE

#: Luma, 8 bit, up to which an edge counts as black: 16 is black in BT.709, encoders leave a little noise.
_BLACK = 24
_PREFIX = "lavfi.cropdetect."


def bars_arguments() -> list[str]:
    """Keyframes of the source through ``cropdetect``, which keeps the largest picture that it has seen."""
    # In a film of ours there is a keyframe at least every 250 frames and at every change of scene.
    # One thread, as it is also how the pictures of an edit are verified (frame_list.frame_arguments).
    stream = ffmpeg.input(SOURCE, an=None, threads=1, skip_frame="nokey")["v:0"]
    stream = stream.filter("cropdetect", limit=_BLACK, round=2, skip=0, reset=0)
    stream = stream.filter("metadata", mode="print", file="-")
    arguments: list[str] = ffmpeg.output(stream, "-", f="null", fps_mode="passthrough").get_args()
    return arguments


class BarReader:
    """Collects what ``cropdetect`` prints: hand its :meth:`line` every line of stdout."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def line(self, line: str) -> None:
        name, separator, value = line.partition("=")
        if separator and name.startswith(_PREFIX) and value.lstrip("-").isdecimal():
            self._last[name.removeprefix(_PREFIX)] = int(value)

    def picture(self) -> tuple[int, int] | None:
        """Width and height of what isn't black at the edges; None when all of it is, in every frame."""
        width, height = self._last.get("w", 0), self._last.get("h", 0)
        return (width, height) if width > 0 and height > 0 else None
