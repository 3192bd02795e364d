"""What the functions' decorators say is what Terraform deploys: the Firebase CLI and Terraform read one truth."""

from __future__ import annotations

import re
from typing import Any

import main
from dailies.services.functions_table import deployed_functions
from tests.unit.infra.terraform_text import TERRAFORM, blocks, source

FUNCTIONS = source(TERRAFORM / "modules" / "functions")
#: What each function gets is Terraform's alone to say: a decorator that said it, too, would be wrong one day.
TERRAFORM_S = (
    *("region", "availableMemoryMb", "maxInstances", "minInstances", "concurrency", "serviceAccountEmail"),
    *("timeoutSeconds", "cpu", "vpc", "ingressSettings"),
)


def endpoints() -> dict[str, Any]:
    return {name: getattr(main, name).__firebase_endpoint__ for name in main.__all__}


def test_the_same_functions_are_written_and_deployed() -> None:
    """Each by the name under which apps call it: Terraform and `dailies doctor` have one table of them."""
    assert set(deployed_functions()) == set(main.__all__)


def test_everybody_calls_what_looks_at_a_token_by_itself() -> None:
    """What the platform calls has a trigger of its own, and one caller: whoever brings that about."""
    callers = {"taskQueueTrigger": "queue", "scheduleTrigger": "schedule", "eventTrigger": "events"}
    for name, endpoint in endpoints().items():
        (caller,) = {callers[trigger] for trigger in callers if getattr(endpoint, trigger) is not None} or {"everybody"}
        assert deployed_functions()[name].caller == caller, name


def test_no_decorator_says_what_terraform_decides() -> None:
    """Memory, time, instances, accounts: not one is stated twice."""
    for name, endpoint in endpoints().items():
        said = {key: getattr(endpoint, key) for key in TERRAFORM_S}
        assert {key: value for key, value in said.items() if value and type(value).__name__ != "Sentinel"} == {}, name
        assert not endpoint.secretEnvironmentVariables, name


def test_the_sweep_has_one_schedule() -> None:
    """The decorator can't do without one: it has Terraform's, and none of its retries."""
    variable = next(
        block for block in blocks(TERRAFORM / "modules" / "functions", "variable") if block.name == "sweep_schedule"
    )
    trigger = endpoints()["sweep"].scheduleTrigger
    assert f'"{trigger["schedule"]}"' == variable.argument("default")
    assert set(trigger["retryConfig"].values()) == {None}


def test_the_queue_s_retries_and_rates_are_the_queue_s() -> None:
    """infra/terraform/modules/queue has them."""
    for name in ("advance", "runStep", "deliver"):
        assert endpoints()[name].taskQueueTrigger == {"rateLimits": None, "retryConfig": None}


def test_an_upload_s_event_is_the_one_that_terraform_subscribes_to() -> None:
    """Its retry is Terraform's alone: firebase-functions knows none for Cloud Storage, and writes False."""
    trigger = endpoints()["onUpload"].eventTrigger
    assert f'event_type            = "{trigger["eventType"]}"' in FUNCTIONS
    assert re.search(r'retry_policy += "RETRY_POLICY_RETRY"', FUNCTIONS)
