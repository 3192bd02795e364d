"""Whoever asks for one file of a result has one signed: in the cloud each signature is a request of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dailies.adapters.local.objects.signed_urls import LocalSignedUrls
from dailies.domain.errors import NotFound
from dailies.ports.signed_urls import SignedRequest
from dailies.services.download import fetchable_output
from dailies.services.job_status import job_status, main_download
from tests.unit.conftest import UID, World


class CountedUrls(LocalSignedUrls):
    """Those of this machine, which remember what they signed."""

    def __init__(self, world: World) -> None:
        super().__init__("http://here", b"key", world.clock)
        self.signed: list[str] = []

    def download(self, name: str, *, file_name: str, media_type: str, valid: timedelta) -> SignedRequest:
        self.signed.append(file_name)
        return super().download(name, file_name=file_name, media_type=media_type, valid=valid)


def test_of_three_outputs_one_is_signed(world: World) -> None:
    urls = CountedUrls(world)
    platform = replace(world.platform, urls=urls)
    job = world.finish(world.new_job(b=1, a=2, c=3))
    main = main_download(platform, job_status(platform, UID, job.id))
    assert main is not None
    assert urls.signed == [main.file_name] == ["b.mp3"]
    assert fetchable_output(platform, UID, job.id, "a", None).download.file_name == "a.mp3"
    assert urls.signed == ["b.mp3", "a.mp3"]
    for file in ("file", "other"):
        with pytest.raises(NotFound):
            fetchable_output(platform, UID, job.id, "a", file)
    assert urls.signed == ["b.mp3", "a.mp3"]
