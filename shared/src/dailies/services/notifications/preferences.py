"""Of what a user is told, by which channel: everybody's own choice, and nothing by default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from dailies.domain.errors import InvalidRequest, PermanentError
from dailies.domain.job.holding import Holding, zone_of
from dailies.domain.job.notification import CHANNELS, LANGUAGES, TOLD_EVENTS, Channel, Language, Preferences
from dailies.domain.job.uploads import check_uid
from dailies.engine.platform import Platform
from dailies.engine.store.notifications import change_preferences, preferences_of

_FORMS = {
    "digest": "none, hourly or daily",
    "quiet_hours": "begin and end by the clock, such as 22:00 and 07:00",
    "time_zone": "a name of the IANA database, such as Europe/Amsterdam",
}


def get_preferences(platform: Platform, uid: str) -> Preferences:
    """Raises Forbidden."""
    check_uid(uid)
    return preferences_of(platform, uid)


def set_preferences(
    platform: Platform,
    uid: str,
    events: Mapping[Channel, Sequence[str]],
    language: Language | None = None,
    **holding: object,
) -> Preferences:
    """Have the channels tell of these types of events from now on, no types turn one off; others stay as they are.

    ``holding`` are ``digest``, ``quiet_hours`` and ``time_zone`` of e-mail (:class:`Holding`), as far as they change;
    quiet hours that end as they begin are none.

    Idempotent. Raises InvalidRequest for channels, types or languages that there are not, PermanentError ``mail_off``
    for e-mail where none leaves; Forbidden.
    """
    check_uid(uid)
    _check("channel", list(events), CHANNELS)
    for types in events.values():
        _check("events", types, TOLD_EVENTS)
    if events.get("email") and platform.settings.mail == "none":
        raise PermanentError("No e-mail leaves here: whoever runs this sets DAILIES_MAIL.", code="mail_off")
    if language is not None:
        _check("language", [language], LANGUAGES)
    held = _checked(holding)
    return change_preferences(platform, uid, lambda known: known.changed(events, language, held, platform.now()))


def _checked(holding: Mapping[str, object]) -> Mapping[str, object]:
    """The fields of :class:`Holding` that are given, in its types."""
    given = {name: value for name, value in holding.items() if value is not None}
    try:
        checked = Holding.model_validate(given)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        raise InvalidRequest(f"{field}: {_FORMS[field]}.", field=field) from error
    zone_of(checked.time_zone)
    quiet = checked.quiet_hours
    if quiet is not None and quiet.begin == quiet.end:
        checked = checked.model_copy(update={"quiet_hours": None})
    return {name: getattr(checked, name) for name in given}


def _check(field: str, given: Sequence[str], known: Sequence[str]) -> None:
    if not set(given) <= set(known):
        raise InvalidRequest(f"{field}: there are {', '.join(known)}.", field=field)
