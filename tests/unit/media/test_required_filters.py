"""An FFmpeg that passes the doctor has all that the chains use: what is required is what the sources name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import dailies
from dailies.media.run.find_ffmpeg import REQUIRED_ENCODERS, REQUIRED_FILTERS, FFmpeg
from dailies.operations import KINDS
from dailies.services.diagnosis.doctor import _kinds

ROOT = Path(dailies.__path__[0])
_CALLS = {"filter", "filter_", "filter_multi_output"}
_CODECS = {"acodec", "vcodec", "-c:a", "-c:v", "c:a", "c:v"}
# By the data that they are chosen by: PCM's depth, a lossy format's codec; hashes and grey frames are raw.
_CHOSEN = {"libmp3lame", "libopus", "aac", "pcm_s16le", "pcm_s24le", "rawvideo"}
# FFmpeg puts them in by itself where a picture has to be turned.
_INSERTED = {"hflip", "transpose", "vflip"}
# Of the chain that media/graphs/sound/sound_levels.py writes into other runs' graphs, as text.
_WRITTEN = {"anullsink", "aselect"}


def words(node: ast.AST) -> Iterator[str]:
    """The words that an expression may be, but for what is computed."""
    for found in ast.walk(node):
        if isinstance(found, ast.Constant) and isinstance(found.value, str):
            yield found.value


def filters_in(tree: ast.Module) -> Iterator[str]:
    """The names in ``stream.filter("name")``, also where a name is chosen into a variable first."""
    chosen = {
        target.id: list(words(found.value))
        for found in ast.walk(tree)
        if isinstance(found, ast.Assign)
        for target in found.targets
        if isinstance(target, ast.Name)
    }
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        if call.func.attr == "concat" and ast.unparse(call.func.value) == "ffmpeg":
            yield "concat"
        elif call.func.attr in _CALLS:
            of_module = ast.unparse(call.func.value) == "ffmpeg"
            name = call.args[1 if of_module else 0]
            yield from chosen.get(name.id, []) if isinstance(name, ast.Name) else words(name)


def encoders_in(tree: ast.Module) -> Iterator[str]:
    """What stands behind ``vcodec`` or ``-c:v``, in keywords, dictionaries and lists."""
    for node in ast.walk(tree):
        pairs: list[tuple[ast.expr | None, ast.expr]] = []
        if isinstance(node, ast.Call):
            pairs = [(ast.Constant(keyword.arg), keyword.value) for keyword in node.keywords if keyword.arg]
        elif isinstance(node, ast.Dict):
            pairs = list(zip(node.keys, node.values, strict=True))
        elif isinstance(node, (ast.List, ast.Tuple)):
            pairs = list(zip(node.elts, node.elts[1:], strict=False))
        for key, value in pairs:
            if isinstance(key, ast.Constant) and key.value in _CODECS and isinstance(value, ast.Constant):
                yield str(value.value)


def named(find: object, *, own: bool) -> dict[str, set[str]]:
    """By file: what its source names. ``own``: of the kinds' files."""
    assert callable(find)
    rooms = [ROOT / "operations" / "deliverables"] if own else [ROOT / "media", ROOT / "operations"]
    paths = [path for room in rooms for path in room.rglob("*.py") if own or "deliverables" not in path.parts]
    return {path.stem: set(find(ast.parse(path.read_text(encoding="utf-8")))) for path in paths}


def test_what_is_required_is_what_the_chains_use() -> None:
    """None that is missing, and none that nobody uses any more."""
    assert set().union(*named(filters_in, own=False).values()) | _INSERTED | _WRITTEN == REQUIRED_FILTERS
    assert (set().union(*named(encoders_in, own=False).values()) | _CHOSEN) - {"copy"} == REQUIRED_ENCODERS


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_names_what_it_needs_beside(kind: str) -> None:
    """So that the doctor finds it before a job does."""
    made = KINDS[kind]
    assert named(filters_in, own=True).get(kind, set()) - REQUIRED_FILTERS == made.filters
    assert named(encoders_in, own=True).get(kind, set()) - REQUIRED_ENCODERS - {"copy"} == made.encoders


def test_the_doctor_says_which_kinds_an_ffmpeg_is_too_small_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It passes for what all need, and lacks what one kind needs beside."""
    monkeypatch.setattr(KINDS["audio"], "filters", frozenset({"rubberband"}))
    binary = FFmpeg(Path("ffmpeg"), "9", "", REQUIRED_FILTERS, REQUIRED_ENCODERS)
    assert binary.missing() == ""
    found = {finding.found: finding.ok for finding in _kinds(binary)}
    assert found["audio needs the filter rubberband"] is False
