"""What Cloud Functions deploys, and `dailies up` serves: the entry points by their names."""

import firebase_cli  # noqa: F401 - first: it says the options of all functions, before they are decorated
from boundary import limit_bodies
from triggers.advance import advance
from triggers.api import api
from triggers.create_from_job import createFromJob
from triggers.create_from_url import createFromUrl
from triggers.create_upload import createUpload
from triggers.deliver import deliver
from triggers.jobs import cancelJob, clearJobs, getResult, runAgain
from triggers.notifications import listNotifications, notificationPreferences, readNotifications
from triggers.on_upload import onUpload
from triggers.run_step import runStep
from triggers.share import share, shareResult
from triggers.sweep import sweep

__all__ = [
    "advance", "api", "cancelJob", "clearJobs", "createFromJob", "createFromUrl", "createUpload", "deliver",
    "getResult", "listNotifications", "notificationPreferences", "onUpload", "readNotifications", "runAgain",
    "runStep", "share", "shareResult", "sweep",
]  # fmt: skip

limit_bodies()
