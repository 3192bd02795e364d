"""A webhook is believed only as Standard Webhooks says."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from dailies.domain.web.signature import sign
from dailies_client import InvalidSignature, unwrap

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
# The example of Standard Webhooks' own libraries.
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
NOW = 1614265330.0


def test_the_specification_s_own_example_is_taken() -> None:
    assert unwrap(BODY, HEADERS, SECRET, now=NOW) == {"test": 2432232314}


def test_what_the_server_signs_is_taken() -> None:
    keys = [base64.b64decode(SECRET.removeprefix("whsec_")), b"one that takes its place"]
    signatures = sign(keys, HEADERS["webhook-id"], int(NOW), BODY)
    for key in keys:
        secret = "whsec_" + base64.b64encode(key).decode()
        assert unwrap(BODY, {**HEADERS, "webhook-signature": signatures}, secret, now=NOW)


def test_two_secrets_and_several_signatures_overlap_while_one_is_rotated() -> None:
    old = "whsec_" + base64.b64encode(b"another secret, of before").decode()
    signatures = {**HEADERS, "Webhook-Signature": "v1a,AAAA v1,wrong " + HEADERS["webhook-signature"]}
    del signatures["webhook-signature"]
    assert unwrap(BODY, signatures, old, SECRET, now=NOW)
    with pytest.raises(InvalidSignature, match="not signed with this secret"):
        unwrap(BODY, signatures, old, now=NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_other"},
        {"webhook-timestamp": "1614265331"},
        {"webhook-timestamp": "soon"},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": ""},
        {"webhook-signature": "g0hM9SsE"},
        {"webhook-signature": "v1,é"},
    ],
)
def test_what_was_changed_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(InvalidSignature):
        unwrap(BODY, {**HEADERS, **change}, SECRET, now=NOW)


def test_another_body_an_old_message_no_headers_and_an_odd_secret_are_refused() -> None:
    for body, headers, secret, now in [
        (BODY + b" ", HEADERS, SECRET, NOW),
        (BODY, HEADERS, SECRET, NOW + 301),
        (BODY, HEADERS, SECRET, NOW - 301),
        (BODY, {}, SECRET, NOW),
        (BODY, HEADERS, "whsec_#", NOW),
    ]:
        with pytest.raises(InvalidSignature):
            unwrap(body, headers, secret, now=now)


def test_a_signed_message_that_is_no_object_is_refused() -> None:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    for body in (b"[1]", b"{"):
        signed = b"msg.1614265330." + body
        signature = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        headers = {"webhook-id": "msg", "webhook-timestamp": "1614265330", "webhook-signature": f"v1,{signature}"}
        with pytest.raises(InvalidSignature):
            unwrap(body, headers, SECRET, now=NOW)
