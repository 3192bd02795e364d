"""The newest episode of a podcast's feed, whatever the feed holds."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, strategies as st

from dailies.domain.errors import SourceRefused
from dailies.domain.web.podcast_feed import newest_episode


def item(url: str, date: str = "", kind: str = "audio/mpeg") -> str:
    return f'<item><pubDate>{date}</pubDate><enclosure url="{url}" type="{kind}"/></item>'


def feed(*items: str) -> bytes:
    channel = f"<channel><title>Talks</title>{''.join(items)}</channel>"
    return f'<?xml version="1.0"?><rss version="2.0">{channel}</rss>'.encode()


@pytest.mark.parametrize(
    ("items", "url"),
    [
        ([item("1", "Mon, 01 Jun 2026 16:00:00 GMT"), item("2", "Tue, 02 Jun 2026 00:00:00 +0900")], "1"),
        ([item("1", "Mon, 01 Jun 2026 06:00:00 GMT"), item("2", "Tue, 02 Jun 2026 06:00:00 GMT")], "2"),
        ([item("1"), item("2")], "1"),
        ([item("1", "some day"), item("2", "Tue, 02 Jun 2026 06:00:00 GMT")], "2"),
        ([item("1", kind="image/png"), item("2", kind="video/mp4"), item("3")], "2"),
        (["<item><title>notes alone</title></item>", item("a?b=1&amp;c=2", kind="")], "a?b=1&c=2"),
    ],
)
def test_the_newest_episode_is_found(items: list[str], url: str) -> None:
    assert newest_episode(feed(*items)) == url


_BOMB = '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><rss><channel><title>&b;</title></channel></rss>'
_FILE = '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><channel>&a;</channel></rss>'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (feed(), "feed_empty"),
        (feed(item("")), "feed_empty"),
        (b"<rss><channel>" + item("x").encode() * 2, "feed_invalid"),
        (_BOMB.encode(), "feed_invalid"),
        (_FILE.encode(), "feed_invalid"),
        (b'<?xml version="1.0" encoding="nobody-has-it"?><rss/>', "feed_invalid"),
        (b'<?xml version="1.0" encoding="utf-7"?><rss/>', "feed_invalid"),
        (b"", "feed_invalid"),
    ],
)
def test_a_feed_without_an_episode_is_refused(text: bytes, code: str) -> None:
    with pytest.raises(SourceRefused) as refused:
        newest_episode(text)
    assert refused.value.error_code == code


@given(st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(text: bytes) -> None:
    with suppress(SourceRefused):
        newest_episode(b"<rss><channel>" + text)
