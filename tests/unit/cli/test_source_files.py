"""Which sources a command names."""

from __future__ import annotations

from pathlib import Path

import pytest

from dailies.cli.source_files import STREAM, SourceFile, is_one, source_files
from dailies.domain.errors import InvalidRequest, NotFound


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A season of episodes, and what lies about in it."""
    for name in ("e10.mp3", "e9.MP3", "notes.txt", ".hidden.mp3", "trailer.mp4", "more/e1.wav", ".trash/e0.mp3"):
        path = tmp_path / "season" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "season"


def names(sources: list[SourceFile]) -> list[str]:
    return [str(source.below / source.path.name) for source in sources]


def test_a_folder_is_the_media_in_it(folder: Path) -> None:
    """Episode 9 before episode 10; what is hidden, and what is no media by its name, is not taken."""
    assert names(source_files([folder], films=False)) == ["e9.MP3", "e10.mp3", "trailer.mp4", "more/e1.wav"]
    assert names(source_files([folder], films=True)) == ["trailer.mp4"]


def test_a_folder_without_media_is_told(folder: Path) -> None:
    """Nothing to do is most likely the wrong folder."""
    with pytest.raises(NotFound, match="no films in") as refused:
        source_files([folder / "more"], films=True)
    assert refused.value.error_code == "source_not_found"


def test_each_is_taken_once_in_the_order_of_the_command(folder: Path) -> None:
    """Whatever is named is taken, whatever it is called; what is not there is told by whoever opens it."""
    asked = [Path("nope"), folder / "notes.txt", folder / "more" / "e1.wav", folder, folder / "notes.txt"]
    found = source_files(asked, films=False)
    assert [source.path.name for source in found] == [
        "nope", "notes.txt", "e1.wav", "e9.MP3", "e10.mp3", "trailer.mp4",
    ]  # fmt: skip
    assert [source.found for source in found] == [False, False, False, True, True, True]


def test_standard_input_is_alone(folder: Path) -> None:
    """It has no name that an output could be told apart by."""
    assert [source.path for source in source_files([STREAM], films=False)] == [STREAM]
    with pytest.raises(InvalidRequest) as refused:
        source_files([STREAM, folder], films=False)
    assert refused.value.error_code == "usage"


def test_one_file_is_told_from_several_by_what_was_typed(folder: Path) -> None:
    """A folder with one file is a folder: what is printed doesn't depend on what happens to be in it."""
    assert is_one([folder / "e10.mp3"])
    assert is_one([STREAM])
    assert is_one([Path("nope")])
    assert not is_one([folder])
    assert not is_one([Path("a"), Path("b")])
