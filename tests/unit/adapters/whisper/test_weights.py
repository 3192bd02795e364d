"""Base's weights are joined once, believed by their hash only, and a user's own folder does as well."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from dailies.adapters.whisper import weights
from dailies.adapters.whisper.transcriber import WhisperTranscriber
from dailies.domain.errors import Misconfigured


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What the packages hold, in small."""
    folder = tmp_path / "site packages"
    folder.mkdir()
    made = [folder / "model.bin.part1", folder / "model.bin.part2"]
    made[0].write_bytes(b"first")
    made[1].write_bytes(b"second")
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (folder / name).write_text(name)
    monkeypatch.setattr(weights, "packaged_parts", lambda: made)
    monkeypatch.setattr(weights, "BASE_SHA256", hashlib.sha256(b"firstsecond").hexdigest())
    return made


def test_the_parts_become_one_model_and_nothing_else_is_left(parts: list[Path], tmp_path: Path) -> None:
    folder = weights.joined(weights.base_weights(tmp_path / "cache"))
    assert (folder / "model.bin").read_bytes() == b"firstsecond"
    assert (folder / "tokenizer.json").is_file()
    assert list((tmp_path / "cache").iterdir()) == [folder]


def test_nothing_is_written_until_a_model_is_needed(parts: list[Path], tmp_path: Path) -> None:
    weights.base_weights(tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_they_are_joined_once(parts: list[Path], tmp_path: Path) -> None:
    first = weights.joined(weights.base_weights(tmp_path / "cache"))
    parts[0].write_bytes(b"gone bad")
    assert weights.joined(weights.base_weights(tmp_path / "cache")) == first


def test_other_bytes_are_refused_and_leave_nothing(parts: list[Path], tmp_path: Path) -> None:
    parts[1].write_bytes(b"other")
    with pytest.raises(Misconfigured) as error:
        weights.joined(weights.base_weights(tmp_path / "cache"))
    assert error.value.error_code == "wrong_weights"
    assert not (tmp_path / "cache").exists()


def test_without_the_packages_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "packaged_parts", lambda: None)
    with pytest.raises(Misconfigured, match=r"dailies-media\[speech\]") as error:
        weights.base_weights(tmp_path)
    assert error.value.error_code == "no_weights"


def test_a_users_folder_is_known_by_its_bytes(tmp_path: Path) -> None:
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
        (tmp_path / name).write_text(name)
    found = weights.own_weights(tmp_path)
    assert found.version == hashlib.sha256(b"model.bin").hexdigest()
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(Misconfigured, match="tokenizer"):
        weights.own_weights(tmp_path)


@pytest.mark.parametrize(("tokens", "multilingual"), [(51_864, False), (51_865, True)])
@pytest.mark.parametrize("name", ["vocabulary.json", "vocabulary.txt"])
def test_an_english_model_knows_english_alone_and_does_not_translate(
    tmp_path: Path, tokens: int, name: str, *, multilingual: bool
) -> None:
    words = [f"t{number}" for number in range(tokens)]
    text = json.dumps(words) if name.endswith("json") else "\n".join(words) + "\n"
    for other, content in {"model.bin": "", "config.json": "{}", "tokenizer.json": "{}", name: text}.items():
        (tmp_path / other).write_text(content)
    can = WhisperTranscriber(tmp_path / "cache", folder=tmp_path).capabilities()
    assert can.translation == multilingual
    assert ("nl" in (can.languages or ())) == multilingual
    (tmp_path / name).write_bytes(b"\xff")
    if name.endswith("json"):
        with pytest.raises(Misconfigured, match=r"vocabulary\.json"):
            weights.own_weights(tmp_path)


@pytest.mark.parametrize(
    ("name", "deepest", "languages", "translates"),
    [
        ("large-v3-turbo", 3, 100, False),
        ("my own name of turbo", 3, 100, False),
        ("large-v3", 25, 100, True),
        ("tiny", 3, 99, True),
        ("base", 5, 99, True),
        ("distil-large-v2", 1, 99, False),
        ("distil-large-v3", 1, 100, False),
        ("of an old converter", None, 100, True),
    ],
)
def test_what_was_pruned_does_not_translate(
    tmp_path: Path, name: str, deepest: int | None, languages: int, *, translates: bool
) -> None:
    """It would answer in the language that it hears, and call that English."""
    folder = tmp_path / name
    folder.mkdir()
    told: dict[str, object] = {"lang_ids": list(range(languages))}
    told |= {} if deepest is None else {"alignment_heads": [[0, 1], [deepest, 4]]}
    words = json.dumps([f"t{number}" for number in range(51_866)])
    for file, content in {"model.bin": "", "tokenizer.json": "{}", "vocabulary.json": words}.items():
        (folder / file).write_text(content)
    (folder / "config.json").write_text(json.dumps(told))
    assert WhisperTranscriber(tmp_path / "cache", folder=folder).capabilities().translation == translates
    (folder / "config.json").write_text("[")
    if "distil" not in name:
        with pytest.raises(Misconfigured, match=r"config\.json"):
            weights.own_weights(folder)


def test_what_is_installed_is_the_published_model(tmp_path: Path) -> None:
    """The packages are hobby uploads: their bytes are what is believed."""
    assert weights.packaged_parts() is not None
    folder = weights.joined(weights.base_weights(tmp_path / "cache"))
    assert (folder / "model.bin").stat().st_size == 145_217_532
