"""SubRip, WebVTT and ASS: what is written is read back by us and by others, whatever the text is."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from itertools import pairwise

import pysubs2
import pytest
import webvtt
from hypothesis import given, strategies as st

from dailies.domain.subtitles.ass import read_ass, write_ass
from dailies.domain.subtitles.cues import Cue, Span, cue, from_json, to_json
from dailies.domain.subtitles.plain_text import plain_lines
from dailies.domain.subtitles.rules import SubtitleRules
from dailies.domain.subtitles.srt import read_srt, write_srt
from dailies.domain.subtitles.style import SubtitleStyle
from dailies.domain.subtitles.subtitling import subtitle
from dailies.domain.subtitles.vtt import read_vtt, write_vtt
from dailies.domain.transcript.transcript import Word

from .attacks import ATTACKS
from .spoken import spoken

STYLE = SubtitleStyle()
FORMATS: dict[str, tuple[Callable[[tuple[Cue, ...]], str], Callable[[str], tuple[Cue, ...]]]] = {
    "srt": (write_srt, read_srt),
    "vtt": (lambda cues: write_vtt(cues, STYLE), read_vtt),
    "ass": (lambda cues: write_ass(cues, STYLE), read_ass),
}
LOOKS = Cue(
    1000,
    2500,
    (
        (
            Span("plain "),
            Span("italic", italic=True),
            Span(" and ", italic=True, bold=True),
            Span("under", underline=True),
        ),
        (Span("second line"),),
    ),
    align=8,
)  # fmt: skip


def attacked(text: str) -> tuple[Cue, ...]:
    """The attack as lines of one cue between two others."""
    lines = tuple((Span(line),) for line in plain_lines(text))
    middle = (Cue(3000, 4000, lines),) if lines else ()
    return (cue(1000, 2000, "before"), *middle, cue(5000, 6000, "after"))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_is_anything_but_text(form: str, attack: str) -> None:
    """Not a cue, a tag, an order or a comment: as many cues come back, with the same words."""
    cues = attacked(ATTACKS[attack])
    write, read = FORMATS[form]
    written = write(cues)
    assert read(written) == cues
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", written)


@pytest.mark.parametrize("attack", ATTACKS)
def test_others_read_as_many_subtitles(attack: str) -> None:
    """pysubs2 and webvtt-py, which know nothing of us."""
    cues = attacked(ATTACKS[attack])
    times = [(each.start_ms, each.end_ms) for each in cues]
    for form in ("srt", "ass"):
        found = pysubs2.SSAFile.from_string(FORMATS[form][0](cues), form)
        assert [(event.start, event.end, event.type) for event in found] == [(*each, "Dialogue") for each in times]
        assert not any(event.is_drawing for event in found)
    captions = webvtt.from_buffer(io.StringIO(FORMATS["vtt"][0](cues))).captions
    assert [(caption.start, caption.end) for caption in captions] == [
        (f"00:00:0{start // 1000}.000", f"00:00:0{end // 1000}.000") for start, end in times
    ]
    # It takes known tags off, none of which is ours, and decodes no references.
    said = [html.unescape(caption.text).replace("\n", " ") for caption in captions]
    assert said == [" ".join(each.texts) for each in cues]


@pytest.mark.parametrize("form", FORMATS)
def test_looks_and_the_place_are_kept(form: str) -> None:
    write, read = FORMATS[form]
    [back] = read(write((LOOKS,)))
    assert (back.start_ms, back.end_ms, back.text, back.align) == (1000, 2500, LOOKS.text, 8)
    kept = [(span.text.strip(), span.italic, span.bold, span.underline) for span in back.lines[0]]
    assert kept == [
        ("plain", False, False, False), ("italic", True, False, False), ("and", True, True, False),
        ("under", False, False, True),
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["vtt", "ass"])
def test_a_speaker_is_named_in_the_format_s_own_way(form: str) -> None:
    write, read = FORMATS[form]
    named = Cue(0, 1000, ((Span("Hello."),),), speaker="Ann <b> & {x}")
    [back] = read(write((named,)))
    assert back.speaker is not None
    assert back.speaker.replace("\u2060", "").replace("\\", "") == "Ann <b> & {x}"
    assert back.text == "Hello."


def test_vtt_has_its_style_and_places() -> None:
    style = SubtitleStyle(font_family="DejaVu Sans", font_size=4, font_color="#ffff00", positioning="top")
    written = write_vtt((cue(0, 1000, "x"),), style)
    assert 'color: rgba(255, 255, 0, 1);\n  font-family: "DejaVu Sans";\n  font-size: 4vh;' in written
    assert "00:00:00.000 --> 00:00:01.000 line:0\nx" in written


def test_ass_has_its_style() -> None:
    """Colours are blue first and transparent, not red first and opaque; a background is a box."""
    style = SubtitleStyle(font_color="#11223344", background_color="#aabbcc80", positioning="bottom-left")
    [line] = [line for line in write_ass((), style).splitlines() if line.startswith("Style:")]
    fields = line.split(",")
    assert fields[3] == "&HBB332211"
    assert fields[5] == fields[6] == "&H7FCCBBAA"
    assert fields[15] == "3"
    assert fields[18] == "1"


def test_karaoke_s_words_light_up_when_they_are_said() -> None:
    """Sums of hundredths end where the words do: nothing drifts."""
    words = spoken("Row, row, row your boat, gently down the stream.", at=2.5)
    cues = subtitle(words, "en", SubtitleRules())
    events = pysubs2.SSAFile.from_string(write_ass(cues, STYLE, karaoke=True), "ass")
    assert [event.plaintext.replace("\\N", "\n") for event in events] == [each.text for each in cues]
    starts = []
    for event in events:
        at = event.start
        for lasts in re.findall(r"\\k(\d+)", event.text):
            starts.append(at)
            at += 10 * int(lasts)
        assert at <= event.end + 10
    said = [round(word.start * 1000) for word in words]
    assert len(starts) == len(said)
    assert all(abs(one - other) <= 10 for one, other in zip(starts, said, strict=True))


texts = st.text(min_size=1, max_size=60) | st.sampled_from(sorted(ATTACKS.values()))


@given(st.lists(st.tuples(st.integers(1, 90_000), st.integers(10, 9_000), texts), max_size=8))
def test_any_cues_come_back(drawn: list[tuple[int, int, str]]) -> None:
    """To the millisecond, in ASS to the hundredth of a second."""
    cues: list[Cue] = []
    at = 0
    for gap, lasts, text in drawn:
        lines = tuple((Span(line),) for line in plain_lines(text))
        if lines:
            cues.append(Cue(at + gap, at + gap + lasts, lines))
            at += gap + lasts
    for form, (write, read) in FORMATS.items():
        back = read(write(tuple(cues)))
        assert [each.lines for each in back] == [each.lines for each in cues]
        most = 10 if form == "ass" else 0
        for one, other in zip(back, cues, strict=True):
            assert abs(one.start_ms - other.start_ms) <= most
            assert abs(one.end_ms - other.end_ms) <= most
    assert from_json(to_json(cues)) == tuple(cues)


@given(st.text(max_size=400), st.sampled_from(sorted(FORMATS)))
def test_readers_read_or_refuse_anything(text: str, form: str) -> None:
    read = FORMATS[form][1]
    try:
        cues = read(text)
    except ValueError:
        assert form == "vtt"
        return
    assert all(each.start_ms < each.end_ms and each.lines for each in cues)


def test_what_others_write_is_read() -> None:
    """Windows' line ends, a byte order mark, no numbers, positions, a cue's name, comments and regions."""
    srt = "\ufeff1\r\n00:00:01,5 --> 00:00:02,000 X1:0\r\n<I>a</I>\r\n\r\nb\r\n\r\n2\r\n0:0:3.000-->0:0:4.000\r\n12\r\n"
    first = Cue(1500, 2000, ((Span("a", italic=True),), (Span("b"),)))
    assert read_srt(srt) == (first, cue(3000, 4000, "12"))
    vtt = (
        "WEBVTT - x\nKind: captions\n\nNOTE\nno --- cue\n\n"
        "intro\n00:01.000 --> 00:02.000 line:10% align:start\n<c.red>a</c> &amp; <b>b\n"
    )
    [found] = read_vtt(vtt)
    assert (found.text, found.align, found.start_ms) == ("a & b", 7, 1000)
    assert found.lines[0][-1].bold
    ass = "Dialogue: 0,0:00:01.00,0:00:02.00,Default,Bob,0,0,0,,{\\an5\\i1}a{\\r}\\Nb{\\p1}m 0 0{\\p0} {note}c\\hd"
    [event] = read_ass(ass)
    assert (event.texts, event.align, event.speaker) == (("a", "b c d"), 5, "Bob")
    assert event.lines[0] == (Span("a", italic=True),)


def test_words_of_a_transcript_and_their_files_agree() -> None:
    """Nothing that was heard is lost on its way into a file."""
    words = [Word(text=text, start=n, end=n + 0.9) for n, text in enumerate(ATTACKS.values())]
    cues = subtitle(words, "en", SubtitleRules())
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(cues))
    for write, read in FORMATS.values():
        assert [each.texts for each in read(write(cues))] == [each.texts for each in cues]
