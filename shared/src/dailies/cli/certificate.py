"""A finished job for people: what was made, how loud it is, and every check."""

from __future__ import annotations

from dailies.domain.result import JobResult, OutputResult


def certificate(result: JobResult) -> str:
    """The text of a QC certificate."""
    lines: list[str] = []
    for name, output in result.outputs.items():
        lines += _output(name, output)
    done = sum(step.status == "done" for step in result.steps)
    cached = len(result.steps) - done
    lines.append(f"job {result.job_id} · {done} steps done, {cached} cached · {result.seconds:.1f} s")
    return "\n".join(lines)


def _output(name: str, output: OutputResult) -> list[str]:
    facts = [_size(output.bytes), _clock(output.duration_seconds)]
    if output.video:
        video = output.video
        facts.append(f"{video.codec} {video.width}×{video.height} {video.frame_rate or '?'} fps")
    if output.audio:
        audio = output.audio
        rate = f" {audio.bitrate_bps / 1000:.0f} kbit/s" if audio.bitrate_bps else ""
        facts.append(f"{audio.codec}{rate} {audio.sample_rate_hz / 1000:g} kHz {_channels(audio.channels)}")
    if output.copied:
        facts.append("copied, not encoded again")
    lines = [f"✔ {output.path or name}", "  " + " · ".join(facts)]
    loudness = output.loudness
    if loudness is not None and loudness.integrated_lufs is not None:
        peak = "" if loudness.true_peak_dbtp is None else f" · {loudness.true_peak_dbtp:+.1f} dBTP"
        spread = "" if loudness.range_lu is None else f" · range {loudness.range_lu:.1f} LU"
        lines.append(f"  {loudness.integrated_lufs:.1f} LUFS{peak}{spread} · {loudness.mode}: {loudness.reason}")
    elif loudness is not None:
        lines.append(f"  loudness {loudness.mode}: {loudness.reason}")
    for check in output.checks:
        mark = "pass" if check.passed else "FAIL"
        lines.append(f"  {mark}  {check.name:<22} {check.measured:<24} expected {check.expected}")
    if output.quality_score is not None:
        lines.append(f"  quality score {output.quality_score}/100")
    return lines


def _channels(count: int) -> str:
    return {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}.get(count, f"{count} channels")


def _size(size: int) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000  # type: ignore[assignment]
    return f"{size:.2f} GB"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02d}:{rest:04.1f}" if hours else f"{minutes}:{rest:04.1f}"
