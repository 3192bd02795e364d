"""Which episode of a podcast is the newest, by its RSS feed. Pure; a feed is a stranger's text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NoReturn
from xml.parsers import expat

from dailies.domain.errors import SourceRefused
from dailies.domain.web.http_headers import http_date

_ITEM = ["rss", "channel", "item"]
_LONGEST_DATE = 100
_UNDATED = datetime.min.replace(tzinfo=UTC)


def newest_episode(feed: bytes) -> str:
    """The URL, perhaps a relative one, of the newest item's sound or film; the first of those that are undated.

    Raises SourceRefused ``feed_invalid`` for what is no XML or declares entities, ``feed_empty``.
    """
    reader = _Reader()
    try:
        reader.read(feed)
    # The last two: a declared encoding that nobody has, or that expat can't be taught.
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise _invalid() from error
    if not reader.episodes:
        raise SourceRefused("The podcast's feed names no episode with sound or film.", code="feed_empty")
    # Of equals the first: feeds have their newest in front.
    return max(reader.episodes, key=lambda episode: episode[0])[1]


class _Reader:
    def __init__(self) -> None:
        self.episodes: list[tuple[datetime, str]] = []
        self._open: list[str] = []
        self._date = self._url = ""

    def read(self, feed: bytes) -> None:
        parser = expat.ParserCreate()
        # Entities are declared in one: no podcast needs any, and a bomb is made of them.
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.Parse(feed, True)

    def _refuse(self, *_: object) -> NoReturn:
        raise _invalid()

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._open.append(name)
        if self._open == _ITEM:
            self._date = self._url = ""
        elif self._open == [*_ITEM, "enclosure"] and not self._url:
            kind = attributes.get("type", "").strip().lower()
            if kind.startswith(("audio/", "video/")) or not kind:
                self._url = attributes.get("url", "").strip()

    def _text(self, text: str) -> None:
        if self._open == [*_ITEM, "pubDate"]:
            self._date = (self._date + text)[:_LONGEST_DATE]

    def _end(self, _name: str) -> None:
        if self._open == _ITEM and self._url:
            self.episodes.append((http_date(self._date.strip()) or _UNDATED, self._url))
        self._open.pop()


def _invalid() -> SourceRefused:
    return SourceRefused("The podcast's feed can't be read: it is no XML, or more than that.", code="feed_invalid")
