"""Errors as gRPC tells them: google.rpc.Status with our code in ErrorInfo (google.rpc, error_details.proto)."""

from __future__ import annotations

from google.protobuf import any_pb2, duration_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from dailies.domain.errors import DailiesError

DOMAIN = "dailies"
# What ErrorInfo takes: AIP-193 has the limits.
_MAX_VALUE = 400
_FIELD = "field"


def status_of(error: DailiesError) -> rpc_status._Status:
    """``reason`` is our code in capitals; the details are in the metadata, as text."""
    details = {name: str(value)[:_MAX_VALUE] for name, value in error.details.items() if value is not None}
    info = error_details_pb2.ErrorInfo(reason=error.error_code.upper(), domain=DOMAIN, metadata=details)
    found = [_packed(info)]
    if (seconds := error.details.get("retry_after")) is not None:
        delay = duration_pb2.Duration()
        delay.FromMilliseconds(round(float(str(seconds)) * 1000))
        found.append(_packed(error_details_pb2.RetryInfo(retry_delay=delay)))
    if _FIELD in details:
        violation = error_details_pb2.BadRequest.FieldViolation(
            field=details[_FIELD], description=error.message[:_MAX_VALUE]
        )
        found.append(_packed(error_details_pb2.BadRequest(field_violations=[violation])))
    code = code_pb2.Code.Value(error.callable_status.upper().replace("-", "_"))
    return rpc_status.to_status(status_pb2.Status(code=code, message=error.message, details=found))


def _packed(message: object) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed
