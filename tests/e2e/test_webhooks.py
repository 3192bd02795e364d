"""A webhook from `dailies up`: through its own functions, queue and guarded egress, to a receiver on this machine."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from tests.e2e.command import Dailies, wait_until
from tests.e2e.serving import serving
from tests.fakes.certificates import Authority
from tests.fakes.web_site import Site, page
from tests.made import lend_tools
from tests.unit.adapters.web.conftest import authority as authority, site as site  # noqa: PLC0414 - fixtures


@pytest.mark.timeout(120)
def test_a_receiver_is_told_of_an_upload_s_job(
    site: Site, authority: Authority, clips: Callable[[str], Path], tmp_path: Path
) -> None:
    """In order, verified with Standard Webhooks' own library; one that fails at first is told again."""
    place = {"port": site.port, "root": str(authority.root)}
    environment = {
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent / "loopback"), os.environ.get("PYTHONPATH", "")]),
        "TEST_SITE": json.dumps(place),
        "DAILIES_FETCH_PORTS": f"443,{site.port}",
        "DAILIES_LOG": "critical",
    }
    dailies = Dailies(lend_tools(tmp_path / "home"), environment)
    added = dailies("webhooks", "add", site.url("/hook"), "--user", "ann")
    site.pages["/hook"] = page(b"", "503 Service Unavailable")
    with serving(dailies) as server:
        job_id = server.upload(clips("talk.mp4"))
        wait_until(lambda: site.asked, "the first try", 60)
        site.pages["/hook"] = page(b"", "204 No Content")

        def delivered() -> bool:
            found = dailies("webhooks", "deliveries", "--user", "ann")
            return len(found) >= 4 and {each["state"] for each in found} == {"delivered"}

        wait_until(delivered, "all events", 60)
    told = {
        asked.headers["webhook-id"]: Webhook(added["secret"]).verify(asked.body, dict(asked.headers))
        for asked in site.asked
    }
    assert {message["data"]["jobId"] for message in told.values()} == {job_id}
    assert [message["type"] for message in told.values()][-1] == "job.completed"
    assert len(site.asked) > len(told)
    dailies.end()
