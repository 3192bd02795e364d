"""From what FFmpeg said to what a user can be told. Pure.

Only lines that FFmpeg marks as errors are looked at (``-v level+…``): a title in the file's metadata can't
pretend to be one. The order matters: the first cause that matches any line is the answer; what only our arguments
can have spoiled comes before what is said of damage in general.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dailies.domain.errors import Misconfigured, PermanentError, SourceRefused
from dailies.media.run.audible import NOT_NUMBERS

_ERROR = re.compile(r"^(?:\[[^\]\n]*\] )*\[(?:error|fatal|panic)\] (?P<text>.*)$")
#: FFmpeg 5.1 has no decode error count in its closing lines.
_DECODE_ERROR = re.compile(r"^Error while decoding stream #(\d+):(\d+)")
#: Shown to a developer in ``details``, not to a user.
_SHOWN_LINES = 12


@dataclass(frozen=True, slots=True)
class Cause:
    pattern: str
    """Whatever the case of its letters. Compiled by the first run that fails: most processes see none."""

    code: str
    message: str


def _cause(pattern: str, code: str, message: str) -> Cause:
    return Cause(pattern, code, message)


#: FFmpeg's readers of files that name other files.
_LISTS = "concat|concatf|hls|applehttp|dash|webm_dash_manifest|sdp|rtsp|imf|image2|tedcaptions|lavfi|vapoursynth"
_NOT_ALLOWED = r" @ [^\]]*\] (?:\[error\] )?format not on whitelist"

CAUSES = (
    _cause(
        rf"^\[\w+_pipe{_NOT_ALLOWED}", "still_image", "This is a still image; only audio and video can be processed."
    ),
    _cause(
        rf"^\[(?!(?:{_LISTS})[ ,])[\w,]+{_NOT_ALLOWED}",
        "not_media",
        "Files of this kind, or streams without a container, aren't accepted: put it into MP4, Matroska or WAV first.",
    ),
    _cause(
        r"not on (the )?whitelist",
        "not_media",
        "This kind of file isn't accepted: send the audio or video itself, not a list or playlist that points to it.",
    ),
    _cause(
        r"max pixel count|picture size [1-9]\d*x[1-9]\d* is invalid",
        "too_many_pixels",
        "The picture is larger than is allowed; export the video at 8K or less and try again.",
    ),
    _cause(
        r"encrypt|decrypt|\bDRM\b",
        "encrypted",
        "The media is encrypted (DRM); only files without copy protection can be processed.",
    ),
    _cause(
        r"moov atom not found|partial file|ended prematurely|truncated|end of file$",
        "source_truncated",
        "The file is incomplete: the recording or the upload was cut off; export or upload it again.",
    ),
    _cause(
        # A broken header in mid-stream suddenly speaks of 33 channels, and no filter can follow.
        r"rematrix is needed between",
        "decode_failed",
        "The media is damaged: its audio changes to channels that can't be; export or upload it again.",
    ),
    _cause(
        r"input contains \(near\) nan",
        "decode_failed",
        NOT_NUMBERS,
    ),
    _cause(
        r"decoder .*not found|no decoder found|unknown decoder|not implemented|patches? welcome",
        "unsupported_codec",
        "The media uses a codec that can't be decoded here; convert it to H.264 and AAC first.",
    ),
    _cause(
        r"matches no streams|does not contain any stream|no such stream",
        "stream_missing",
        "The source lacks the track that was asked for.",
    ),
)
_NOT_MEDIA = _cause(
    r"error opening input|^file:\S+: (invalid data|invalid argument|end of file|unknown error|operation not perm)",
    "not_media",
    "The file isn't audio or video that can be read; it is damaged or of another kind.",
)
#: What decoders complain of is endless; a run that our arguments didn't spoil was spoiled by the media.
_DAMAGED = _cause(
    r".", "decode_failed", "The media is damaged: parts of it can't be decoded; export or upload it again."
)
#: Our fault or the encoder's.
_OURS = re.compile(
    r"no such filter|error (?:re)?initializing|error parsing|unrecognized option|unknown encoder|option .*not found"
    r"|error applying option|opening encoder|error setting option|unable to (?:choose|find a suitable) output"
    r"|invalid stream specifier|unable to parse|missing argument|failed to set value|could not write header"
    r"|error (?:encoding|muxing|writing)|to the encoder|av_interleaved_write_frame|error selecting an encoder",
    re.IGNORECASE,
)


class Complaints:
    """Collects FFmpeg's error lines, the first and last few, and per-stream decode errors."""

    def __init__(self) -> None:
        self.first: list[str] = []
        self.last: list[str] = []
        self.decode_errors: dict[tuple[int, int], int] = {}

    def add(self, line: str) -> None:
        """Take a line of stderr; those that aren't errors are ignored."""
        found = _ERROR.match(line)
        if found is None:
            return
        text = found["text"].strip()
        decoding = _DECODE_ERROR.match(text)
        if decoding is not None:
            key = (int(decoding[1]), int(decoding[2]))
            self.decode_errors[key] = self.decode_errors.get(key, 0) + 1
        if len(self.first) < _SHOWN_LINES:
            self.first.append(text)
        else:
            self.last = [*self.last[-(_SHOWN_LINES - 1) :], text]

    @property
    def lines(self) -> list[str]:
        return self.first + self.last


def cause(complaints: Sequence[str], **details: object) -> SourceRefused | None:
    """The refusal that libav's error lines stand for; None when they say nothing, or that the mistake is ours."""
    for known in (*CAUSES, None, _NOT_MEDIA, _DAMAGED):
        if known is None:
            if any(_OURS.search(line) for line in complaints):
                return None
        elif any(re.search(known.pattern, line, re.IGNORECASE) for line in complaints):
            return SourceRefused(known.message, code=known.code, complaints=list(complaints), **details)
    return None


def failure(returncode: int, complaints: Sequence[str], stderr: str) -> PermanentError:
    """The error for a run that exited with ``returncode`` (−N or 128+N after signal N)."""
    details: dict[str, object] = {"returncode": returncode, "complaints": list(complaints)}
    if "error while loading shared libraries" in stderr or returncode in (126, 127):
        return Misconfigured(
            "FFmpeg can't be started here; point DAILIES_FFMPEG to a static build or set DAILIES_SANDBOX=off.",
            stderr=stderr[-2000:],
        )
    if returncode < 0 or 128 < returncode < 160:
        number = -returncode if returncode < 0 else returncode - 128
        return PermanentError(
            "FFmpeg crashed on this media; it can't be processed.", code="ffmpeg_crashed", signal=number, **details
        )
    return cause(complaints, returncode=returncode) or PermanentError(
        "FFmpeg failed for a reason that isn't the media's; the details have its messages.",
        code="ffmpeg_failed",
        stderr=stderr[-4000:],
        **details,
    )
