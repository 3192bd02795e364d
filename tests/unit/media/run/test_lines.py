"""Output of any size and kind becomes lines in bounded memory."""

from __future__ import annotations

import os

from hypothesis import given, strategies as st

from dailies.media.run.lines import LINE_BYTES, Excerpt, LineReader


@given(st.lists(st.binary(max_size=40), max_size=30))
def test_an_excerpt_is_the_text_or_its_two_ends(pieces: list[bytes]) -> None:
    whole = b"".join(pieces).decode("latin-1").encode("ascii", "replace")
    excerpt = Excerpt(each_end=50)
    for start in range(0, len(whole), 7):
        excerpt.add(whole[start : start + 7])
    text = excerpt.text().encode()
    if b" bytes left out " in text:
        head, _, tail = text.partition("\n… ".encode())
        assert head == whole[:50]
        assert whole.endswith(tail.partition(b"\n")[2])
        assert len(tail) >= 50
    else:
        assert text == whole


def read_all(*chunks: bytes) -> list[str]:
    lines: list[str] = []
    reader = LineReader(lines.append)
    for number, chunk in enumerate(chunks, 1):
        source, sink = os.pipe()
        os.write(sink, chunk)
        assert reader.read(source)
        os.close(sink)
        if number == len(chunks):
            assert not reader.read(source)
        os.close(source)
    return lines


def test_lines_are_put_together_across_reads() -> None:
    assert read_all(b"one\ntw", b"o\r\n\nlast") == ["one", "two", "", "last"]


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert read_all(b"caf\xe9\n") == ["caf\ufffd"]


def test_a_line_without_end_comes_in_pieces() -> None:
    chunk = b"x" * (LINE_BYTES // 2)
    assert [len(line) for line in read_all(chunk, chunk, chunk)] == [LINE_BYTES, LINE_BYTES // 2]


def test_a_muted_reader_reads_on_in_silence() -> None:
    lines: list[str] = []
    reader = LineReader(lines.append)
    reader.mute()
    source, sink = os.pipe()
    os.write(sink, b"text\n")
    assert reader.read(source)
    os.close(sink)
    os.close(source)
    assert lines == []
