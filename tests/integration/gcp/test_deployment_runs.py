"""What `dailies doctor --project` says of the worker's disk, sandbox and quotas, and of the uploads' dead letter."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.gcp.test_deployment_check import (
    EXECUTION,
    TEMPLATE,
    Google,
    google as google,  # noqa: PLC0414 - a fixture
    limits,
    only,
    report,
)


@pytest.mark.parametrize(
    "template",
    [
        {**TEMPLATE, "volumes": []},
        {**TEMPLATE, "volumes": [{"name": "s", "emptyDir": {"medium": "MEMORY"}}]},
        {**TEMPLATE, "containers": [{"resources": TEMPLATE["containers"][0]["resources"]}]},
    ],
)
def test_a_worker_without_its_disk_is_noticed(google: Google, template: dict[str, Any]) -> None:
    """None, one of memory, or one that nobody mounts."""
    ready = {"type": "Ready", "state": "CONDITION_SUCCEEDED"}
    google.change("run/v2", {"terminalCondition": ready, "template": {"template": template}})
    assert "memory" in only(google.findings(), "scratch").found


@pytest.mark.parametrize("policy", [{}, {"deadLetterPolicy": {"deadLetterTopic": "_deleted-topic_"}}])
def test_uploads_without_a_dead_letter_are_noticed(google: Google, policy: dict[str, Any]) -> None:
    google.change("pubsub/", policy)
    assert "infra/after-apply" in only(google.findings(), "dead letter").fix


def test_the_sandbox_says_why_there_is_none(google: Google) -> None:
    """In the words of the worker that looked, with the disk it found."""
    assert google.findings()["sandbox"].found == "bubblewrap; 9.9 GB of scratch; FFmpeg 7.1"
    google.change("documents/reports", report("bubblewrap does not work here: no namespaces", active=False))
    assert "no namespaces" in only(google.findings(), "sandbox").found


def test_a_worker_that_does_not_report_is_noticed(google: Google) -> None:
    """It never ends, it ends without a word, or it may not be started."""
    google.change("executions/", {"name": EXECUTION})
    assert EXECUTION in only(google.findings(), "sandbox").fix
    google.change("executions/", {"completionTime": "2026-01-01T00:00:00Z"})
    google.change("documents/reports", 404)
    only(google.findings(), "sandbox")
    google.change(":run", 403)
    only(google.findings(), "sandbox")


def test_what_is_over_a_quota_is_named(google: Google) -> None:
    """Of the region: another's, and the default beside the region's own, say nothing."""
    assert google.findings()["quotas"].found == "20 CPUs allowed, 20 asked for at most"
    google.change("consumerQuotaMetrics", limits(19_000))
    assert "one job's workers 20" in only(google.findings(), "quotas").found
    google.change("consumerQuotaMetrics", {})
    assert google.findings()["quotas"].ok
