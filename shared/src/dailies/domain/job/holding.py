"""When an e-mail may go: at once, or together with others at a time that its user has chosen. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

from dailies.domain.errors import InvalidRequest
from dailies.domain.model import Model

Digest = Literal["none", "hourly", "daily"]
#: When a daily one goes, by the user's clock.
DAILY_AT = time(8)
CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


class QuietHours(Model):
    """By the user's clock, over midnight where they end before they begin; equal ends are none."""

    begin: str = Field(pattern=CLOCK)
    end: str = Field(pattern=CLOCK)

    def holds(self, clock: time) -> bool:
        begin, end = time.fromisoformat(self.begin), time.fromisoformat(self.end)
        return begin <= clock < end if begin <= end else clock >= begin or clock < end


class Holding(Model):
    """What keeps e-mail waiting."""

    digest: Digest = "none"
    quiet_hours: QuietHours | None = None
    time_zone: str = Field("UTC", max_length=64)

    def due(self, now: datetime) -> datetime:
        """When what has happened now may be told, in UTC."""
        # A full hour of UTC: a user's clock has some twice.
        hour = (now + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
        at = (hour if self.digest == "hourly" else now).astimezone(self._zone())
        if self.digest == "daily":
            at = _next(at, DAILY_AT)
        if self.quiet_hours is not None and self.quiet_hours.holds(at.timetz().replace(tzinfo=None)):
            at = _next(at, time.fromisoformat(self.quiet_hours.end))
        return max(now, at.astimezone(UTC))

    def _zone(self) -> tzinfo:
        try:
            return zone_of(self.time_zone)
        except InvalidRequest:
            # This machine knows fewer than the one on which it was chosen.
            return UTC


def zone_of(name: str) -> ZoneInfo:
    """Raises InvalidRequest for one that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidRequest(
            "time_zone: name one of the IANA database, such as Europe/Amsterdam.", field="time_zone"
        ) from error


def _next(at: datetime, clock: time) -> datetime:
    today = at.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    return today if today > at else today + timedelta(days=1)
