"""A speech server that speaks OpenAI's wire protocol on loopback: strict about what it is sent, and faulty by script.

It takes bursts of tone for words and calls them by their number. Which answer forms a model has, and which fields it
refuses, are as in OpenAI's documentation of November 2026; ``dialect`` imitates servers that say they are compatible.
"""

from __future__ import annotations

import array
import io
import threading
import wave
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, Literal

from tests.fakes.http_server import FakeService, Request, Response, as_json
from tests.fakes.sounds import RATE_HZ, bursts_in

KEY = "key-of-the-fake"
Dialect = Literal["openai", "whisper.cpp", "localai", "vllm", "text-only"]
_MOST_BYTES = 25_000_000
#: More sound than that a diarising model divides first.
_SECONDS_IN_ONE = 30


@dataclass
class FakeSpeechServer:
    """``says``: what it hears instead of numbers. ``wait``: its answers wait for it. ``asked``: the fields it got."""

    dialect: Dialect = "openai"
    language: str = "en"
    says: list[str] | None = None
    wait: threading.Event | None = None
    asked: list[dict[str, list[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.service = FakeService(self._answer)

    @property
    def base_url(self) -> str:
        return f"{self.service.url}/v1"

    def _answer(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return _refusal(401, "invalid_api_key", "Incorrect API key provided.")
        if request.path not in ("/v1/audio/transcriptions", "/v1/audio/translations") or request.method != "POST":
            return _refusal(404, "unknown_url", "Unknown request URL.")
        fields, sound = _read_form(request)
        self.asked.append(fields)
        if self.wait is not None:
            self.wait.wait(30)
        if request.path.endswith("translations") and fields.keys() & {"timestamp_granularities[]", "language"}:
            return _refusal(400, "unknown_parameter", "Unknown parameter")
        refusal = self._refusal(fields, sound)
        return refusal or as_json(self._heard(fields, sound, words="timestamp_granularities[]" in fields))

    def _refusal(self, fields: dict[str, list[str]], sound: bytes) -> Response | None:
        (model,), (form,) = fields["model"], fields.get("response_format", ["json"])
        if len(sound) > _MOST_BYTES:
            return _refusal(413, "file_too_large", "Maximum content size limit (26214400) exceeded.")
        if refusal := self._refused_form(model, form, fields, sound):
            return refusal
        if "languages[]" in fields and "language" in fields:
            return _refusal(400, "invalid_request", "language and languages are exclusive")
        if model != "gpt-transcribe" and fields.keys() & {"keywords[]", "languages[]"}:
            return _refusal(400, "unknown_parameter", "Unknown parameter")
        if any(set(term) & set("<>\r\n") for term in fields.get("keywords[]", ())):
            return _refusal(400, "invalid_request", "keywords must be single lines without < and >")
        return None

    def _refused_form(self, model: str, form: str, fields: dict[str, list[str]], sound: bytes) -> Response | None:
        if model.startswith("gpt") and form == "verbose_json":
            return _refusal(400, "unsupported_value", f"response_format 'verbose_json' is not compatible with {model}")
        if form == "verbose_json" and self.dialect == "text-only":
            return _refusal(400, "unsupported_value", "response_format must be json or text")
        diarises = model == "gpt-4o-transcribe-diarize"
        if form == "diarized_json" and not diarises:
            return _refusal(400, "unsupported_value", f"response_format 'diarized_json' is not compatible with {model}")
        samples = fields.get("known_speaker_references[]", [])
        if len(samples) > 4 or not all(sample.startswith("data:audio/wav;base64,") for sample in samples):
            return _refusal(400, "invalid_request", "At most four references as data URLs")
        if diarises and "prompt" in fields:
            return _refusal(400, "unsupported_parameter", "Prompt is not supported for diarization models")
        if diarises and "chunking_strategy" not in fields and len(sound) > 2 * RATE_HZ * _SECONDS_IN_ONE:
            return _refusal(400, "invalid_request", "chunking_strategy is required for diarization models")
        if "timestamp_granularities[]" in fields and form != "verbose_json":
            return _refusal(400, "invalid_request", "timestamp_granularities needs verbose_json")
        return None

    def _heard(self, fields: dict[str, list[str]], sound: bytes, *, words: bool) -> dict[str, Any]:
        samples = array.array("h", _frames(sound))
        spans = bursts_in(samples)
        names = self.says if self.says is not None else [f"word{number}" for number in range(1, len(spans) + 1)]
        text = " ".join(names)
        if fields.get("response_format") == ["diarized_json"]:
            turns = _turns(names, spans, fields.get("known_speaker_names[]", ["A", "B"]))
            lines = "\n".join(f"{turn['speaker']}: {turn['text']}" for turn in turns)
            return {"task": "transcribe", "duration": len(samples) / RATE_HZ, "text": lines, "segments": turns}
        if fields.get("response_format") != ["verbose_json"]:
            codes = fields.get("languages[]", [self.language])
            return {"text": text, "languages": [{"language": code} for code in codes]}
        timed: list[dict[str, Any]] = [
            {"word": name, "start": start, "end": end} for name, (start, end) in zip(names, spans, strict=False)
        ]
        segment: dict[str, Any] = {
            "id": 0, "text": f" {text}", "start": spans[0][0] if spans else 0.0, "end": spans[-1][1] if spans else 0.0,
        }  # fmt: skip
        answer: dict[str, Any] = {
            "text": text, "language": "english", "duration": len(samples) / RATE_HZ,
            "segments": [segment] if text else [], **({"words": timed} if words else {}),
        }  # fmt: skip
        if self.dialect == "whisper.cpp":
            segment["words"] = answer.pop("words")
        elif self.dialect == "localai":
            answer["words"] = None
        elif self.dialect == "vllm":
            answer["duration"] = str(answer["duration"])
            for one in (*answer["segments"], *timed):
                one.update(start=str(one["start"]), end=str(one["end"]))
        return answer


def _turns(names: list[str], spans: list[tuple[float, float]], voices: list[str]) -> list[dict[str, Any]]:
    """Two voices, one after the other: a turn ends with a pause of more than a second."""
    turns: list[dict[str, Any]] = []
    for name, (start, end) in zip(names, spans, strict=False):
        if turns and start - turns[-1]["end"] <= 1:
            turns[-1].update(end=end, text=f"{turns[-1]['text']} {name}")
            continue
        turns.append({
            "type": "transcript.text.segment", "id": f"seg_{len(turns)}", "start": start, "end": end, "text": name,
            "speaker": voices[(len(turns) + 1) % len(voices)],
        })  # fmt: skip
    return turns


def _refusal(status: int, code: str, message: str) -> Response:
    return as_json(
        {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}, status
    )


def refusal_with(status: int, code: str = "", *, retry_after: str | None = None) -> Response:
    """For FakeService.spoil: a refusal in OpenAI's form."""
    found = _refusal(status, code, "Rate limit reached." if status == 429 else "The server had an error.")
    if retry_after is not None:
        found.headers["Retry-After"] = retry_after
    return found


def _frames(sound: bytes) -> bytes:
    opened: wave.Wave_read
    with wave.open(io.BytesIO(sound), "rb") as opened:
        assert (opened.getframerate(), opened.getnchannels(), opened.getsampwidth()) == (RATE_HZ, 1, 2)
        return opened.readframes(opened.getnframes())


def _read_form(request: Request) -> tuple[dict[str, list[str]], bytes]:
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    fields: dict[str, list[str]] = {}
    sound = b""
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if part.get_filename() is not None:
            sound = content
        else:
            fields.setdefault(str(name), []).append(content.decode())
    return fields, sound
