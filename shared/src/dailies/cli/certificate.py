"""A finished job for people: what was made, how loud it is, and every check."""

from __future__ import annotations

from collections.abc import Mapping

from dailies.domain.job.result import (
    AudioFacts,
    Check,
    JobResult,
    LeftOut,
    LoudnessFacts,
    MetadataFacts,
    OutputResult,
    PictureFacts,
    SamplingFacts,
    SegmentFacts,
    StepResult,
    VideoFacts,
)

_CHANNELS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}


def certificate(result: JobResult) -> str:
    """The text of a QC certificate."""
    lines: list[str] = []
    for name, output in result.outputs.items():
        lines += [*_output(name, output), ""]
    if result.left_out:
        lines += [*left_out_lines(result.left_out), ""]
    if result.checks:
        lines += [*_checks(result.checks), ""]
    if retried := [line for step in result.steps if step.attempts > 1 for line in _attempts(step)]:
        lines += [*retried, ""]
    ran = sum(step.status == "done" for step in result.steps)
    cached = len(result.steps) - ran
    steps = f"{counted(ran, 'step')} run, {cached} cached" if ran else f"all {counted(cached, 'step')} cached"
    lines.append(f"job {result.job_id} · {steps} · {seconds_text(result.seconds)}")
    return "\n".join(lines)


def brief(result: JobResult) -> str:
    """A line for each output, as short as a terminal, and one for each check that it did not pass."""
    lines: list[str] = []
    for name, output in result.outputs.items():
        facts = [_head(name, output), size_text(output.bytes), clock_text(output.duration_seconds)]
        if video := output.facts.block("video", VideoFacts):
            facts.append(f"{video.width}×{video.height}")
        if loudness := output.facts.block("loudness", LoudnessFacts):
            facts += _figures(loudness)[:2]
        lines.append(" · ".join(facts))
        lines += _checks(tuple(check for check in output.checks if not check.passed))
    return "\n".join([*lines, *left_out_lines(result.left_out)])


def _head(name: str, output: OutputResult) -> str:
    """A check that failed and held nothing back is seen at once."""
    return f"{'✔' if all(check.passed for check in output.checks) else '!'} {output.path or name}"


def _attempts(step: StepResult) -> list[str]:
    """What it took to make the step: nobody has to look for it in a log."""
    reasons = [f"    {each.code}: {each.message}" for each in step.failed_attempts]
    return [f"! {step.name} took {counted(step.attempts, 'attempt')}", *reasons]


def left_out_lines(left_out: Mapping[str, LeftOut]) -> list[str]:
    """A line for each optional output that is not made, with the reason."""
    return [f"✘ {name} is left out: {reason.message}" for name, reason in left_out.items()]


def _output(name: str, output: OutputResult) -> list[str]:
    said = output.facts
    facts = [size_text(output.bytes)]
    if picture := said.block("picture", PictureFacts):
        facts.append(f"{picture.format} {picture.width}×{picture.height} at {clock_text(picture.at_seconds)}")
    else:
        facts.append(clock_text(output.duration_seconds))
    if video := said.block("video", VideoFacts):
        rate = f" {_frame_rate(video.frame_rate)} fps" if video.frame_rate else ""
        facts.append(f"{video.codec} {video.width}×{video.height}{rate}")
    if audio := said.block("audio", AudioFacts):
        rate = f" {audio.bitrate_bps / 1000:.0f} kbit/s" if audio.bitrate_bps else ""
        facts.append(f"{audio.codec}{rate} {audio.sample_rate_hz / 1000:g} kHz {channels_text(audio.channels)}")
    if getattr(said, "copied", False):
        facts.append("copied, not encoded again")
    lines = [_head(name, output), "  " + " · ".join(facts)]
    if taken := said.block("sampling", SamplingFacts):
        lines.append(
            f"  {taken.frames} of {taken.source_frames} frames, {taken.decoded_frames} decoded ({taken.decode}):"
            f" {taken.reason}"
        )
    lines += [_segment(number, segment) for number, segment in enumerate(said.blocks("segments", SegmentFacts), 1)]
    if loudness := said.block("loudness", LoudnessFacts):
        lines.append("  " + _loudness(loudness))
    if kept := said.block("metadata", MetadataFacts):
        lines += _metadata(kept)
    score = getattr(said, "quality_score", None)
    if score is not None:
        lines.append(f"  quality {score}/100")
    return lines + _checks(output.checks)


