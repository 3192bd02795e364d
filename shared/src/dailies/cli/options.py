"""``convert`` is sugar for a recipe with one output: its options as recipe fields, and errors back in their names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dailies.domain.errors import DailiesError, InvalidRecipe
from dailies.domain.recipe.formats import FORMATS

#: The name of the one output.
OUTPUT = "output"
VIDEO_FORMAT = "mp4"

_OPTIONS = {
    "format": "--to",
    "quality": "--quality",
    "start": "--start",
    "end": "--end",
    "normalize.integrated_lufs": "--loudness",
    "normalize.true_peak_dbtp": "--true-peak",
    "normalize.dual_mono": "--dual-mono",
    "normalize": "--normalize",
    "channels": "--channels",
    "height": "--height",
    "hdr": "--hdr",
    "audio_track": "--track",
    "metadata": "--metadata",
    "language": "--language",
    "prompt": "--prompt",
    "vocabulary": "--word",
    "translate": "--translate",
}
_AUDIO_ONLY = ("channels",)
_VIDEO_ONLY = ("height", "hdr")
_FIELD = re.compile(rf"\boutputs\.{OUTPUT}\.([a-z_]+(?:\.[a-z_]+)*)")
# What the recipe's words for another kind of output are on the command line.
_KINDS = {"ask for kind video": f"ask for --to {VIDEO_FORMAT}", "ask for kind audio": "ask for --to mp3"}


def recipe_document(
    fields: Mapping[str, Any],
    *,
    loudness: float | None,
    true_peak: float | None,
    normalize: bool,
    dual_mono: bool = False,
) -> dict[str, Any]:
    """The recipe of a ``convert``; ``fields`` by their names in a recipe, None where nothing was asked.

    Raises InvalidRecipe for options that contradict each other.
    """
    form = fields["format"]
    if form != VIDEO_FORMAT and form not in FORMATS:
        raise refused("format", f"{form!r} is no format: choose {', '.join(FORMATS)} or {VIDEO_FORMAT}")
    video = form == VIDEO_FORMAT
    for field in _AUDIO_ONLY if video else _VIDEO_ONLY:
        if fields.get(field) is not None:
            raise refused(field, f"{form} has no such option, only {'audio formats have' if video else 'mp4 has'}")
    target = {"integrated_lufs": loudness, "true_peak_dbtp": true_peak, "dual_mono": dual_mono or None}
    target = {name: value for name, value in target.items() if value is not None}
    if target and not normalize:
        raise refused(f"normalize.{next(iter(target))}", "contradicts --no-normalize: leave one of them out")
    wish = {name: value for name, value in fields.items() if value is not None}
    return {
        "outputs": {
            OUTPUT: {"kind": "video" if video else "audio", **wish, **({"normalize": target} if normalize else {})}
        }
    }


@contextmanager
def in_option_names() -> Iterator[None]:
    """Errors that name a field of the recipe name its option instead; ``details`` keep the field and get the option."""
    try:
        yield
    except DailiesError as error:
        field = str(error.details.get("field", "")).removeprefix(f"outputs.{OUTPUT}.")
        if field in _OPTIONS:
            error.details.setdefault("option", _OPTIONS[field])
        error.message = _FIELD.sub(lambda found: _OPTIONS.get(found[1], found[0]), error.message)
        for recipe_words, words in _KINDS.items():
            error.message = error.message.replace(recipe_words, words)
        error.args = (error.message,)
        raise


def refused(field: str, problem: str) -> InvalidRecipe:
    path = f"outputs.{OUTPUT}.{field}"
    return InvalidRecipe(f"{path}: {problem}", field=path, problems=[{"field": path, "problem": problem}])
