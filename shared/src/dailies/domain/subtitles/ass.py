"""Advanced SubStation Alpha: written with escapes that libass knows, with styles and karaoke, and read. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dailies.domain.subtitles.cues import BOTTOM_CENTER, Cue, Line, Span
from dailies.domain.subtitles.style import PLACES, SubtitleStyle, rgba
from dailies.domain.subtitles.tagged_text import joined, tidy_lines

#: Word joiner: after a backslash it makes an order of it that nobody knows, and shows nothing.
APART = "\u2060"
#: The picture that sizes are of: libass scales it to the film.
WIDTH, HEIGHT = 1920, 1080
_STYLE_FIELDS = (
    "Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline,"
    " StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV,"
    " Encoding"
)
_EVENT_FIELDS = "Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text"
_NOT_YET_SAID = "#ffffff80"
_LOOKS = {"i": "italic", "b": "bold", "u": "underline"}
_DIALOGUE = re.compile(r"Dialogue:[ \t]*(.*)")
_CLOCK = re.compile(r"[ \t]*(\d+):(\d{2}):(\d{2})[.:](\d{2})[ \t]*")
# FFmpeg follows an escaped brace with an empty block, for players that know no escapes.
_PART = re.compile(r"\\\{\{\}|\\[{}]|\\\u2060|\\[Nnh]|\{[^}]*\}|[^\\{]+|[\\{]", re.DOTALL)
_IS_ORDER = re.compile(r"\\[A-Za-z0-9]")
_ORDER = re.compile(r"\\(an?|[ibupr])[ \t]*(\d*)(?![A-Za-z])")


def write_ass(cues: Sequence[Cue], style: SubtitleStyle, *, karaoke: bool = False) -> str:
    """The cues as ASS; with ``karaoke`` each timed word lights up when it is said."""
    head = [
        "[Script Info]", "ScriptType: v4.00+", "WrapStyle: 2", "ScaledBorderAndShadow: yes", "YCbCr Matrix: None",
        f"PlayResX: {WIDTH}", f"PlayResY: {HEIGHT}", "", "[V4+ Styles]", f"Format: {_STYLE_FIELDS}", _style(style), "",
        "[Events]", f"Format: {_EVENT_FIELDS}",
    ]  # fmt: skip
    return "\n".join([*head, *(_event(cue, karaoke=karaoke and cue.timed) for cue in cues)]) + "\n"


def escape_ass(text: str) -> str:
    """A line's text in which nothing is an order: backslashes are taken apart, braces are escaped."""
    text = text.replace("\\", f"\\{APART}").replace("{", "\\{").replace("}", "\\}")
    return f"\\h{text[1:]}" if text.startswith(" ") else text


def read_ass(text: str) -> tuple[Cue, ...]:
    """The dialogue of an ASS script; drawings and what can't be read are left out."""
    found = (read_dialogue(line[1]) for line in map(_DIALOGUE.match, text.splitlines()) if line)
    return tuple(cue for cue in found if cue is not None)


def read_dialogue(fields: str, *, comments: bool = True) -> Cue | None:
    """One event, by the fields that FFmpeg and we write. None without text or time.

    Without ``comments`` braces around no order are text: FFmpeg leaves those of other formats as they are.
    """
    parts = fields.split(",", 9)
    if len(parts) < 10:
        return None
    start, end = _centiseconds(parts[1]), _centiseconds(parts[2])
    lines, align = read_text(parts[9], comments=comments)
    if start is None or end is None or end <= start or not lines:
        return None
    return Cue(10 * start, 10 * end, lines, parts[4].strip() or None, align)


