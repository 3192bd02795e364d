"""When an e-mail may go, by its user's clock."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dailies.domain.job.holding import Holding, QuietHours

NIGHT = QuietHours(begin="22:00", end="07:00")
MORNING = QuietHours(begin="06:00", end="09:00")
AMSTERDAM = "Europe/Amsterdam"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("holding", "now", "due"),
    [
        (Holding(), "2026-12-01T23:00", "2026-12-01T23:00"),
        (Holding(digest="hourly"), "2026-12-01T10:20", "2026-12-01T11:00"),
        (Holding(digest="hourly"), "2026-12-01T23:59", "2026-12-02T00:00"),
        (Holding(digest="daily"), "2026-12-01T07:59", "2026-12-01T08:00"),
        (Holding(digest="daily"), "2026-12-01T08:00", "2026-12-02T08:00"),
        (Holding(digest="daily", time_zone=AMSTERDAM), "2026-12-01T06:59", "2026-12-01T07:00"),
        (Holding(digest="daily", time_zone="Asia/Kolkata"), "2026-12-01T02:00", "2026-12-01T02:30"),
        (Holding(quiet_hours=NIGHT), "2026-12-01T21:59", "2026-12-01T21:59"),
        (Holding(quiet_hours=NIGHT), "2026-12-01T22:00", "2026-12-02T07:00"),
        (Holding(quiet_hours=NIGHT), "2026-12-01T03:00", "2026-12-01T07:00"),
        (Holding(quiet_hours=NIGHT), "2026-12-01T07:00", "2026-12-01T07:00"),
        (Holding(quiet_hours=QuietHours(begin="12:00", end="13:30")), "2026-12-01T12:10", "2026-12-01T13:30"),
        (Holding(quiet_hours=NIGHT, time_zone=AMSTERDAM), "2026-12-01T21:30", "2026-12-02T06:00"),
        (Holding(quiet_hours=NIGHT, digest="hourly"), "2026-12-01T21:30", "2026-12-02T07:00"),
        (Holding(quiet_hours=MORNING, digest="daily"), "2026-12-01T10:00", "2026-12-02T09:00"),
        # The night in which clocks are put back, and that in which they are put forward.
        (Holding(quiet_hours=NIGHT, time_zone=AMSTERDAM), "2026-10-24T22:00", "2026-10-25T06:00"),
        (Holding(quiet_hours=NIGHT, time_zone=AMSTERDAM), "2026-03-28T23:00", "2026-03-29T05:00"),
        (Holding(digest="hourly", time_zone=AMSTERDAM), "2026-10-25T00:30", "2026-10-25T01:00"),
        (Holding(digest="hourly", time_zone=AMSTERDAM), "2026-10-25T01:30", "2026-10-25T02:00"),
        (Holding(quiet_hours=NIGHT, time_zone="No/Where"), "2026-12-01T23:00", "2026-12-02T07:00"),
    ],
)  # fmt: skip
def test_it_goes_at_the_time_that_was_chosen(holding: Holding, now: str, due: str) -> None:
    assert holding.due(utc(now)) == utc(due)