def _metadata(kept: MetadataFacts) -> list[str]:
    facts = [", ".join(kept.tags)] if kept.tags else []
    facts += [counted(kept.chapters, "chapter")] if kept.chapters else []
    facts += ["cover"] if kept.cover else []
    lost = [f"  not kept · {'; '.join(kept.left_out)}"] if kept.left_out else []
    return [f"  tags · {' · '.join(facts) or 'none kept'}", *lost]


def _segment(number: int, segment: SegmentFacts) -> str:
    facts = [f"{clock_text(segment.source_start)}–{clock_text(segment.source_end)} of the source"]
    if segment.score is not None:
        facts.append(f"score {segment.score:.2f}")
    facts += [f"{term.name} {term.points:.0f}: {term.measured}" for term in segment.terms]
    if segment.integrated_lufs is not None:
        facts.append(f"{segment.integrated_lufs:.1f} LUFS ({segment.gain_db:+.1f} dB)")
    return f"  {number}. " + " · ".join(facts)


def _figures(loudness: LoudnessFacts) -> list[str]:
    return [
        f"{value:{form}} {unit}"
        for value, form, unit in (
            (loudness.integrated_lufs, ".1f", "LUFS"),
            (loudness.true_peak_dbtp, "+.1f", "dBTP"),
            (loudness.range_lu, ".1f", "LU range"),
        )
        if value is not None
    ]


def _loudness(loudness: LoudnessFacts) -> str:
    return " · ".join([*(_figures(loudness) or ["loudness"]), _what_was_done(loudness)])


def _what_was_done(loudness: LoudnessFacts) -> str:
    """To the sound, for an ear; the document has the reason in the terms of the trade."""
    if loudness.mode == "unchanged":
        return f"not changed: {loudness.reason}"
    gain = round(loudness.gain_db, 1)
    turned = f"turned {'up' if gain > 0 else 'down'} {abs(gain):.1f} dB" if gain else "as loud as it was"
    return f"{turned}, its highest peaks held back" if loudness.mode == "limited" else turned


def _checks(checks: tuple[Check, ...]) -> list[str]:
    name = max((len(check.name) for check in checks), default=0)
    measured = max((len(check.measured) for check in checks), default=0)
    return [
        f"    {_verdict(check)}  {check.name:<{name}}  {check.measured:<{measured}}  expected {check.expected}"
        for check in checks
    ]


def _verdict(check: Check) -> str:
    return "pass" if check.passed else "note" if check.advisory else "FAIL"


def channels_text(count: int) -> str:
    return _CHANNELS.get(count, f"{count} channels")


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def size_text(size: float) -> str:
    for unit, digits in (("B", 0), ("kB", 1), ("MB", 1)):
        if size < 1000:
            return f"{size:.{digits}f} {unit}"
        size /= 1000
    return f"{size:.2f} GB"


def clock_text(seconds: float) -> str:
    """``0:42.5``, ``1:02:03.4``; rounded first, so that nothing reads 0:60.0."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    lead = f"{hours}:{minutes:02d}" if hours else str(minutes)
    return f"{lead}:{rest / 10:04.1f}"


def seconds_text(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 120 else clock_text(seconds)


def _frame_rate(fraction: str) -> str:
    over, _, under = fraction.partition("/")
    return f"{int(over) / int(under or 1):.5g}" if over.isdecimal() and (under or "1").strip("0") else fraction