def read_text(text: str, *, comments: bool = True) -> tuple[tuple[Line, ...], int]:
    """The lines of an event's text, and its place on the keypad."""
    align = BOTTOM_CENTER
    looks = {"i": False, "b": False, "u": False}
    drawing = False
    lines: list[list[Span]] = [[]]
    for part in _PART.findall(text):
        if part[0] == "{" and len(part) > 1 and (comments or _IS_ORDER.search(part)):
            for order, value in _ORDER.findall(part):
                if order == "r":
                    looks = dict.fromkeys(looks, False)
                elif order in looks:
                    looks[order] = value not in {"", "0"}
                elif order == "p":
                    drawing = value not in {"", "0"}
                elif order == "an" and value in set("123456789"):
                    align = int(value)
        elif part in {"\\N", "\\n"}:
            lines.append([])
        elif not drawing:
            lines[-1].append(Span(_literal(part), italic=looks["i"], bold=looks["b"], underline=looks["u"]))
    return tuple(line for spans in lines for line in tidy_lines(joined(tuple(spans)))), align


def _literal(part: str) -> str:
    if part == "\\h":
        return " "
    return part[1] if part[:2] in {"\\{", "\\}"} else part.replace(APART, "")


def _style(style: SubtitleStyle) -> str:
    boxed = style.background_color is not None
    # Of a box libass takes the outline's colour; secondary is what karaoke has not reached yet.
    back = _color(style.background_color or "#000000")
    size = round(style.font_size * HEIGHT / 100, 1)
    return (
        f"Style: Default,{style.font_family},{size:g},{_color(style.font_color)},{_color(_NOT_YET_SAID)},{back},{back},"
        f"0,0,0,0,100,100,0,0,{3 if boxed else 1},{size / 16:.3g},0,{PLACES[style.positioning]},96,96,54,1"
    )


def _color(color: str) -> str:
    """ASS's colours have their bytes the other way round, and transparency for opacity."""
    red, green, blue, alpha = rgba(color)
    return f"&H{255 - alpha:02X}{blue:02X}{green:02X}{red:02X}"


def _event(cue: Cue, *, karaoke: bool) -> str:
    start = (cue.start_ms + 5) // 10
    end = max((cue.end_ms + 5) // 10, start + 1)
    place = "" if cue.align == BOTTOM_CENTER else f"{{\\an{cue.align}}}"
    text = _sung(cue, start) if karaoke else "\\N".join(map(_line, cue.lines))
    # A comma would end the field.
    name = escape_ass(cue.speaker or "").replace(",", " ")
    return f"Dialogue: 0,{_clock(start)},{_clock(end)},Default,{name},0,0,0,,{place}{text}"


def _line(line: Line) -> str:
    return "".join(_looked(span) for span in joined(line))


def _looked(span: Span) -> str:
    orders = [letter for letter, look in _LOOKS.items() if getattr(span, look)]
    if not orders:
        return escape_ass(span.text)
    return (
        "{" + "".join(f"\\{order}1" for order in orders) + "}" + escape_ass(span.text)
        + "{" + "".join(f"\\{order}0" for order in orders) + "}"
    )  # fmt: skip


def _sung(cue: Cue, start: int) -> str:
    r"""``\k`` counts from the event's start: a word's is what passes from its own start to the next one's."""
    timed = [span for line in cue.lines for span in line if span.start_ms is not None]
    starts = [max(start, (span.start_ms or 0) // 10) for span in timed]
    ends = [*starts[1:], max((timed[-1].end_ms or 0) // 10, starts[-1])]
    lasts = iter(max(0, end - begin) for begin, end in zip(starts, ends, strict=True))
    wait = f"{{\\k{starts[0] - start}}}" if starts[0] > start else ""

    def sung(span: Span) -> str:
        return ("" if span.start_ms is None else f"{{\\k{next(lasts)}}}") + escape_ass(span.text)

    return wait + "\\N".join("".join(map(sung, line)) for line in cue.lines)


def _clock(centiseconds: int) -> str:
    seconds, rest = divmod(centiseconds, 100)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:02d}"


def _centiseconds(text: str) -> int | None:
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hours, minutes, seconds, rest = map(int, found.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 100 + rest
