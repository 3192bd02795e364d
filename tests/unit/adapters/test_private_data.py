"""Addresses and numbers are found by their form and their check digits, and not what only looks like one."""

from __future__ import annotations

import pytest

from dailies.adapters.private_data import PrivateDataFinder
from dailies.domain.transcript.masked import PrivateKind

ALL: tuple[PrivateKind, ...] = ("email", "phone", "card", "iban")


def _found(text: str, language: str | None = "en", kinds: tuple[PrivateKind, ...] = ALL) -> list[tuple[str, str]]:
    return [(one.kind, text[one.start : one.end]) for one in PrivateDataFinder().find(text, kinds, language)]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Call 415-555-0132, please.", "en", [("phone", "415-555-0132")]),
        ("It is 4 1 5 5 5 5 0 1 3 2.", "en", [("phone", "4 1 5 5 5 5 0 1 3 2")]),
        ("Nummer 06 12345678.", "nl", [("phone", "06 12345678")]),
        ("unter 030 1234567", "de", [("phone", "030 1234567")]),
        ("+49 30 1234567", None, [("phone", "+49 30 1234567")]),
        ("write to john.doe@example.com, or not", "en", [("email", "john.doe@example.com")]),
        ("j.doe @ example.co.uk", "en", [("email", "j.doe @ example.co.uk")]),
        ("my card, 4111 1111 1111 1111, is new", "en", [("card", "4111 1111 1111 1111")]),
        ("20 4111-1111-1111-1111", "en", [("card", "4111-1111-1111-1111")]),
        ("IBAN DE89 3704 0044 0532 0130 00 oder", "de", [("iban", "DE89 3704 0044 0532 0130 00")]),
        ("NL91ABNA0417164300 betaalt", "nl", [("iban", "NL91ABNA0417164300")]),
    ],
)
def test_it_is_found_without_what_stands_around_it(
    text: str, language: str | None, expected: list[tuple[str, str]]
) -> None:
    assert _found(text, language) == expected


@pytest.mark.parametrize(
    "text",
    [
        "from 1914 to 1918 and 1939 1945",
        "on 12-05-2024 at 10:30",
        "1,000,000 people and 3.14159265",
        "4111 1111 1111 1112",
        "DE88 3704 0044 0532 0130 00",
        "meet me @ noon",
        "five five five, zero one three two",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert [kind for kind, found in _found(text, kinds=("email", "card", "iban"))] == []
    assert "1945" not in str(_found(text))


def test_only_what_was_asked_for_is_found() -> None:
    text = "415-555-0132 john@example.com 4111 1111 1111 1111"
    assert [kind for kind, _ in _found(text, kinds=("email",))] == ["email"]
    # A card's digits are no telephone number, whether cards are asked for or not.
    assert _found("4111 1111 1111 1111", kinds=("phone",)) == []


def test_the_longest_text_of_digits_takes_no_longer_than_a_second() -> None:
    assert isinstance(_found("1 " * 5000), list)
