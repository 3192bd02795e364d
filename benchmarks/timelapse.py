"""A timelapse against the ``setpts`` one-liner, same preset and quality, interleaved; the median of the rounds' ratios.

    ./scripts/setup benchmarks python benchmarks/timelapse.py [--minutes 1 4 10 120] [--sizes 1280x720 1920x1080]
        [--seconds 20] [--gop 30] [--rounds 2]

For each length and size a moving source of 30 frames a second is made (longer than eleven minutes: a part, repeated).
Printed are the least CPU and wall seconds of both, the ratios, what was decoded, and how many frames and different
pictures each wrote. The requirement: never above 1. On a busy machine only the CPU seconds mean anything.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from dailies.media.run.find_ffmpeg import locate

ROOT = Path(__file__).resolve().parents[1]
#: Minutes: no multiple of what is sampled, so that each repetition gives other frames.
LONGEST_PART = 11
ENCODER = ["-c:v", "libx264", "-preset", "fast", "-crf", "23", "-pix_fmt", "yuv420p", "-an"]


Cost = tuple[float, float]


def timed(command: list[str], environment: dict[str, str]) -> Cost:
    """CPU and wall seconds of the command and all that it started."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime), wall


def pictures(ffmpeg: str, film: Path) -> tuple[int, int]:
    """Frames of the film, and different ones among them."""
    command = [ffmpeg, "-v", "error", "-i", str(film), "-f", "framemd5", "-"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    sums = [line.rsplit(",", 1)[1] for line in listed if not line.startswith("#")]
    return len(sums), len(set(sums))


def make(ffmpeg: str, source: Path, minutes: float, size: str, gop: int) -> None:
    """A source of that length, of which at most eleven minutes are computed."""
    loops = math.ceil(minutes / LONGEST_PART)
    part = source.with_name("part.mp4")
    picture = f"testsrc2=size={size}:rate=30:duration={60 * minutes / loops:g}"
    subprocess.run(
        [ffmpeg, "-v", "error", "-y", "-f", "lavfi", "-i", picture, "-c:v", "libx264", "-preset", "veryfast",
         "-g", str(gop), "-keyint_min", str(gop), "-sc_threshold", "0", "-pix_fmt", "yuv420p",
         "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv", str(part)],
        check=True,
    )  # fmt: skip
    repeat = ["-stream_loop", str(loops - 1), "-i", str(part), "-c", "copy", str(source)]
    subprocess.run([ffmpeg, "-v", "error", "-y", *repeat], check=True)
    part.unlink()


def compare(ffmpeg: str, folder: Path, minutes: float, size: str, chosen: argparse.Namespace) -> None:
    """The lines of one length and size."""
    source, naive, recipe = folder / "source.mp4", folder / "naive.mp4", folder / "recipe.json"
    make(ffmpeg, source, minutes, size, chosen.gop)
    recipe.write_text(json.dumps({"outputs": {"lapse": {"kind": "timelapse", "duration": chosen.seconds}}}))
    faster = f"setpts=PTS/{60 * minutes / chosen.seconds:g},fps=30"
    bare = [ffmpeg, "-v", "error", "-y", "-i", str(source), "-vf", faster, *ENCODER, str(naive)]
    theirs: list[Cost] = []
    ours: list[Cost] = []
    for number in range(chosen.rounds):
        out = folder / f"out-{number}"
        # A store of its own, in which only a doctor has been: nothing of the round before is reused.
        environment = {**os.environ, "DAILIES_HOME": str(folder / f"home-{number}")}
        timed([str(ROOT / "dailies"), "doctor", "--json"], environment)
        command = [str(ROOT / "dailies"), "run", str(source), "--recipe", str(recipe), "--out", str(out), "--json"]
        theirs.append(timed(bare, dict(os.environ)))
        ours.append(timed(command, environment))
    print(f"{minutes:g} minutes of {size} to {chosen.seconds:g} s")
    film = folder / f"out-{chosen.rounds - 1}" / "lapse.mp4"
    for title, costs, path in (("setpts", theirs, naive), ("dailies", ours, film)):
        (cpu, wall), (frames, different) = map(min, zip(*costs, strict=True)), pictures(ffmpeg, path)
        print(f"  {title:8}{cpu:8.2f} s CPU {wall:8.2f} s wall, {frames} frames, {different} different")
    cpu, wall = (statistics.median(b[i] / a[i] for a, b in zip(theirs, ours, strict=True)) for i in (0, 1))
    print(f"  ratio   {cpu:8.3f}       {wall:8.3f}", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, nargs="+", default=[1, 4, 10, 120])
    options.add_argument("--sizes", nargs="+", default=["1280x720", "1920x1080"])
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--gop", type=int, default=30)
    options.add_argument("--rounds", type=int, default=2)
    chosen = options.parse_args()
    ffmpeg = str(locate(explicit=os.environ.get("DAILIES_FFMPEG"), cache_dir=None).path)
    for size in chosen.sizes:
        for minutes in chosen.minutes:
            with tempfile.TemporaryDirectory(prefix="dailies-benchmark-") as name:
                compare(ffmpeg, Path(name), minutes, size, chosen)


if __name__ == "__main__":
    main()
