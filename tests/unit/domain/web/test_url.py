from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, strategies as st

from dailies.domain.errors import UrlRefused
from dailies.domain.web.url import is_url, parse_url


@pytest.mark.parametrize(
    ("text", "read", "name"),
    [
        ("https://Media.Test/a/talk.mp4?x=1#t", "https://media.test/a/talk.mp4?x=1", "talk.mp4"),
        ("https://media.test:443", "https://media.test/", "media.test"),
        ("https://bücher.test/ä ö".replace(" ", "%20"), "https://xn--bcher-kva.test/%C3%A4%20%C3%B6", "ä ö"),
        ("https://[2606:4700:0::1]/a", "https://[2606:4700::1]/a", "a"),
        ("https://media.test/a/", "https://media.test/a/", "a"),
        ("HTTPS://media.test/%2e%2e/x", "https://media.test/%2e%2e/x", "x"),
    ],
)
def test_a_url_is_read_in_one_way(text: str, read: str, name: str) -> None:
    found = parse_url(text)
    assert (str(found), found.file_name) == (read, name)
    assert parse_url(str(found)) == found


def test_what_is_shown_of_a_url_has_no_secret() -> None:
    assert parse_url("https://media.test/a.mp4?token=secret").shown == "https://media.test/a.mp4"


@given(st.text(max_size=40))
def test_whatever_is_named_is_read_or_refused(text: str) -> None:
    with suppress(UrlRefused):
        found = parse_url(f"https://{text}")
        assert str(found).isascii()
        assert parse_url(str(found)) == found


@pytest.mark.parametrize(("text", "url"), [("https://a/b", True), ("ftp://a", True), ("a.mp3", False), ("c:/x", False)])
def test_a_url_is_told_from_a_file(text: str, url: bool) -> None:
    assert is_url(text) is url
