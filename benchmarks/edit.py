"""A reel against the pipeline that people write and against one bare encode, interleaved; the median of the ratios.

    ./scripts/setup benchmarks python benchmarks/edit.py [--source 120] [--film 90] [--size 1920x1080] [--rounds 2]
        [--colours bt709 bt601] [--ways sequential bare dailies]

From a moving source of 30 frames a second with speech-like sound a film of 90 s in three cuts is made, levelled to
-16 LUFS. Both columns end with the same deliverable: an H.264 CRF 18 (preset fast) and AAC file, cut, BT.709, at
-16 LUFS, measured.

sequential  cut each segment (encode), join and convert the colour (encode), loudnorm measure, loudnorm apply (the
            pictures are encoded again, as every tutorial has it), verify; each is a pass of its own
bare        one ffmpeg run: decode, concat, encode with FFmpeg's own choice of threads; nothing is levelled,
            converted, checked or verified
dailies     `dailies run`, with everything that it measures and verifies

Printed for a source that is BT.709 and for one that must be converted: the least wall and CPU seconds, and dailies as a
part of the others, the median of the rounds: what a neighbour takes from a machine, it takes from both of a round.
The requirements: ≤ 0.40 of sequential, ≤ 1.03 of bare, ≤ 1.15 of bare when it converts.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from dailies.media.run.find_ffmpeg import locate

ROOT = Path(__file__).resolve().parents[1]
SOUND = "aevalsrc='0.2*sin(2*PI*180*t)*pow(max(0,sin(2*PI*1.7*t)),4)+0.03*sin(2*PI*440*t)':s=48000:d={d}"
TAGS = {
    "bt709": ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv"],
    "bt601": ["-color_primaries", "smpte170m", "-color_trc", "smpte170m", "-colorspace", "smpte170m",
              "-color_range", "tv"],
}  # fmt: skip
TO_BT709 = "zscale=matrixin=170m:transferin=601:primariesin=170m:rangein=limited:matrix=709:transfer=709:primaries=709"


class Bench:
    """The source, and the three ways to a reel of it."""

    def __init__(self, ffmpeg: str, folder: Path, seconds: float, film: float) -> None:
        self.folder = folder
        self.ffmpeg = ffmpeg
        part = seconds / 4
        self.segments = [(n * part + 0.2, n * part + 0.2 + film / 3) for n in (0, 1.1, 2.2)]

    def encoder(self) -> list[str]:
        video = ["-c:v", "libx264", "-preset", "fast", "-crf", "18", "-profile:v", "high", "-pix_fmt", "yuv420p"]
        return [*video, *TAGS["bt709"], "-c:a", "aac", "-b:a", "192k"]

    def run(self, *arguments: str | Path) -> str:
        command = [self.ffmpeg, "-hide_banner", "-nostdin", "-y", *map(str, arguments)]
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd=self.folder).stderr

    def joined(self, colour: str) -> list[str]:
        chains = "".join(f"[{n}:v][{n}:a]" for n in range(len(self.segments)))
        convert = f",{TO_BT709}" if colour != "bt709" else ""
        return ["-filter_complex", f"{chains}concat=n={len(self.segments)}:v=1:a=1[c][a];[c]null{convert}[v]",
                "-map", "[v]", "-map", "[a]"]  # fmt: skip

    def bare(self, source: Path) -> None:
        inputs = [
            word
            for a, b in self.segments
            for word in ("-ss", f"{a:g}", "-t", f"{b - a:g}", "-i", str(source))
        ]  # fmt: skip
        self.run(*inputs, *self.joined("bt709"), *self.encoder(), "-movflags", "+faststart", "bare.mp4")

    def sequential(self, source: Path, colour: str) -> None:
        cuts = []
        for number, (start, end) in enumerate(self.segments):
            cuts.append(f"cut-{number}.mp4")
            self.run("-ss", f"{start:g}", "-i", source, "-t", f"{end - start:g}", *self.encoder(), cuts[-1])
        inputs = [word for cut in cuts for word in ("-i", cut)]
        self.run(*inputs, *self.joined(colour), *self.encoder(), "graded.mp4")
        loudnorm = "loudnorm=I=-16:TP=-1:LRA=11"
        said = self.run("-i", "graded.mp4", "-vn", "-af", f"{loudnorm}:print_format=json", "-f", "null", "-")
        found = json.loads(said[said.rindex("{") : said.rindex("}") + 1])
        known = ":".join(
            f"measured_{name}={found[f'input_{key}']}"
            for name, key in (("I", "i"), ("TP", "tp"), ("LRA", "lra"), ("thresh", "thresh"))
        )
        self.run("-i", "graded.mp4", "-af", f"{loudnorm}:{known}:linear=true", "-ar", "48000", *self.encoder(),
                 "-movflags", "+faststart", "levelled.mp4")  # fmt: skip
        self.run("-i", "levelled.mp4", "-af", "ebur128=peak=true", "-f", "null", "-")

    def dailies(self, source: Path, number: str) -> None:
        reel = {
            "kind": "video",
            "segments": [{"start": start, "end": end} for start, end in self.segments],
            "normalize": {"integrated_lufs": -16, "max_spread_lu": 1.5},
            "crf": 18,
            "preset": "fast",
        }
        (self.folder / "recipe.json").write_text(json.dumps({"outputs": {"reel": reel}}))
        environment = self.environment(number)
        command = [
            str(ROOT / "dailies"),
            "run",
            str(source),
            "--recipe",
            "recipe.json",
            "--out",
            f"out-{number}",
            "--json",
        ]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder, env=environment)

    def environment(self, number: str) -> dict[str, str]:
        """A store of its own: nothing of the round before is reused."""
        return {**os.environ, "DAILIES_HOME": str(self.folder / f"home-{number}")}

    def visit(self, number: str) -> None:
        """The doctor's, which finds FFmpeg: no work of a reel's."""
        command = [str(ROOT / "dailies"), "doctor", "--json"]
        subprocess.run(command, check=True, capture_output=True, env=self.environment(number))

    def loudness(self, name: str) -> str:
        said = self.run("-i", name, "-vn", "-af", "ebur128", "-f", "null", "-")
        found = re.findall(r"I:\s+(\S+) LUFS", said)
        return f"{found[-1]} LUFS"


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Wall and CPU seconds of ``work``, children included."""
    before, started = os.times(), time.perf_counter()
    work()
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - started, cpu


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--source", type=float, default=120, help="seconds")
    options.add_argument("--film", type=float, default=90, help="seconds")
    options.add_argument("--size", default="1920x1080")
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--colours", nargs="+", default=["bt709", "bt601"], choices=list(TAGS))
    options.add_argument("--ways", nargs="+", default=["sequential", "bare", "dailies"])
    chosen = options.parse_args()
    ffmpeg = str(locate(explicit=os.environ.get("DAILIES_FFMPEG"), cache_dir=None).path)
    with tempfile.TemporaryDirectory(prefix="dailies-benchmark-") as name:
        for colour in chosen.colours:
            folder = Path(name) / colour
            folder.mkdir()
            bench = Bench(ffmpeg, folder, chosen.source, chosen.film)
            source = folder / "source.mp4"
            picture = f"testsrc2=size={chosen.size}:rate=30:duration={chosen.source:g}"
            bench.run("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", SOUND.format(d=chosen.source), "-c:v",
                      "libx264", "-preset", "veryfast", "-crf", "20", "-g", "60", "-pix_fmt", "yuv420p", *TAGS[colour],
                      "-c:a", "aac", "-ac", "2", source)  # fmt: skip
            costs: dict[str, list[tuple[float, float]]] = {way: [] for way in chosen.ways}
            for number in range(chosen.rounds):
                bench.visit(str(number))
                for way, work in (
                    ("sequential", partial(bench.sequential, source, colour)),
                    ("bare", partial(bench.bare, source)),
                    ("dailies", partial(bench.dailies, source, str(number))),
                ):
                    if way in costs:
                        costs[way].append(timed(work))
            best = {way: min(found) for way, found in costs.items()}
            last = chosen.rounds - 1
            films = {"sequential": "levelled.mp4", "bare": "bare.mp4", "dailies": f"out-{last}/reel.mp4"}
            print(f"{colour} source, {chosen.size}")
            for way, (wall, cpu) in best.items():
                ratio = statistics.median(
                    own[0] / its[0] for own, its in zip(costs["dailies"], costs[way], strict=True)
                )
                print(f"  {way:11} {wall:7.1f} s wall {cpu:7.1f} s CPU  {bench.loudness(films[way])}"
                      f"  dailies is {ratio:.3f} of it")  # fmt: skip


if __name__ == "__main__":
    main()
