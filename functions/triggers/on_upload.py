"""``onUpload``: Cloud Storage says that an object is complete."""

from __future__ import annotations

from firebase_functions import params, storage_fn
from firebase_functions.core import CloudEvent

import boundary
import firebase_cli
import wiring
from dailies.services.upload_arrived import Arrival, upload_arrived
from event_times import with_readable_time


@boundary.about_an_object
@with_readable_time
@storage_fn.on_object_finalized(bucket=firebase_cli.bucket() or params.STORAGE_BUCKET)
def onUpload(event: CloudEvent[storage_fn.StorageObjectData]) -> None:  # noqa: N802 - the deployed name
    arrival = Arrival(event.data.bucket, event.data.name, int(event.data.generation))
    boundary.unless_permanent(lambda: upload_arrived(wiring.platform(), arrival), object=arrival.name)
