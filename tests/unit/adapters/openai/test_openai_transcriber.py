"""OpenAI's wire protocol, its dialects and its faults, on a server of our own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dailies.adapters.openai.transcriber import OpenAITranscriber
from dailies.domain.errors import (
    Cancelled,
    DailiesError,
    Misconfigured,
    PermanentError,
    QuotaExceeded,
    RateLimited,
    TransientError,
)
from dailies.domain.stop import StopToken
from dailies.ports.transcriber import Ask, Heard
from tests.fakes.http_server import Request, Response, as_json, serving
from tests.fakes.openai_speech import KEY, Dialect, FakeSpeechServer, refusal_with
from tests.fakes.sounds import bursts, write_wav

WORDS = [(0.5, 0.9), (1.2, 1.5), (2.6, 3.1)]


@pytest.fixture
def server() -> Iterator[FakeSpeechServer]:
    made = FakeSpeechServer()
    with serving(made.service):
        yield made


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "a name with spaces.wav", bursts(4.0, WORDS))


def every(_: Request) -> bool:
    return True


def hear(server: FakeSpeechServer, ask: Ask, model: str = "gpt-transcribe", key: str | None = KEY) -> Heard:
    engine = OpenAITranscriber(key, base_url=server.base_url, model=model, usd_per_minute=0.0)
    return engine.transcribe(ask, StopToken(), lambda _: None)


def test_text_without_times_says_so(server: FakeSpeechServer, sound: Path) -> None:
    heard = hear(server, Ask(sound))
    assert heard.text == "word1 word2 word3"
    assert heard.timing is None
    assert heard.language == "en"
    assert [(one.start, one.end, one.words) for one in heard.segments] == [(0.0, 4.0, ())]


@pytest.mark.parametrize("dialect", ["openai", "whisper.cpp", "vllm"])
def test_words_are_found_wherever_a_server_puts_them(server: FakeSpeechServer, sound: Path, dialect: Dialect) -> None:
    server.dialect = dialect
    heard = hear(server, Ask(sound), "whisper-1")
    assert heard.timing == "measured"
    assert [(word.text, word.start, word.end) for one in heard.segments for word in one.words] == [
        ("word1", 0.5, 0.9), ("word2", 1.2, 1.5), ("word3", 2.6, 3.1),
    ]  # fmt: skip


def test_a_server_without_words_keeps_its_segments(server: FakeSpeechServer, sound: Path) -> None:
    server.dialect = "localai"
    heard = hear(server, Ask(sound), "some-model")
    assert heard.timing is None
    assert [(one.start, one.end) for one in heard.segments] == [(0.5, 3.1)]


def test_a_server_that_knows_text_only_is_asked_for_text_and_not_twice(server: FakeSpeechServer, sound: Path) -> None:
    server.dialect = "text-only"
    engine = OpenAITranscriber(KEY, base_url=server.base_url, model="some-model", usd_per_minute=0.0)
    for _ in range(2):
        assert engine.transcribe(Ask(sound), StopToken(), lambda _: None).text == "word1 word2 word3"
    forms = [fields["response_format"] for fields in server.asked]
    assert forms == [["verbose_json"], ["json"], ["json"]]


def test_hints_go_as_each_model_takes_them(server: FakeSpeechServer, sound: Path) -> None:
    ask = Ask(sound, language="de", prompt="A talk\non <b>films</b>", vocabulary=("Dailies", "a\r\nb"))
    hear(server, ask)
    hear(server, ask, "gpt-4o-transcribe")
    named, plain = server.asked
    assert named["languages[]"] == ["de"]
    assert named["keywords[]"] == ["Dailies", "a b"]
    assert named["prompt"] == ["A talk on b films /b"]
    assert plain["language"] == ["de"]
    assert plain["prompt"] == ["A talk on b films /b Dailies, a b"]
    assert not plain.keys() & {"keywords[]", "languages[]"}


def test_what_openai_charges_is_known_and_what_another_asks_is_set(server: FakeSpeechServer, sound: Path) -> None:
    assert OpenAITranscriber(KEY).capabilities().usd_per_minute == 0.0045
    assert OpenAITranscriber(KEY, usd_per_minute=0.003).capabilities().usd_per_minute == 0.003
    assert hear(server, Ask(sound)).usd == 0.0
    dear = OpenAITranscriber(KEY, base_url=server.base_url, usd_per_minute=0.6)
    assert dear.transcribe(Ask(sound), StopToken(), lambda _: None).usd == pytest.approx(4 / 60 * 0.6)


@pytest.mark.parametrize("model", ["gpt-5-transcribe", "gpt-transcribe", "whisper-1"])
def test_nobody_is_asked_whose_price_is_unknown(server: FakeSpeechServer, sound: Path, model: str) -> None:
    """An unknown model of OpenAI's, or any of another server's, cost nothing by every estimate and budget."""
    ours = model.startswith("gpt-5")
    engine = OpenAITranscriber(KEY, model=model) if ours else OpenAITranscriber(
        KEY, base_url=server.base_url, model=model
    )  # fmt: skip
    for asked in (engine.capabilities, lambda: engine.transcribe(Ask(sound), StopToken(), lambda _: None)):
        with pytest.raises(Misconfigured, match="DAILIES_OPENAI_USD_PER_MINUTE") as refusal:
            asked()
        assert refusal.value.error_code == "no_engine_price"
    assert server.asked == []


@pytest.mark.parametrize(
    ("status", "code", "kind", "ours"),
    [
        (429, "", RateLimited, "rate_limited"),
        (429, "insufficient_quota", QuotaExceeded, "engine_credit"),
        (402, "", QuotaExceeded, "engine_credit"),
        (500, "", TransientError, "engine_unavailable"),
        (503, "", TransientError, "engine_unavailable"),
        (408, "", TransientError, "engine_unavailable"),
        (401, "", Misconfigured, "engine_key"),
        (404, "", Misconfigured, "no_engine_model"),
        (307, "", Misconfigured, "no_engine_model"),
        (413, "", PermanentError, "over_engine_limits"),
        (400, "", PermanentError, "engine_refused"),
    ],
)
def test_refusals_become_our_errors(
    server: FakeSpeechServer, sound: Path, status: int, code: str, kind: type[DailiesError], ours: str
) -> None:
    server.service.spoil(every, lambda _: refusal_with(status, code))
    with pytest.raises(kind) as error:
        hear(server, Ask(sound))
    assert type(error.value) is kind
    assert error.value.error_code == ours
    assert KEY not in str(error.value.as_dict())
    assert len(server.service.requests) == 1  # asking again is for whoever runs the step


def test_a_wrong_key_is_told_from_a_wrong_request(server: FakeSpeechServer, sound: Path) -> None:
    with pytest.raises(Misconfigured, match="DAILIES_OPENAI_API_KEY"):
        hear(server, Ask(sound), key="other")


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0), ("0.5", 0.5), ("Mon, 30 Nov 2015 00:00:00 GMT", 0.0), ("soon", None), ("nan", None),
        ("-1", None), ("1e300", None), ("99999999", 86400.0), ("Mon, 30 Nov 2015 00:00:00 +99999999999999999999", None),
    ],
)  # fmt: skip
def test_how_long_to_wait_is_passed_on(server: FakeSpeechServer, sound: Path, said: str, seconds: float | None) -> None:
    server.service.spoil(every, lambda _: refusal_with(429, retry_after=said))
    with pytest.raises(RateLimited) as error:
        hear(server, Ask(sound))
    assert error.value.retry_after == seconds


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"text": 3}', b'{"no": "text"}', b"[" * 100_000, b'{"text": "a"', b"\xff\xfe"]
)
def test_an_answer_that_can_not_be_read_may_be_asked_for_again(
    server: FakeSpeechServer, sound: Path, body: bytes
) -> None:
    server.service.spoil(every, lambda _: Response(200, body))
    with pytest.raises(TransientError) as error:
        hear(server, Ask(sound))
    assert error.value.error_code == "engine_answer"


def test_a_connection_that_breaks_is_no_answer(server: FakeSpeechServer, sound: Path) -> None:
    server.service.spoil(every, lambda made: Response(200, made.body, cut_to=10))
    with pytest.raises(TransientError) as error:
        hear(server, Ask(sound))
    assert error.value.error_code == "engine_unavailable"


def test_nobody_at_the_address_may_pass(sound: Path) -> None:
    made = FakeSpeechServer()
    with serving(made.service):
        pass
    with pytest.raises(TransientError) as error:
        hear(made, Ask(sound))
    assert error.value.error_code == "engine_unavailable"


@pytest.mark.parametrize("url", ["ftp://example.com", "nonsense", "http://", "http://a:b"])
def test_an_address_that_is_none_is_named(sound: Path, url: str) -> None:
    with pytest.raises(Misconfigured, match="DAILIES_OPENAI_BASE_URL"):
        OpenAITranscriber(KEY, base_url=url, usd_per_minute=0.0).transcribe(Ask(sound), StopToken(), lambda _: None)


def test_an_engine_that_thinks_for_ever_is_left(server: FakeSpeechServer, sound: Path) -> None:
    server.wait = threading.Event()
    engine = OpenAITranscriber(KEY, base_url=server.base_url, seconds=0.3, usd_per_minute=0.0)
    try:
        with pytest.raises(TransientError) as error:
            engine.transcribe(Ask(sound), StopToken(), lambda _: None)
    finally:
        server.wait.set()
    assert error.value.error_code == "engine_timeout"


def test_a_cancel_does_not_wait_for_the_answer(server: FakeSpeechServer, sound: Path) -> None:
    server.wait = threading.Event()
    stop = StopToken()
    canceller = threading.Thread(target=lambda: _cancel_once_asked(server, stop))
    canceller.start()
    try:
        with pytest.raises(Cancelled):
            OpenAITranscriber(KEY, base_url=server.base_url, usd_per_minute=0.0).transcribe(
                Ask(sound), stop, lambda _: None
            )
    finally:
        server.wait.set()
        canceller.join()


def _cancel_once_asked(server: FakeSpeechServer, stop: StopToken) -> None:
    paced = threading.Event()
    while not server.asked:
        paced.wait(0.01)
    stop.set("cancelled")


@pytest.mark.parametrize(
    "words",
    [
        [{"word": "a", "start": 9.0, "end": 9.5}],
        [{"word": "a", "start": 1.0, "end": 0.5}],
        [{"word": "a", "start": 2.0, "end": 2.5}, {"word": "b", "start": 1.0, "end": 1.5}],
        [{"word": "a", "start": None, "end": 1.0}],
        [{"word": "a", "start": "NaN", "end": 1.0}],
        [{"word": 3, "start": 0.0, "end": 1.0}],
        ["a"],
        {"a": 1},
    ],
)
def test_times_that_can_not_be_are_not_believed(server: FakeSpeechServer, sound: Path, words: object) -> None:
    server.service.spoil(every, lambda _: as_json({"text": "a", "words": words}))
    heard = hear(server, Ask(sound), "whisper-1")
    assert heard.timing is None
    assert heard.text == "a"


def test_text_is_one_line_whatever_the_server_writes(server: FakeSpeechServer, sound: Path) -> None:
    server.service.spoil(every, lambda _: as_json({"text": " a\x00\x1b[2J\nb\u202e c\ud800 "}))
    assert hear(server, Ask(sound)).text == "a [2J b c"
