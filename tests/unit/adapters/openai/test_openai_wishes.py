"""Translation and voices by OpenAI's wire protocol: where a model can, and what is said where it can't."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from dailies.domain.errors import InvalidRecipe, PermanentError
from dailies.ports.transcriber import Ask
from tests.fakes.http_server import as_json
from tests.fakes.openai_speech import FakeSpeechServer
from tests.unit.adapters.openai.test_openai_transcriber import (
    every,
    hear,
    server as server,  # noqa: PLC0414 - a fixture
    sound as sound,  # noqa: PLC0414 - a fixture
)


def test_translation_asks_the_other_path(server: FakeSpeechServer, sound: Path) -> None:
    heard = hear(server, Ask(sound, translate=True, prompt="A talk"), "whisper-1")
    assert server.service.requests[-1].path == "/v1/audio/translations"
    assert server.asked[-1]["prompt"] == ["A talk"]
    assert heard.language is None  # it names its own, and not what was spoken
    assert heard.timing is None
    assert hear(server, Ask(sound, translate=True, language="nl"), "whisper-1").language == "nl"


@pytest.mark.parametrize(("status", "said"), [(404, ""), (501, ""), (400, "This model does not support translation")])
def test_a_server_that_can_not_translate_names_what_can(
    server: FakeSpeechServer, sound: Path, status: int, said: str
) -> None:
    server.service.spoil(every, lambda _: as_json({"error": {"message": said}}, status))
    with pytest.raises(InvalidRecipe, match="faster-whisper") as refusal:
        hear(server, Ask(sound, translate=True), "some-model")
    assert refusal.value.error_code == "no_translation"


def test_voices_are_told_apart_by_the_model_that_can(server: FakeSpeechServer, sound: Path) -> None:
    """Segments say who speaks and when; their words have no times. Without the wish it answers as others do."""
    heard = hear(server, Ask(sound, speakers=True), "gpt-4o-transcribe-diarize")
    assert [(one.speaker, one.text, one.start, one.end) for one in heard.segments] == [
        ("B", "word1 word2", 0.5, 1.5), ("A", "word3", 2.6, 3.1),
    ]  # fmt: skip
    assert heard.timing is None
    assert server.asked[-1]["chunking_strategy"] == ["auto"]
    plain = hear(server, Ask(sound), "gpt-4o-transcribe-diarize")
    assert [one.speaker for one in plain.segments] == [None]
    assert server.asked[-1]["response_format"] == ["json"]


def test_known_voices_go_as_samples(server: FakeSpeechServer, sound: Path) -> None:
    """As data URLs: files are refused."""
    ask = Ask(sound, speakers=True, voices=[("voice-0", sound), ("voice-1", sound)])
    heard = hear(server, ask, "gpt-4o-transcribe-diarize")
    assert [one.speaker for one in heard.segments] == ["voice-1", "voice-0"]
    asked = server.asked[-1]
    assert asked["known_speaker_names[]"] == ["voice-0", "voice-1"]
    assert base64.b64decode(asked["known_speaker_references[]"][0].partition("base64,")[2]) == sound.read_bytes()


def test_a_server_that_refuses_voices_is_not_asked_for_text_in_their_place(
    server: FakeSpeechServer, sound: Path
) -> None:
    refusal = {"error": {"message": "response_format 'diarized_json' is not supported"}}
    server.service.spoil(every, lambda _: as_json(refusal, 400))
    with pytest.raises(PermanentError):
        hear(server, Ask(sound, speakers=True), "gpt-4o-transcribe-diarize")
    assert len(server.service.requests) == 1


def test_labels_of_voices_are_no_text(server: FakeSpeechServer, sound: Path) -> None:
    """The text of such an answer has them before each line; its segments may have times that can not be."""
    turns = [{"start": 9.0, "end": 8.0, "text": "Good morning.", "speaker": "A"}]
    server.service.spoil(every, lambda _: as_json({"text": "A: Good morning.", "segments": turns}))
    heard = hear(server, Ask(sound, speakers=True), "gpt-4o-transcribe-diarize")
    assert (heard.text, heard.timing) == ("Good morning.", None)
