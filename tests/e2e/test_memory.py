"""What a long source costs: FFmpeg's memory is its own business, ours must not grow with the length."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from tests.e2e.command import Dailies, wait_until
from tests.made import ffmpeg

_LIMIT_BYTES = 150_000_000


def peaks(dailies: Dailies) -> dict[str, int]:
    """The largest resident set so far of each of our Python processes that lives, by its role."""
    found = {}
    for pid, command in dailies.processes().items():
        role = next((role for role in ("dailies.worker", "-m dailies convert") if role in command), None)
        # The launcher of a child is ours for a moment, before it becomes FFmpeg: only what runs Python counts.
        if role is not None and "bwrap" not in command:
            with suppress(OSError):
                high = re.search(r"VmHWM:\s+(\d+) kB", (Path("/proc") / str(pid) / "status").read_text())
                if high is not None:
                    found[role] = int(high[1]) * 1024
    return found


def test_an_hour_takes_no_more_memory_than_a_minute(dailies: Dailies, tmp_path: Path) -> None:
    """Command and worker stay under 150 MB each for an hour's source that is measured, limited and encoded."""
    source = tmp_path / "long.mka"
    # Ten seconds of bursts, repeated: made in a second, and peaky enough for the closed loop of the limiter.
    bursts = "aevalsrc='0.5*sin(2*PI*180*t)*pow(max(0,sin(2*PI*1.7*t)),12)+0.02*sin(2*PI*440*t)':s=8000:d=10"
    ffmpeg("-f", "lavfi", "-i", bursts, tmp_path / "ten.flac")
    ffmpeg("-stream_loop", "359", "-i", tmp_path / "ten.flac", "-c", "copy", source)
    highest: dict[str, int] = {}
    process = dailies.start("convert", source, "--to", "mp3", "--quality", "low", "-o", tmp_path / "x.mp3", "--json")

    def ended() -> bool:
        for role, high in peaks(dailies).items():
            highest[role] = max(high, highest.get(role, 0))
        return process.poll() is not None

    wait_until(ended, "the end of the command", 110)
    document = dailies.finish(process)
    assert abs(document["source"]["duration_seconds"] - 3600) < 1
    assert set(highest) == {"dailies.worker", "-m dailies convert"}
    assert max(highest.values()) < _LIMIT_BYTES
