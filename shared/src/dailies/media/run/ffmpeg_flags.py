"""The flags that every FFmpeg run carries, and the limits behind them. Pure.

FFmpeg 5.1 and 9 accept all of them. What each one stops was tried (DESIGN 6, tests/integration/media/test_attacks.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

#: The name under which the untrusted file is handed to FFmpeg. ``file:`` keeps a name from being read as a
#: protocol, and the name is ours: no user's string reaches an argument list.
SOURCE_NAME = "source"
SOURCE = f"file:{SOURCE_NAME}"

#: Read ahead of a decoder, from where equal inputs are told apart; any number gives the same frames.
_QUEUED_PACKETS = 64

#: Demuxers that read one file and nothing else. Left out on purpose are all that open what a text names (concat,
#: dash, hls, sdp, imf, image sequences, tedcaptions …): a .mp4 holding ``ffconcat`` made FFmpeg read another local
#: file and exit 0. Of a demuxer with several names one is enough, all are listed to be read easily.
DEMUXERS = (
    *("mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "mpegts", "mpeg", "avi", "flv", "asf"),
    *("wav", "w64", "mp3", "flac", "ogg", "aac", "aiff", "amr", "caf", "ac3", "eac3", "dts", "wv", "gif", "nut"),
    *("mxf", "dv", "au", "tta"),
)


@dataclass(frozen=True, slots=True)
class Policy:
    """What sources may ask of us. Units are in the names."""

    #: 36 megapixels: 8K UHD is 33.2. A 16000² PNG in MOV (0.8 MB) took 890 MB and 11 s to decode without it.
    max_pixels: int = 36_000_000
    #: One allocation: no frame within max_pixels needs more, and a lying box size gets no gigabytes.
    max_alloc_bytes: int = 512 * 2**20
    #: Read to find streams: 20 MB holds the first seconds of a high-rate transport stream (FFmpeg's own 5 MB misses
    #: tracks that start late), and stops a search through the whole of a file that isn't media.
    probesize_bytes: int = 20_000_000
    #: The same in time: 10 s.
    analyzeduration_seconds: float = 10.0
    #: Streams of any kind. A camera or a disc has up to about 20; each costs a decoder.
    max_streams: int = 32
    #: A day: jobs are failed at 48 h in any case, and a header may say a thousand years.
    max_duration_seconds: float = 86_400.0
    #: Of each decoder that the run itself gives no number; None: FFmpeg decides. Any number gives the same frames.
    decoder_threads: int | None = None


DEFAULT_POLICY = Policy()


def global_flags(policy: Policy = DEFAULT_POLICY, *, tolerate_errors: bool = False) -> list[str]:
    """What comes directly after the program's name. ``tolerate_errors``: a partial decode is asked for."""
    flags = ["-nostdin"]  # never wait for a keyboard
    flags += ["-hide_banner", "-nostats"]  # stderr is for messages; progress has its own pipe
    flags += ["-v", "repeat+level+verbose"]  # level: errors are told from a file's metadata; verbose: decoded totals
    flags += ["-y"]  # outputs go to scratch: what an earlier attempt left there is replaced
    flags += ["-max_alloc", str(policy.max_alloc_bytes)]
    if not tolerate_errors:
        flags += ["-xerror"]  # 400 flipped bytes exit 0 without it
    return flags


def input_flags(
    policy: Policy = DEFAULT_POLICY, *, demuxers: Sequence[str] = DEMUXERS, crops: bool = False
) -> list[str]:
    """What comes before every ``-i``. Other ``demuxers`` only for files that we wrote (a concat list).

    ``crops``: this FFmpeg would crop what the container says, which the filters do for those that don't.
    """
    flags = ["-protocol_whitelist", "file,pipe"]  # no network, no data:, no subfile or concat: protocol
    flags += ["-format_whitelist", ",".join(demuxers)]  # the one that stopped every text playlist
    flags += ["-probesize", str(policy.probesize_bytes)]
    flags += ["-analyzeduration", str(round(policy.analyzeduration_seconds * 1e6))]  # µs
    flags += ["-max_streams", str(policy.max_streams)]  # FFmpeg 9 only warns: the probe counts and refuses
    flags += ["-max_pixels", str(policy.max_pixels)]
    # A decoder's cropping to the pixel: 5.1 keeps up to 31 columns on the left, so that rows begin where it likes.
    flags += ["-flags:v", "+unaligned"]
    if crops:
        flags += ["-apply_cropping", "codec"]
    return flags


def told_apart(earlier: int) -> dict[str, int]:
    """An option for an input that has ``earlier`` equals in front of it in a graph; none for the first.

    ffmpeg-python takes equal inputs for one, and refuses a stream that is read twice. The length of the queue of
    packets is what an input can differ in and give the same frames.
    """
    return {"thread_queue_size": _QUEUED_PACKETS + earlier} if earlier else {}


def guarded(
    args: Sequence[str],
    policy: Policy = DEFAULT_POLICY,
    *,
    names: Collection[str] | None = None,
    crops: bool = False,
) -> list[str]:
    """``args`` with ``input_flags`` before each ``-i``, and the decoders' threads; those that are there already stay.

    Raises ValueError (a bug of ours) for an input that isn't ``file:NAME`` with NAME in ``names`` (None: any
    plain name), unless it is a ``-f lavfi`` source, which opens nothing.
    """
    result: list[str] = []
    group_start = 0
    for position, word in enumerate(args):
        if word == "-i":
            group = args[group_start:position]
            group_start = position + 2
            if not _is_lavfi(group):
                _check_name(args[position + 1], names)
                if "-format_whitelist" not in group:
                    result += input_flags(policy, crops=crops)
                if policy.decoder_threads is not None and "-threads" not in group:
                    result += ["-threads", str(policy.decoder_threads)]
        result.append(word)
    return result


def _is_lavfi(group: Sequence[str]) -> bool:
    return any(pair == ("-f", "lavfi") for pair in pairwise(group))


def _check_name(value: str, names: Collection[str] | None) -> None:
    name = value.removeprefix("file:")
    if name == value or "/" in name or "%" in name or (names is not None and name not in names):
        raise ValueError(f"the input {value!r} is none of this run's files")
