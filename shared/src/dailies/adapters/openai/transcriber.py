"""OpenAI's transcription API, and every server that speaks it, by its base URL."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace

from dailies.adapters.openai.answers import read_answer
from dailies.adapters.openai.errors import refused, refused_form
from dailies.adapters.openai.http_post import Reply, post
from dailies.adapters.openai.models import DEFAULT_MODEL, SpeechModel, speech_model
from dailies.adapters.openai.multipart import Form
from dailies.adapters.speech_audio import checked_seconds
from dailies.domain.errors import Misconfigured
from dailies.domain.stop import StopToken
from dailies.domain.transcript.clean_text import clean_text
from dailies.ports.transcriber import MOST_VOICES, Ask, Capabilities, Heard

ENGINE = "openai"
DEFAULT_BASE_URL = "https://api.openai.com/v1"
#: OpenAI's and Groq's limit is 25 MB, of what size they don't say; our files' headers and fields come on top.
_MAX_BYTES = 24_000_000
#: An answer takes a few seconds at OpenAI; a server on a slow machine may need as long as the sound lasts.
_LEAST_SECONDS = 120.0
_MOST_HINT = 1000
_MOST_TERMS = 100


class OpenAITranscriber:
    """Asks once: whoever called it decides by the error whether to ask again."""

    def __init__(
        self, key: str | None, *, base_url: str = DEFAULT_BASE_URL, model: str = DEFAULT_MODEL,
        seconds: float | None = None, usd_per_minute: float | None = None,
    ) -> None:  # fmt: skip
        """``key``: None for a server that wants none. ``seconds``: for an answer; None: by the sound's length.

        ``usd_per_minute``: None: what OpenAI asks for the model, where it is OpenAI that is asked.
        """
        self._key = key
        self._base_url = base_url.rstrip("/")
        self._name = model
        self._seconds = seconds
        self._usd_per_minute = usd_per_minute
        self._model = speech_model(model)
        """What is known of it, corrected by what it refuses."""

    def capabilities(self) -> Capabilities:
        model = speech_model(self._name)
        return Capabilities(
            engine=ENGINE,
            model=self._name,
            version=f"{self._base_url} {self._name}",
            languages=None,
            word_times=model.form == "verbose_json",
            diarisation=model.speakers,
            translation=model.translates,
            hints=model.prompt,
            remote=True,
            window_seconds=model.max_seconds,
            max_seconds=model.max_seconds,
            max_bytes=_MAX_BYTES,
            usd_per_minute=self._price(model),
        )

    def _price(self, model: SpeechModel) -> float:
        """Dollars a minute. Raises Misconfigured ``no_engine_price``: what nobody knows is not free."""
        if self._usd_per_minute is not None:
            return self._usd_per_minute
        # Others ask their own prices, also for models by OpenAI's names.
        if model.usd_per_minute is None or self._base_url != DEFAULT_BASE_URL:
            where = "OpenAI" if self._base_url == DEFAULT_BASE_URL else "the server of DAILIES_OPENAI_BASE_URL"
            raise Misconfigured(
                f"What {where} charges for {self._name} is not known here: set DAILIES_OPENAI_USD_PER_MINUTE, "
                "to 0 where it is free.",
                code="no_engine_price",
            )
        return model.usd_per_minute

    def transcribe(self, ask: Ask, stop: StopToken, progress: Callable[[float], None]) -> Heard:
        can = self.capabilities()
        seconds = checked_seconds(ask, can)
        stop.check()
        reply = self._answer(ask, seconds, stop)
        progress(1.0)
        heard = read_answer(reply.body, seconds, ask.language, round(seconds / 60 * can.usd_per_minute, 6))
        # A translation's is said to be English, whatever was spoken.
        return replace(heard, language=ask.language) if ask.translate else heard

    def _answer(self, ask: Ask, seconds: float, stop: StopToken) -> Reply:
        model = self._model
        if model.form == "diarized_json" and not ask.speakers:
            model = replace(model, form="json")
        reply = self._post(model, ask, seconds, stop)
        if reply.status != 200 and model.form == "verbose_json" and refused_form(reply):
            # It knows no such form: text is what every one of them has.
            plain: SpeechModel = replace(model, form="json")
            reply = self._post(plain, ask, seconds, stop)
            if reply.status == 200:
                self._model = plain
        if reply.status != 200:
            raise refused(reply, self._name, translating=ask.translate)
        return reply

    def _post(self, model: SpeechModel, ask: Ask, seconds: float, stop: StopToken) -> Reply:
        path = "translations" if ask.translate else "transcriptions"
        headers = {"Accept": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        return post(
            f"{self._base_url}/audio/{path}",
            Form(list(form_fields(self._name, model, ask)), ask.audio),
            headers,
            seconds=self._seconds or max(_LEAST_SECONDS, 2 * seconds),
            stop=stop,
        )


def form_fields(name: str, model: SpeechModel, ask: Ask) -> Iterator[tuple[str, str]]:
    """The request's fields beside the file. A user's hints are data on one line, without what some servers refuse."""
    yield "model", name
    yield "response_format", model.form
    # Translations come with segments alone.
    if model.form == "verbose_json" and not ask.translate:
        yield "timestamp_granularities[]", "word"
        yield "timestamp_granularities[]", "segment"
    # Without it more than 30 s are refused.
    if model.speakers:
        yield "chunking_strategy", "auto"
    for called, sound in ask.voices[:MOST_VOICES] if model.speakers and ask.speakers else ():
        yield "known_speaker_names[]", called
        yield "known_speaker_references[]", f"data:audio/wav;base64,{b64encode(sound.read_bytes()).decode()}"
    if ask.language is not None and not ask.translate:
        yield ("languages[]" if model.named_hints else "language"), ask.language
    terms = [term for term in map(_hint, ask.vocabulary[:_MOST_TERMS]) if term]
    prompt = _hint(ask.prompt)
    if model.named_hints:
        for term in terms:
            yield "keywords[]", term
    elif terms:
        prompt = f"{prompt} {', '.join(terms)}".strip()
    if prompt and model.prompt:
        yield "prompt", prompt[-_MOST_HINT:]


def _hint(text: str) -> str:
    return clean_text(re.sub("[<>]", " ", text))
