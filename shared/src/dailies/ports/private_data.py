"""Finds what a text tells of somebody: addresses and numbers that are masked before anybody reads them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from dailies.domain.transcript.masked import Finding, PrivateKind


class PrivateData(Protocol):
    """Works on this machine alone, knows nothing of sound, and is safe to call from several threads."""

    @property
    def version(self) -> str:
        """Changes whenever the same text may be answered otherwise. Raises Misconfigured ``no_masking``."""

    def find(self, text: str, kinds: Collection[PrivateKind], language: str | None) -> Sequence[Finding]:
        """What of ``text`` is of one of ``kinds``, in order and apart.

        ``language`` (ISO 639-1) tells how a number of the country that speaks it is written. What is spelt out in words
        ("five five five", "at example dot com") is not found.
        """
