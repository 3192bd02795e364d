"""Finds e-mail addresses, telephone, card and account numbers in text, by their form and their check digits."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from importlib.metadata import PackageNotFoundError

from dailies.adapters.installed import release_of
from dailies.domain.errors import Misconfigured
from dailies.domain.transcript.masked import Finding, PrivateKind

#: Addresses as people write them (RFC 5321's quoted ones are none that anybody says); a recogniser may put a space
#: around the sign.
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64} ?@ ?(?:[\w-]{1,63}\.)+[^\W\d_]{2,24}(?![\w-])")
#: Longer and shorter ones are none (ISO/IEC 7812, ISO 13616).
_DIGITS = re.compile(r"(?<![\w.,])\d+(?:[ -]\d+)*(?!\d)")
_GROUP = re.compile(r"\d+")
_CARD_DIGITS = range(13, 20)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2} ?\d ?\d(?:[ -]?[A-Za-z0-9]){11,30}")
_LEAST_IBAN = 15
#: A number with fewer digits than these has to be one that is given out; dates and sums have fewer.
_TELLING_DIGITS = 8
#: What else has as many: dates, years, and a figure with decimals.
_NO_NUMBER = re.compile(r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}|(?:(?:1\d|20)\d\d[ -]?){2,}|\d+\.\d+")
#: Whose form of writing a number is tried, by what is spoken.
_REGIONS = {
    "en": ("US", "GB", "AU"), "nl": ("NL", "BE"), "de": ("DE", "AT", "CH"), "fr": ("FR", "BE", "CH"),
    "es": ("ES", "MX"), "it": ("IT",), "pt": ("PT", "BR"), "ja": ("JP",), "ko": ("KR",), "zh": ("CN", "TW"),
    "pl": ("PL",), "ru": ("RU",), "sv": ("SE",), "da": ("DK",), "no": ("NO",), "fi": ("FI",), "cs": ("CZ",),
    "el": ("GR",), "tr": ("TR",), "hi": ("IN",), "uk": ("UA",), "hu": ("HU",), "ro": ("RO",), "ar": ("SA", "EG"),
    "he": ("IL",), "id": ("ID",),
}  # fmt: skip


class PrivateDataFinder:
    """phonenumbers and python-stdnum, imported when they are first needed."""

    @property
    def version(self) -> str:
        try:
            return f"1 {release_of('phonenumbers')} {release_of('python-stdnum')}"
        except PackageNotFoundError as error:
            raise Misconfigured(
                "What finds private data is not installed: pip install 'dailies-media[masking]'.", code="no_masking"
            ) from error

    def find(self, text: str, kinds: Collection[PrivateKind], language: str | None) -> Sequence[Finding]:
        # An account's number holds what would be a card's or a telephone's: the stricter forms go first.
        taken: list[Finding] = []
        for found in (*_emails(text), *_ibans(text), *_cards(text), *_phones(text, language)):
            if all(found.end <= other.start or found.start >= other.end for other in taken):
                taken.append(found)
        return sorted((found for found in taken if found.kind in kinds), key=lambda found: found.start)


def _emails(text: str) -> Iterator[Finding]:
    for match in _EMAIL.finditer(text):
        yield Finding("email", match.start(), match.end())


def _ibans(text: str) -> Iterator[Finding]:
    from stdnum import iban

    for match in _IBAN.finditer(text):
        # What follows an account's number may look as if it went on.
        for end in range(len(match[0]), _LEAST_IBAN - 1, -1):
            if match[0][end - 1].isalnum() and iban.is_valid(match[0][:end]):
                yield Finding("iban", match.start(), match.start() + end)
                break


def _cards(text: str) -> Iterator[Finding]:
    from stdnum import luhn

    for match in _DIGITS.finditer(text):
        groups = [group.span() for group in _GROUP.finditer(match[0])]
        # From group to group: another number may stand right before it.
        for number, (first, _) in enumerate(groups):
            for _, last in reversed(groups[number : number + _CARD_DIGITS.stop]):
                digits = re.sub(r"\D", "", match[0][first:last])
                if len(digits) in _CARD_DIGITS and luhn.is_valid(digits):
                    yield Finding("card", match.start() + first, match.start() + last)


def _phones(text: str, language: str | None) -> Iterator[Finding]:
    import phonenumbers

    seen: set[tuple[int, int]] = set()
    for region in _REGIONS.get(language or "en", ("US",)):
        for match in phonenumbers.PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.POSSIBLE):
            digits = sum(character.isdigit() for character in match.raw_string)
            if (match.start, match.end) in seen:
                continue
            telling = digits >= _TELLING_DIGITS and not _NO_NUMBER.fullmatch(match.raw_string)
            if telling or phonenumbers.is_valid_number(match.number):
                seen.add((match.start, match.end))
                yield Finding("phone", match.start, match.end)
