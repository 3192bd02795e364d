"""What a short job costs beside its FFmpegs: `dailies jobs`, and a clip to a levelled MP3, against another checkout.

    ./scripts/setup benchmarks python benchmarks/short_job.py [--seconds 66] [--rounds 5] [--against CHECKOUT]

CPU seconds, interleaved: the median of each, and with --against the median of the rounds' ratios. CHECKOUT is a
worktree of another commit (`git worktree add --detach CHECKOUT COMMIT`); each has an environment of its own.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import tempfile
from pathlib import Path

from dailies.media.run.find_ffmpeg import locate

ROOT = Path(__file__).resolve().parents[1]
SOUND = "aevalsrc='0.2*sin(2*PI*180*t)*pow(max(0,sin(2*PI*1.7*t)),4)|0.1*sin(2*PI*300*t)':s=48000:d={d}"


def processor_seconds(command: list[str], environment: dict[str, str]) -> float:
    """Of the command and all that it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def round_of(checkout: Path, folder: Path, source: Path) -> dict[str, float]:
    """Both commands in a home in which only a doctor has been."""
    environment = {name: value for name, value in os.environ.items() if name != "DAILIES_VENV"}
    environment["DAILIES_HOME"] = str(folder / "home")
    dailies = str(checkout / "dailies")
    processor_seconds([dailies, "doctor", "--json"], environment)
    convert = [dailies, "convert", str(source), "--to", "mp3", "-o", str(folder / "out.mp3"), "--json"]
    return {
        "jobs": processor_seconds([dailies, "jobs"], environment),
        "convert": processor_seconds(convert, environment),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=66)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--against", type=Path, metavar="CHECKOUT")
    chosen = options.parse_args()
    ffmpeg = str(locate(explicit=os.environ.get("DAILIES_FFMPEG"), cache_dir=None).path)
    checkouts = [ROOT, *([chosen.against.resolve()] if chosen.against else [])]
    taken: list[list[dict[str, float]]] = [[] for _ in checkouts]
    with tempfile.TemporaryDirectory(prefix="dailies-benchmark-") as name:
        source = Path(name) / "clip.mp4"
        picture = f"testsrc2=size=1280x720:rate=30:duration={chosen.seconds:g}"
        subprocess.run(
            [ffmpeg, "-v", "error", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", SOUND.format(d=chosen.seconds),
             "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", str(source)],
            check=True,
        )  # fmt: skip
        for number in range(chosen.rounds + 1):
            for place, (checkout, rounds) in enumerate(zip(checkouts, taken, strict=True)):
                folder = Path(name) / f"{number}-{place}"
                folder.mkdir()
                once = round_of(checkout, folder, source)
                if number:  # the first compiles what there is to compile
                    rounds.append(once)
    for what in ("jobs", "convert"):
        medians = [statistics.median(once[what] for once in rounds) for rounds in taken]
        ratio = [ours[what] / theirs[what] for ours, theirs in zip(taken[0], taken[-1], strict=True)]
        compared = f" against {medians[-1]:.2f}: {statistics.median(ratio):.3f}" if chosen.against else ""
        print(f"{what:8}{medians[0]:6.2f} s CPU{compared}")


if __name__ == "__main__":
    main()
