"""Google's errors become ours once, by what can be done about them."""

from __future__ import annotations

import google.auth.exceptions
import pytest
from google.api_core import exceptions

from dailies.adapters.gcp.errors import is_transient, translation
from dailies.domain.errors import DailiesError, Misconfigured, PlatformNotReady, TransientError


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (google.auth.exceptions.RefreshError("the metadata server is busy", retryable=True), TransientError),
        (google.auth.exceptions.RefreshError("the account is gone", retryable=False), Misconfigured),
        (google.auth.exceptions.DefaultCredentialsError("none"), Misconfigured),
        (google.auth.exceptions.TransportError("no route"), TransientError),
        (exceptions.PermissionDenied("not yet"), PlatformNotReady),
        (exceptions.Unauthenticated("not yet"), PlatformNotReady),
    ],
)
def test_a_token_that_could_not_be_had_is_asked_for_again(error: Exception, expected: type[DailiesError]) -> None:
    """A missing right, too: it may be on its way. Not in the next second, as what passes by itself is."""
    assert type(translation(error, "It")) is expected
    assert is_transient(error) is (expected is TransientError)


def test_a_call_that_a_server_cancelled_is_made_again() -> None:
    assert is_transient(exceptions.Cancelled("call already cancelled"))
