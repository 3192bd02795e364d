"""Programme tables that may say anything."""

from __future__ import annotations

from hypothesis import given, strategies as st

from dailies.media.probe.programmes import programmes

TABLES = st.binary(max_size=184).map(lambda body: (b"G\x40\0\x10" + body).ljust(188, b"\xff"))


@given(st.lists(TABLES | st.binary(min_size=188, max_size=188), max_size=8).map(b"".join))
def test_any_table_gets_an_answer(head: bytes) -> None:
    assert all(0 <= pid < 2**13 for pid in programmes(head))


def test_a_file_without_tables_has_no_programmes() -> None:
    assert programmes(b"") == programmes(b"G" * 500) == {}
