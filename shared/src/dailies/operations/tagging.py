"""Carries a source's tags, chapters and cover on into an output, and certifies what arrived there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dailies.domain.job.result import Check, MetadataFacts
from dailies.domain.model import Model
from dailies.domain.recipe.recipe import MetadataWish
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.source.tags import Carried, Span, carried, chapters_through, found_again, holds_covers, in_comments
from dailies.media.graphs.film.ffmetadata import TagFiles, ffmetadata, vorbis_comments, with_tags
from dailies.operations.steps.cover import COVER, CoverFacts, CoverParams
from dailies.planning.operation import MAIN_FILE, Request, StepRun
from dailies.planning.plan import PROBE


class TagParams(Model):
    """That an output carries what its source says of itself. ``cover`` is the attached picture's stream, ``private``
    says that the place, the time and the device of the recording were asked for."""

    cover: int | None
    private: bool = False


def tag_params(info: MediaInfo, wish: MetadataWish, muxer: str) -> TagParams | None:
    """None: nothing is to be carried, or there is nothing."""
    cover = info.cover()
    private = wish == "all" and bool(info.private_tags)
    if wish == "strip" or not (info.tags or info.chapters or cover or private):
        return None
    return TagParams(cover=None if cover is None or not holds_covers(muxer) else cover.index, private=private)


def cover_request(params: TagParams | None) -> dict[str, Request]:
    """The step that the cover comes from, by its role."""
    if params is None or params.cover is None:
        return {}
    return {COVER: Request(COVER, CoverParams(stream=params.cover))}


@dataclass(frozen=True, slots=True)
class Tagging:
    """What one output carries. ``sources``: what its run of FFmpeg reads besides, by name; none where nothing is."""

    wanted: Carried | None = None
    files: TagFiles | None = None
    text: str = ""
    sources: Mapping[str, Path] = field(default_factory=dict)

    def arguments(self, arguments: Sequence[str], scratch: Path, name: str) -> list[str]:
        """The run that makes the output ``name`` in ``scratch``, and tags it."""
        return tagged_arguments(arguments, scratch, {name: self})

    def checks(self, info: MediaInfo) -> list[Check]:
        """What of it is in the file that ``info`` is of; advisory, for not every player's field takes every text."""
        if not self.wanted:
            return []
        there = self._found(self.wanted, info)
        expected, measured = _counted(self.wanted), _counted(there)
        return [
            Check(name="metadata", expected=expected, measured=measured, passed=expected == measured, advisory=True)
        ]

    def facts(self, info: MediaInfo) -> MetadataFacts | None:
        if self.wanted is None:
            return None
        there = self._found(self.wanted, info)
        return MetadataFacts(
            tags=tuple(there.tags),
            chapters=len(there.chapters),
            cover=there.cover,
            left_out=(*self.wanted.lost, *there.lost),
        )

    def _found(self, wanted: Carried, info: MediaInfo) -> Carried:
        return found_again(wanted, {**info.tags, **info.private_tags}, info.chapters, cover=info.cover() is not None)


NOTHING = Tagging()


def tagging(
    run: StepRun, params: TagParams | None, muxer: str, spans: Sequence[Span], *, number: int = 0, pictures: bool
) -> Tagging:
    """For the output of ``run``, which shows ``spans`` of its source; ``number`` of the outputs of one run of FFmpeg.

    ``pictures``: it has a film of its own.
    """
    if params is None:
        return NOTHING
    info = MediaInfo.model_validate(run.inputs[PROBE].data)
    jpeg, reason = _cover(run)
    wanted = carried(
        muxer,
        {**info.tags, **(info.private_tags if params.private else {})},
        chapters_through(info.chapters, spans),
        cover=jpeg is not None or (params.cover is None and info.cover() is not None),
        lost=() if reason is None else (f"cover: {reason}",),
    )
    text, cover = f"tags-{number}.txt", f"cover-{number}.jpg"
    if in_comments(muxer):
        comments = vorbis_comments(wanted.tags, wanted.chapters, None if jpeg is None else jpeg.read_bytes())
        return Tagging(wanted, TagFiles(text), ffmetadata(comments))
    if jpeg is None:
        return Tagging(wanted, TagFiles(text), ffmetadata(wanted.tags, wanted.chapters))
    files = TagFiles(text, cover, film=pictures)
    return Tagging(wanted, files, ffmetadata(wanted.tags, wanted.chapters), {cover: jpeg})


def tagged_arguments(arguments: Sequence[str], scratch: Path, taggings: Mapping[str, Tagging]) -> list[str]:
    """The run with the outputs of ``taggings``, by file name, tagged. Writes their texts to ``scratch``."""
    files = {name: each.files for name, each in taggings.items() if each.files is not None}
    for each in taggings.values():
        if each.files is not None:
            (scratch / each.files.text).write_text(each.text, encoding="utf-8", newline="\n")
    return with_tags(arguments, files)


def _cover(run: StepRun) -> tuple[Path | None, str | None]:
    """The JPEG, or why there is none."""
    artifact = run.inputs.get(COVER)
    if artifact is None:
        return None, None
    reason = CoverFacts.model_validate(artifact.data).reason
    return (run.read(artifact, MAIN_FILE), None) if reason is None else (None, reason)


def _counted(held: Carried) -> str:
    parts = [(len(held.tags), "tag"), (len(held.chapters), "chapter"), (int(held.cover), "cover")]
    return ", ".join(f"{count} {noun}" + ("" if count == 1 else "s") for count, noun in parts if count) or "none"
