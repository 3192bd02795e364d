"""A conversion without normalising against bare FFmpeg doing the same encode, interleaved, best of three.

    ./scripts/setup dev python benchmarks/convert.py [--minutes 10] [--rounds 3] [--formats mp3,m4a]

Prints wall and CPU seconds of both, their ratio, what is left after 1.05 × bare (the fixed overhead), and how
long a second, identical run takes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENCODERS = {
    "mp3": ["-c:a", "libmp3lame", "-b:a", "256k"],
    "m4a": ["-c:a", "aac", "-b:a", "192k"],
    "opus": ["-c:a", "libopus", "-b:a", "160k"],
    "flac": ["-c:a", "flac"],
}


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Wall and CPU seconds of the command and all that it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--formats", default="mp3,m4a")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="dailies-benchmark-") as folder:
        measure(Path(folder), chosen.minutes, chosen.rounds, chosen.formats.split(","))


def measure(folder: Path, minutes: float, rounds: int, formats: list[str]) -> None:
    command = str(ROOT / "dailies")
    doctor = subprocess.run(
        [command, "doctor", "--json"],
        env={**os.environ, "DAILIES_HOME": str(folder / "home")},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    [found] = [finding for finding in json.loads(doctor)["findings"] if finding["name"] == "ffmpeg"]
    ffmpeg = found["found"].rpartition(" at ")[2]
    source = folder / "source.mp4"
    sound = f"aevalsrc=0.3*random(0)*sin(2*PI*200*t):s=48000:c=stereo:d={60 * minutes}"
    subprocess.run(
        [ffmpeg, "-v", "error", "-f", "lavfi", "-i", f"testsrc2=size=640x360:rate=25:duration={60 * minutes}",
         "-f", "lavfi", "-i", sound, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-b:a", "160k",
         str(source)],
        check=True,
    )  # fmt: skip
    print(f"{minutes:g} minutes, best of {rounds}; seconds")
    print(f"{'format':7}{'':7}{'bare':>8}{'dailies':>9}{'ratio':>7}{'over 1.05×':>12}{'second run':>12}")
    for form in formats:
        bare: list[tuple[float, float]] = []
        ours: list[tuple[float, float]] = []
        again: list[tuple[float, float]] = []
        quality = "lossless" if form == "flac" else "high"
        for number in range(rounds):
            out = folder / f"out-{number}.{form}"
            encode = [ffmpeg, "-v", "error", "-nostdin", "-y", "-i", str(source), "-vn", *ENCODERS[form], str(out)]
            bare.append(timed(encode, dict(os.environ)))
            environment = {**os.environ, "DAILIES_HOME": str(folder / f"home-{form}-{number}")}
            subprocess.run([command, "doctor", "--json"], env=environment, check=True, stdout=subprocess.DEVNULL)
            convert = [command, "convert", str(source), "--to", form, "--no-normalize", "--quality", quality, "-o"]
            ours.append(timed([*convert, str(folder / f"ours-{number}.{form}")], environment))
            again.append(timed([*convert, str(folder / f"again-{number}.{form}")], environment))
        for name, place in (("wall", 0), ("CPU", 1)):
            a, b, c = (min(run[place] for run in runs) for runs in (bare, ours, again))
            print(f"{form:7}{name:7}{a:8.2f}{b:9.2f}{b / a:7.2f}{b - 1.05 * a:+12.2f}{c:12.2f}")


if __name__ == "__main__":
    main()
