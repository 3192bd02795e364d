"""What attacks formats is text in HLS's segments, too, and in a transcript's files."""

from __future__ import annotations

import io
import json

import pytest
import webvtt

from dailies.domain.subtitles.vtt import read_vtt
from dailies.domain.transcript.clean_text import clean_text
from dailies.domain.transcript.transcript import Segment, Transcript, Word
from dailies.media.graphs.text.hls_text import divided, write_segment

from .attacks import ATTACKS
from .test_formats import attacked


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_segment_of_a_stream_has_its_subtitles_and_no_others(attack: str) -> None:
    """By our reader and webvtt-py; one header, one map of its times, whatever is said."""
    cues = attacked(ATTACKS[attack])
    segments = divided(cues, 8.0)
    written = write_segment(segments[0], 900_000)
    assert read_vtt(written) == cues
    assert len(webvtt.from_buffer(io.StringIO(written)).captions) == len(cues)
    head, _, rest = written.partition("\n\n")
    assert head == "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000"
    assert not any(line.startswith(("WEBVTT\n", "STYLE\n", "NOTE\n")) for line in rest.split("\n\n"))


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_transcript_is_a_line_for_each_sentence_whatever_is_said(attack: str) -> None:
    """And its JSON is read back as it was, by readers that take no halves of pairs."""
    said = clean_text(ATTACKS[attack])
    assert said.splitlines() in ([], [said])
    assert "\x1b" not in said
    word = Word(text=said or "…", start=1.0, end=2.0)
    segment = Segment(text=word.text, start=1.0, end=2.0, words=(word,))
    transcript = Transcript(language="en", engine="e", model="m", segments=(segment, segment))
    assert transcript.text.splitlines() == [word.text] * 2
    document = transcript.model_dump_json(indent=1).encode()
    assert json.loads(document)["segments"][0]["words"][0]["text"] == word.text
    assert Transcript.model_validate_json(document) == transcript
