"""The routes of notifications: what a user was told, and wants to be told."""

from __future__ import annotations

from dailies.domain.job.notification import Notification, Preferences
from dailies.rest import notification_answers as answers, notification_calls as calls
from dailies.rest.route import Asked, Reply
from dailies.services.notifications.inbox import list_notifications as listed, mark_read
from dailies.services.notifications.preferences import get_preferences, set_preferences


def list_notifications(asked: Asked) -> Reply:
    query: calls.ListNotifications = asked.query
    found = listed(asked.platform, asked.uid, query.limit, unread=query.unread, channel=query.channel)
    return Reply(answers.NotificationsAnswer(notifications=[_told(each) for each in found]))


def read_notifications(asked: Asked) -> Reply:
    call: calls.ReadNotifications = asked.body
    return Reply(answers.ReadAnswer(notification_ids=mark_read(asked.platform, asked.uid, call.notification_ids)))


def get_notification_preferences(asked: Asked) -> Reply:
    return Reply(_preferences(get_preferences(asked.platform, asked.uid)))


def set_notification_preferences(asked: Asked) -> Reply:
    call: calls.SetPreferences = asked.body
    quiet = None if call.quiet_hours is None else call.quiet_hours.model_dump()
    holding = {"digest": call.digest, "quiet_hours": quiet, "time_zone": call.time_zone}
    return Reply(_preferences(set_preferences(asked.platform, asked.uid, call.events, call.language, **holding)))


def _told(each: Notification) -> answers.NotificationAnswer:
    return answers.NotificationAnswer(
        notification_id=each.id,
        job_id=each.job_id,
        event_type=each.event_type,
        title=each.title,
        body=each.body,
        language=each.language,
        created_at=each.created,
        read=each.read,
        channel=each.channel,
        state=each.state,
        reason=each.reason,
    )


def _preferences(wanted: Preferences) -> answers.PreferencesAnswer:
    return answers.PreferencesAnswer(
        events=wanted.chosen, language=wanted.language, **wanted.holding.model_dump(mode="json")
    )
