from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, strategies as st

from dailies.domain.web.http_headers import http_date, retry_after

NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("Tue, 01 Dec 2026 00:00:00 GMT", NOW),
        ("Tue, 01 Dec 2026 01:00:00 +0100", NOW),
        # The zone of whoever says no zone (RFC 5322, 3.3).
        ("Tue, 01 Dec 2026 00:00:00 -0000", NOW),
        ("", None),
        ("yesterday", None),
        ("Tue, 01 Dec 99999999999999999999 00:00:00 GMT", None),
        ("Tue, 01 Dec 2026 00:00:00 +99999999999999999999", None),
    ],
)
def test_a_date_is_a_moment_or_nothing(value: str, moment: datetime | None) -> None:
    assert http_date(value) == moment


def test_a_wait_may_be_until_a_date() -> None:
    assert retry_after({"retry-after": "Tue, 01 Dec 2026 00:02:00 GMT"}, NOW) == {"retry_after": 120.0}


@given(st.text(st.characters(max_codepoint=255), max_size=60))
@example("9" * 400)
@example("1e300")
@example("٣")
@example("Tue, 01 Dec 0001 00:00:00 +2359")
@example("Fri, 31 Dec 9999 00:00:00 -2359")
def test_whatever_a_server_says_a_wait_is_nothing_or_a_day_at_most(value: str) -> None:
    found = retry_after({"retry-after": value}, NOW)
    assert found == {} or 0 <= found["retry_after"] <= timedelta(days=1).total_seconds()
