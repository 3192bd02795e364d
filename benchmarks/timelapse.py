"""A timelapse against the ``setpts`` one-liner, same preset and quality, interleaved, best of the rounds.

    python benchmarks/timelapse.py [--minutes 10] [--loops 1] [--seconds 20] [--gop 30] [--size 1920x1080] [--rounds 2]

Makes a moving source of 30 frames a second, then prints wall seconds of both, their ratio, how many frames each
wrote and how many of them are different pictures. Two hours are eleven minutes eleven times, which takes other frames
of each: ``--minutes 11 --loops 11``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

from dailies.media.locate import locate

ROOT = Path(__file__).resolve().parents[1]
ENCODER = ["-c:v", "libx264", "-preset", "fast", "-crf", "23", "-pix_fmt", "yuv420p", "-an"]


def timed(command: list[str], environment: dict[str, str]) -> float:
    """Wall seconds of the command."""
    started = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    return time.perf_counter() - started


def pictures(ffmpeg: str, film: Path) -> tuple[int, int]:
    """Frames of the film, and different ones among them."""
    command = [ffmpeg, "-v", "error", "-i", str(film), "-f", "framemd5", "-"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    sums = [line.rsplit(",", 1)[1] for line in listed if not line.startswith("#")]
    return len(sums), len(set(sums))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--loops", type=int, default=1)
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--gop", type=int, default=30)
    options.add_argument("--size", default="1920x1080")
    options.add_argument("--rounds", type=int, default=2)
    chosen = options.parse_args()
    ffmpeg = str(locate(explicit=os.environ.get("DAILIES_FFMPEG"), cache_dir=None).path)
    with tempfile.TemporaryDirectory(prefix="dailies-benchmark-") as name:
        folder = Path(name)
        source, naive, recipe = folder / "source.mp4", folder / "naive.mp4", folder / "recipe.json"
        made = f"testsrc2=size={chosen.size}:rate=30:duration={60 * chosen.minutes:g}"
        subprocess.run(
            [ffmpeg, "-v", "error", "-f", "lavfi", "-i", made, "-c:v", "libx264", "-preset", "veryfast",
             "-g", str(chosen.gop), "-keyint_min", str(chosen.gop), "-sc_threshold", "0", "-pix_fmt", "yuv420p",
             "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv",
             str(source)],
            check=True,
        )  # fmt: skip
        recipe.write_text(json.dumps({"outputs": {"lapse": {"kind": "timelapse", "duration": chosen.seconds}}}))
        if chosen.loops > 1:
            once = source.rename(folder / "once.mp4")
            repeat = ["-stream_loop", str(chosen.loops - 1), "-i", str(once), "-c", "copy", str(source)]
            subprocess.run([ffmpeg, "-v", "error", *repeat], check=True)
        speed = 60 * chosen.minutes * chosen.loops / chosen.seconds
        bare = [ffmpeg, "-v", "error", "-y", "-i", str(source), "-vf", f"setpts=PTS/{speed:g},fps=30", *ENCODER,
                str(naive)]  # fmt: skip
        theirs, ours = [], []
        for number in range(chosen.rounds):
            out = folder / f"out-{number}"
            # A store of its own: nothing of the round before is reused.
            environment = {**os.environ, "DAILIES_HOME": str(folder / f"home-{number}")}
            command = [str(ROOT / "dailies"), "run", str(source), "--recipe", str(recipe), "--out", str(out), "--json"]
            theirs.append(timed(bare, environment))
            ours.append(timed(command, environment))
        for title, best, film in (
            ("setpts", min(theirs), naive),
            ("dailies", min(ours), folder / f"out-{chosen.rounds - 1}" / "lapse.mp4"),
        ):
            frames, different = pictures(ffmpeg, film)
            print(f"{title:8} {best:7.2f} s wall, {frames} frames, {different} different")
        print(f"ratio    {min(ours) / min(theirs):7.3f}")


if __name__ == "__main__":
    main()
