"""Every route: the door itself, its OpenAPI document and the pages about it are made of this table."""

from __future__ import annotations

from dailies.rest import answers, batch_answers, calls, notification_answers, notification_calls
from dailies.rest.batches import cancel_batch, create_batch, get_batch, get_batch_items, list_batches
from dailies.rest.jobs import cancel_job, clear_jobs, get_job, get_job_status, list_jobs, share_job
from dailies.rest.keys import create_api_key, list_api_keys, revoke_api_key, rotate_api_key
from dailies.rest.making import convert_video_to_audio, create_job, create_upload_job, plan_job, retry_job
from dailies.rest.notifications import (
    get_notification_preferences,
    list_notifications,
    read_notifications,
    set_notification_preferences,
)
from dailies.rest.route import Route
from dailies.rest.sources import get_advice, get_source
from dailies.rest.streams import EVENT_STREAM, download_output, job_events
from dailies.rest.webhooks import (
    create_webhook,
    delete_webhook,
    enable_webhook,
    list_webhook_deliveries,
    list_webhooks,
    replay_webhook_delivery,
    rotate_webhook,
)

ROUTES: tuple[Route, ...] = (
    Route(
        "POST", "/convert/video-to-audio", convert_video_to_audio, "Make one audio file of one source",
        answers.Conversion, 202, "jobs:write", calls.Convert, form="video_file",
        problems=(402, 404, 413, 415, 422),
        about="The source is the form's file, a URL or an object. A form has 31 MiB at most in the cloud: larger files"
        " go by /uploads.",
    ),
    Route(
        "POST", "/uploads", create_upload_job, "Announce a file, and be told where to send it",
        answers.UploadAnswer, 201, "jobs:write", calls.CreateUpload, problems=(413, 415, 422),
    ),
    Route(
        "POST", "/jobs", create_job, "Make a job for a source that is somewhere already",
        answers.NewJob, 202, "jobs:write", calls.CreateJob, problems=(404, 413, 415, 422),
    ),
    Route(
        "POST", "/plan", plan_job, "Ask what a recipe would take and cost; nothing is made",
        answers.PlanAnswer, 200, "jobs:read", calls.PlanJob, problems=(402, 404, 409, 413, 415, 422),
    ),
    Route("GET", "/jobs", list_jobs, "List jobs, newest first", answers.JobPageAnswer, query=calls.ListJobs),
    Route("GET", "/jobs/{job_id}", get_job, "Tell all of a job", answers.JobAnswer, problems=(404,)),
    Route("GET", "/jobs/{job_id}/status", get_job_status, "Tell how it stands", answers.StatusAnswer, problems=(404,)),
    Route(
        "GET", "/jobs/{job_id}/source", get_source, "Tell what a job's source is", answers.SourceAnswer,
        problems=(404, 409),
        about="Once a worker has looked at it: 409 before.",
    ),
    Route(
        "GET", "/jobs/{job_id}/advice", get_advice, "Tell what would suit a job's source, and why",
        answers.AdviceAnswer, problems=(404, 409),
        about="By what was measured of it: format, bit rate, loudness, with size and cost. Each recipe can be sent to"
        " /jobs/{job_id}/retry as it is.",
    ),
    Route(
        "GET", "/jobs/{job_id}/download", download_output, "Fetch a file that a job has made",
        query=calls.WhichOutput, media="*/*", problems=(404, 416),
        about="302 to a signed address in the cloud; the bytes themselves, by Range, too, on a single machine.",
    ),
    Route(
        "GET", "/jobs/{job_id}/events", job_events, "Listen to what happens to a job",
        query=calls.Events, media=EVENT_STREAM, problems=(404,),
        about="Server-sent events: those of the job's log have an id, which Last-Event-ID goes on behind; events called"
        " progress have none. The stream ends with the job, or before the server's limit: ask again. 204: nothing comes"
        " any more.",
    ),
    Route(
        "DELETE", "/jobs/{job_id}", cancel_job, "Cancel a job", answers.CancelAnswer, scope="jobs:write",
        problems=(404, 409),
    ),
    Route(
        "POST", "/jobs/{job_id}/retry", retry_job, "Try the source of a job again, or make something else of it",
        answers.CancelAnswer, 202, "jobs:write", calls.RetryJob, problems=(404, 413, 415, 422),
    ),
    Route(
        "POST", "/jobs/{job_id}/share", share_job, "Make a link to a result, for people without an account",
        answers.LinkAnswer, 201, "jobs:write", calls.ShareJob, problems=(404, 413, 415, 422),
        about="The link is signed, and opens this one result. No object becomes public.",
    ),
    Route(
        "POST", "/jobs/clear", clear_jobs, "Take ended jobs off the user's list, or put them back",
        answers.ClearedAnswer, 200, "jobs:write", calls.ClearJobs, problems=(413, 415, 422),
        about="Their progress documents say so, for apps that show a list of these. Files and jobs stay.",
    ),
    Route(
        "POST", "/keys", create_api_key, "Make a key for a program",
        answers.NewKeyAnswer, 201, "keys", calls.CreateKey, shown_once="key", problems=(409, 413, 415, 422),
    ),
    Route("GET", "/keys", list_api_keys, "List keys", answers.KeysAnswer, scope="keys"),
    Route(
        "POST", "/keys/{key_id}/rotate", rotate_api_key, "Give a key a new secret; the one before is taken for a while",
        answers.NewKeyAnswer, 200, "keys", calls.RotateKey, shown_once="key", problems=(404, 409, 413, 415, 422),
    ),
    Route(
        "DELETE", "/keys/{key_id}", revoke_api_key, "Revoke a key", answers.KeyAnswer, scope="keys", problems=(404,),
    ),
    Route(
        "POST", "/batches", create_batch, "Make many jobs, some at a time",
        batch_answers.BatchAnswer, 202, "jobs:write", calls.CreateBatch, problems=(404, 413, 415, 422),
        about="Of items that are named, of jobs that a filter finds, or of objects below a prefix: what is unchanged is"
        " not made again. One bad item ends no other.",
    ),
    Route("GET", "/batches", list_batches, "List batches", batch_answers.BatchesAnswer, query=calls.ListBatches),
    Route(
        "GET", "/batches/{batch_id}", get_batch, "Tell how a batch stands", batch_answers.BatchAnswer, problems=(404,),
    ),
    Route(
        "GET", "/batches/{batch_id}/items", get_batch_items, "Tell what came of a batch's items",
        batch_answers.BatchItemsAnswer, query=calls.BatchPage, problems=(404,),
    ),
    Route(
        "DELETE", "/batches/{batch_id}", cancel_batch, "Cancel a batch, and its jobs under way",
        batch_answers.BatchAnswer, scope="jobs:write", problems=(404,),
    ),
    Route(
        "POST", "/webhooks", create_webhook, "Have a program told of events",
        answers.NewWebhookAnswer, 201, "webhooks", calls.CreateWebhook, shown_once="secret",
        problems=(409, 413, 415, 422),
        about="Messages are signed as Standard Webhooks has it.",
    ),
    Route("GET", "/webhooks", list_webhooks, "List endpoints", answers.WebhooksAnswer, scope="webhooks"),
    Route(
        "POST", "/webhooks/{webhook_id}/rotate", rotate_webhook, "Give an endpoint a new secret",
        answers.NewWebhookAnswer, 200, "webhooks", calls.RotateKey, shown_once="secret", problems=(404, 413, 415, 422),
        about="Messages are signed with both for a while. The endpoint `jobs` has the secret for jobs' own webhook_url:"
        " the first call makes it.",
    ),
    Route(
        "POST", "/webhooks/{webhook_id}/enable", enable_webhook, "Send to an endpoint again that answered 410",
        answers.WebhookAnswer, 200, "webhooks", problems=(404, 413, 415, 422),
    ),
    Route(
        "DELETE", "/webhooks/{webhook_id}", delete_webhook, "Remove an endpoint", answers.WebhookAnswer,
        scope="webhooks", problems=(404,),
    ),
    Route(
        "GET", "/webhooks/deliveries", list_webhook_deliveries, "List what was sent, and what came of it",
        answers.DeliveriesAnswer, scope="webhooks", query=calls.ListDeliveries,
    ),
    Route(
        "POST", "/webhooks/deliveries/{delivery_id}/replay", replay_webhook_delivery, "Send a message anew",
        answers.DeliveryAnswer, 202, "webhooks", problems=(404, 409, 413, 415, 422),
    ),
    Route(
        "GET", "/notifications", list_notifications, "List what the user was told",
        notification_answers.NotificationsAnswer, scope="notifications", query=notification_calls.ListNotifications,
        about="An app reads the same live, in Firestore: docs/notifications.md.",
    ),
    Route(
        "POST", "/notifications/read", read_notifications, "Mark notifications as read",
        notification_answers.ReadAnswer, 200, "notifications", notification_calls.ReadNotifications,
        problems=(413, 415, 422),
    ),
    Route(
        "GET", "/notifications/preferences", get_notification_preferences, "Tell what the user is told of",
        notification_answers.PreferencesAnswer, scope="notifications",
    ),
    Route(
        "POST", "/notifications/preferences", set_notification_preferences, "Choose what the user is told of",
        notification_answers.PreferencesAnswer, 200, "notifications", notification_calls.SetPreferences,
        problems=(413, 415, 422),
        about="From now on: nothing that has happened before is told. Nothing is told of by default.",
    ),
)  # fmt: skip
