"""An independent meter of loudness."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.made import FFMPEG


@dataclass(frozen=True)
class Loudness:
    integrated: float
    true_peak: float


def ebur128(path: Path) -> Loudness:
    """What an independent meter says: FFmpeg's ``ebur128=peak=true`` on the file as delivered.

    Loudness with three decimals; its summary has one, which makes -16.06 a tenth of a LU off.
    """
    meter = "ebur128=peak=true:metadata=1,ametadata=mode=print:key=lavfi.r128.I:file=-"
    ended = subprocess.run(
        [FFMPEG, "-nostdin", "-hide_banner", "-i", str(path), "-vn", "-af", meter, "-f", "null", "-"],
        capture_output=True, text=True, check=True, timeout=100,
    )  # fmt: skip
    integrated = re.findall(r"lavfi\.r128\.I=(\S+)", ended.stdout)
    peak = re.search(r"Peak:\s+(\S+) dBFS", ended.stderr[ended.stderr.rindex("Summary:") :])
    assert peak is not None
    return Loudness(float(integrated[-1]), float(peak[1]))
