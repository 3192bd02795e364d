"""The font that subtitles are burnt in with: of a pinned package, so that the same step draws the same pixels.

Without a font FFmpeg draws nothing and says that all is well.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from dailies.domain.errors import Misconfigured

#: Its name in a style, and of the folder that FFmpeg reads fonts from.
FAMILY, FOLDER = "Noto Sans", "fonts"
_PACKAGE, _MODULE = "fontpkg-noto-sans", "fontpkg_noto_sans"


@cache
def font_files() -> tuple[Path, ...]:
    """Upright first, then italic. Raises Misconfigured ``not_installed``."""
    spec = find_spec(_MODULE)
    if spec is None or spec.origin is None:
        raise Misconfigured(
            "Subtitles can't be burnt in without a font: pip install 'dailies-media[subtitles]'.", code="not_installed"
        )
    files = sorted((Path(spec.origin).parent / "files").glob("*.ttf"), key=lambda path: "Italic" in path.name)
    return tuple(files)


@cache
def font_release() -> str:
    """What names the font's outlines in a step's key. Raises Misconfigured ``not_installed``."""
    font_files()
    return f"{_PACKAGE} {version(_PACKAGE)}"
