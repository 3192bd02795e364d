"""What a terminal shows whose encoding lacks our signs."""

from __future__ import annotations

import io

import pytest

from dailies.cli.ascii import SPELLED_OUT


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", "ok a.mp3 - 1:06.0 - 1080x720 - <= -1 dBTP - fa\\xe7ade \\u96ea"),
        ("latin-1", "ok a.mp3 · 1:06.0 · 1080×720 · <= -1 dBTP · façade \\u96ea"),
    ],
)
def test_signs_are_spelled_out(encoding: str, shown: str) -> None:
    """Our own in letters that it has, those of names by their numbers."""
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding=encoding, errors=SPELLED_OUT) as stream:
        stream.write("✔ a.mp3 · 1:06.0 · 1080×720 · ≤ −1 dBTP · façade 雪")
        stream.flush()
        assert raw.getvalue().decode(encoding) == shown


def test_only_what_can_t_be_encoded_is_replaced() -> None:
    """A faulty file is another fault."""
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("utf-8", SPELLED_OUT)
