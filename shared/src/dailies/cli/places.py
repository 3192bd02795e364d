"""Where outputs go: beside their sources, into a folder, or to a name; never onto a source."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dailies.cli.options import VIDEO_FORMAT, refused
from dailies.cli.source_files import STREAM, SourceFile, is_folder
from dailies.domain.errors import Conflict, InvalidRequest
from dailies.domain.recipe.formats import FORMATS

#: Behind the source's name where the output would be the source otherwise.
CONVERTED = "-converted"
_OTHER_ENDINGS = {"oga": "ogg", "m4v": VIDEO_FORMAT}
# Endings that promise something that no format of ours is.
_FOREIGN = frozenset("3gp aac ac3 aif aiff alac amr avi flv m4b mka mkv mov mp2 mpeg mpg mts ts webm wma wmv".split())


@dataclass(frozen=True, slots=True)
class Target:
    """What ``--output`` names; ``path`` None: beside each source."""

    path: Path | None
    is_folder: bool = False

    @property
    def is_stream(self) -> bool:
        return self.path == STREAM


def target_of(output: str | None, *, several: bool) -> Target:
    """A folder is what exists as one or ends with a slash, and what several files are to go to."""
    if output is None:
        return Target(None)
    path = Path(output)
    return Target(path, several or output.endswith(("/", os.sep)) or is_folder(path))


def format_of(to: str | None, target: Target) -> str:
    """The format that ``--to`` or the output's ending asks for. Raises InvalidRecipe where they differ, InvalidRequest
    where none does."""
    ending = _ending(target)
    ending = _OTHER_ENDINGS.get(ending, ending)
    known = (*FORMATS, VIDEO_FORMAT)
    if to is None:
        if ending in known:
            return ending
        said = f"-o {target.path} has the ending of no format" if ending else "No format is asked for"
        raise InvalidRequest(
            f"{said}: add --to {', '.join(FORMATS)} or {VIDEO_FORMAT}. See dailies convert --help.", code="usage"
        )
    if to in known:
        _check_agrees(to, target, ending, (*known, *_FOREIGN))
    return to


def text_format_of(to: str | None, target: Target, known: Sequence[str]) -> str:
    """The format of text that ``--to`` or the output's ending asks for, the first of ``known`` where none does.

    Raises InvalidRecipe for another, and where the two differ.
    """
    ending = _ending(target)
    if to is not None and to not in known:
        raise refused("format", f"{to!r} is no format: choose {', '.join(known)}")
    if to is None and ending not in ("", *known):
        raise refused("format", f"-o {target.path} has the ending of no format: add --to {', '.join(known)}")
    if to is not None:
        _check_agrees(to, target, ending, known)
    return to or ending or known[0]


def _ending(target: Target) -> str:
    """What the output's name says of its format; nothing where it is a folder's, or none."""
    return "" if target.path is None or target.is_folder else target.path.suffix[1:].lower()


def _check_agrees(to: str, target: Target, ending: str, promising: Sequence[str]) -> None:
    """Raises InvalidRecipe where the ending is another of those that promise a format."""
    if ending != to and ending in promising:
        raise refused("format", f"{to} contradicts -o {target.path}: leave one of them out")


def refuse_contradictions(target: Target, *, one: bool, json: bool) -> None:
    """Raises InvalidRequest for what can't go to standard output."""
    if target.is_stream and not one:
        raise InvalidRequest("-o - takes one output, and there may be several: name a folder.", code="usage")
    if target.is_stream and json:
        raise InvalidRequest("-o - and --json both want standard output: leave one of them out.", code="usage")


def place_beside(source: Path, folder: Path | None, suffix: str) -> Path:
    """The source's name with another ending, in ``folder`` or beside it; not the source itself."""
    place = (folder or source.parent) / (source.stem + suffix)
    return aside(place) if is_same(place, source) else place


def place_named(name: Path, folder: Path | None, suffix: str) -> Path:
    """The name of a file that isn't here, with another ending, in ``folder`` or in this one."""
    return (folder or Path()) / (name.stem + suffix)


def aside(place: Path) -> Path:
    return place.with_name(f"{place.stem}{CONVERTED}{place.suffix}")


def is_same(place: Path, source: Path) -> bool:
    """Whether both are one file, whatever they are called: on some file systems case makes no difference."""
    try:
        return place.samefile(source)
    except OSError:  # one of them isn't there
        return os.path.abspath(place) == os.path.abspath(source)


def places_of(sources: Sequence[SourceFile], folder: Path | None, suffix: str) -> Mapping[SourceFile, Path]:
    """Where the output of each goes; a file that was found in a folder, and is another's output, is none.

    So a second call for the same folder doesn't convert what the first has made. Folders keep their shape below
    ``folder``. Raises Conflict where two would be one, or an output would replace another source.
    """
    places = {each: _place(each, folder, suffix) for each in sources}
    made = {os.path.abspath(place) for place in places.values()}
    kept = {each: place for each, place in places.items() if not (each.found and os.path.abspath(each.path) in made)}
    _check_apart(kept)
    named = {os.path.abspath(each.path): each for each in kept if each.url is None}
    for source, place in kept.items():
        if os.path.abspath(place) in named:
            raise Conflict(
                f"{place}, where the output of {source.path} goes, is a source itself: name a folder with -o.",
                code="output_is_source",
            )
    return kept


def _place(source: SourceFile, folder: Path | None, suffix: str) -> Path:
    if source.url is not None:
        return place_named(source.path, folder, suffix)
    return place_beside(source.path, None if folder is None else folder / source.below, suffix)


def _check_apart(places: Mapping[SourceFile, Path]) -> None:
    taken: dict[str, SourceFile] = {}
    for source, place in places.items():
        other = taken.setdefault(os.path.abspath(place), source)
        if other is not source:
            raise Conflict(
                f"{other.path} and {source.path} would both become {place}: convert them in two calls, each with"
                " another -o.",
                code="output_exists",
            )
