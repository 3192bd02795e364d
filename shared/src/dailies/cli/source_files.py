"""The sources that a command names: files, and the media in folders."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dailies.cli.web_files import JobOutput, Named, WebFile
from dailies.domain.errors import InvalidRequest, NotFound

#: The name of standard input, and of standard output.
STREAM = Path("-")
#: What is looked for in a folder. A file that is named is taken whatever it is called: its content decides.
_FILMS = frozenset(
    "3g2 3gp asf avi divx f4v flv m2ts m4v mkv mov mp4 mpeg mpg mts mxf ogm ogv qt rm rmvb ts vob webm wmv".split()
)
_SOUNDS = frozenset(
    "aac ac3 aif aifc aiff amr ape au caf dts eac3 flac m4a m4b mka mp2 mp3 oga ogg opus ra tta w64 wav wma wv".split()
)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """``found``: it was found in a folder, and nobody has named it. ``below``: where in that folder it is.

    ``url`` is where one is that isn't here: ``path`` is then its name alone.
    """

    path: Path
    found: bool = False
    below: Path = field(default=Path())
    url: str | None = None

    @property
    def shown(self) -> str:
        """What the user has called it."""
        return self.url or str(self.path)

    @property
    def identity(self) -> str:
        """What tells it from other sources."""
        return self.url or os.path.abspath(self.path)


def is_one(arguments: Sequence[Named]) -> bool:
    """Whether the command is about one source, by what was typed: a folder is about what is in it."""
    first = arguments[0]
    return len(arguments) == 1 and (not isinstance(first, Path) or first == STREAM or not is_folder(first))


def is_folder(path: Path) -> bool:
    """Whether a folder is there by this name."""
    try:
        return path.is_dir()
    except OSError:  # a name too long, a link to itself: whoever opens it says so
        return False


def source_files(arguments: Iterable[Named], *, films: bool) -> list[SourceFile]:
    """Each once, in the order in which they were named; those of a folder by name, numbers by value.

    ``films``: what has pictures is looked for in folders, by its ending, and not what has sound alone.

    Raises NotFound for a folder without media, InvalidRequest for standard input or a job's output among others.
    """
    named = list(arguments)
    if STREAM in named and len(named) > 1:
        raise InvalidRequest("- is one source, and alone: leave the others out.", code="usage")
    sources: dict[str, SourceFile] = {}
    for argument in named:
        if isinstance(argument, JobOutput):
            raise InvalidRequest("A job's output is one source, and alone: leave the others out.", code="usage")
        if isinstance(argument, WebFile):
            within = [SourceFile(argument.path, url=argument.url)]
        elif argument != STREAM and is_folder(argument):
            found = _media_in(argument, _FILMS if films else _FILMS | _SOUNDS)
            within = [SourceFile(path, True, path.parent.relative_to(argument)) for path in found]
            if not within:
                raise NotFound(
                    f"There are no {'films' if films else 'media files'} in {argument}.", code="source_not_found"
                )
        else:
            within = [SourceFile(argument)]
        for source in within:
            sources.setdefault(source.identity, source)
    return list(sources.values())


def _media_in(folder: Path, endings: frozenset[str]) -> Iterator[Path]:
    """Of the folder and those below it; what is hidden is not looked at, nor what a link leads to."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted((name for name in folders if not name.startswith(".")), key=_by_number)
        for name in sorted(names, key=_by_number):
            path = Path(place, name)
            if not name.startswith(".") and path.suffix[1:].lower() in endings and path.is_file():
                yield path


def _by_number(name: str) -> list[tuple[bool, int, str]]:
    """Episode 9 comes before episode 10."""
    parts: list[tuple[bool, int, str]] = []
    digits = ""
    for letter in f"{name.casefold()}\0":
        if letter.isascii() and letter.isdigit():
            digits += letter
            continue
        if digits:
            parts.append((False, int(digits), ""))
            digits = ""
        parts.append((True, 0, letter))
    return parts
