"""Every route is what its OpenAPI document says of it, whatever comes to it: schemathesis asks them all."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.config import (
    ChecksConfig,
    PositiveDataAcceptanceConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)

from dailies.rest.route import Route
from dailies.rest.table import ROUTES
from dailies.up.identity import development_token
from tests.functions.serving import up as up  # noqa: PLC0414 - a fixture

#: What fits the schema may still be refused for what no schema says: an end before its start, a job that isn't there,
#: a URL of a private address, bytes that are no media, a day's quota.
REFUSALS = ["2xx", "304", "400", "402", "404", "409", "416", "422", "429"]
many = settings(
    max_examples=20, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip


@pytest.fixture
def described(up: Flask) -> Any:
    checks = ChecksConfig(positive_data_acceptance=PositiveDataAcceptanceConfig(expected_statuses=REFUSALS))
    config = SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(checks=checks)))
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", up, config=config)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: str(mode.value))
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: str(route.name))
def test_a_route_is_what_the_document_says(described: Any, route: Route, mode: GenerationMode) -> None:
    """Of what fits its schema, and of what doesn't."""

    @many
    @given(case=described[route.path][route.method].as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        # Nobody guesses a key, and one that is wrong is refused beside whatever else is shown.
        case.headers.pop("X-API-Key", None)
        case.call_and_validate(headers={"Authorization": f"Bearer {development_token('ann')}"})

    try:
        ask()
    except Unsatisfiable:
        # Without parameters and a body nothing can be wrong.
        assert mode is GenerationMode.NEGATIVE
        assert route.body is None
