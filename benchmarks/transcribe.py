"""A whole `dailies transcribe` against plain faster-whisper: the same weights, one beam, times of words; ratios.

    DAILIES_SPEECH_CORPUS=FOLDER ./scripts/setup dev python benchmarks/transcribe.py [--minutes 10] [--dense]
        [--only ours]

FOLDER has a ``manifest.tsv`` (file, language, reference): its English clips are joined in a random order, with pauses
as a lecture has them (1 to 8 s), or without (--dense), until the time is filled. Prints CPU seconds and peak memory of
either, all their processes together, the share of words that either found, and the coverage of ours.
"""

from __future__ import annotations

import argparse
import array
import csv
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import wave
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from dailies.adapters.whisper.weights import base_weights, joined
from dailies.settings import read_settings

RATE_HZ = 16_000
#: Seconds between two clips.
LECTURE, DENSE = (1.0, 8.0), (0.1, 0.3)
#: What a user of faster-whisper would write first.
PLAIN = """
import sys
from faster_whisper import WhisperModel
model = WhisperModel(sys.argv[1], device="cpu", compute_type="int8", local_files_only=True)
segments, _ = model.transcribe(sys.argv[2], beam_size=1, temperature=0.0, condition_on_previous_text=False,
                               word_timestamps=True)
print(" ".join(segment.text for segment in segments))
"""


@dataclass
class Run:
    """``memory_mb``: of the largest process."""

    text: str
    cpu_seconds: float
    memory_mb: float


def reading(corpus: Path, seconds: float, pauses: tuple[float, float], path: Path) -> str:
    """Writes the joined clips, and returns what is said in them."""
    with (corpus / "manifest.tsv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines, delimiter="\t") if row["language"] == "en" and row["reference"]]
    clips = [(samples_of(corpus / row["file"]), row["reference"]) for row in rows]
    chance = random.Random(1)  # noqa: S311 # the same reading each time
    texts: list[str] = []
    order = list(clips)
    sound = array.array("h")
    while len(sound) < seconds * RATE_HZ:
        if not order:
            order = list(clips)
            chance.shuffle(order)
        clip, text = order.pop()
        sound.extend(clip)
        texts.append(text)
        # A room is never quite still.
        sound.extend(chance.randint(-12, 12) for _ in range(round(chance.uniform(*pauses) * RATE_HZ)))
    with wave.open(str(path), "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(RATE_HZ)
        made.writeframes(sound.tobytes())
    return " ".join(texts)


def spelt(text: str) -> list[str]:
    """Words without case and punctuation."""
    return re.findall(r"[a-z']+", text.casefold())


def samples_of(path: Path) -> array.array[int]:
    """Of any recording, as FFmpeg reads it."""
    import imageio_ffmpeg

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-i", str(path), "-ac", "1"]
    command += ["-ar", str(RATE_HZ), "-f", "s16le", "-"]
    return array.array("h", subprocess.run(command, check=True, capture_output=True).stdout)


def measured(command: list[str], home: Path) -> tuple[str, float, float]:
    """What it printed, with the CPU seconds of it and all its children, and the memory of the largest, MB."""
    # A process of its own that counts: this one has had other children.
    counting = (
        "import json, resource, subprocess, sys\n"
        "said = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, text=True, check=True).stdout\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(json.dumps([said, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3]))"
    )
    environment = {**os.environ, "DAILIES_HOME": str(home), "DAILIES_SPEECH_ENGINE": "faster-whisper"}
    done = subprocess.run(
        [sys.executable, "-c", counting, *command], check=True, capture_output=True, text=True, env=environment
    )
    said, cpu_seconds, memory = json.loads(done.stdout)
    return said, cpu_seconds, memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--dense", action="store_true")
    parser.add_argument("--only", choices=["ours", "plain"])
    chosen = parser.parse_args()
    corpus = Path(os.environ.get("DAILIES_SPEECH_CORPUS") or sys.exit("Set DAILIES_SPEECH_CORPUS to a folder."))
    weights = joined(base_weights(read_settings().home / "cache"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, out = folder / "reading.wav", folder / "out.json"
        reference = spelt(reading(corpus, 60 * chosen.minutes, DENSE if chosen.dense else LECTURE, path))
        runs: dict[str, Run] = {}
        if chosen.only != "plain":
            home = folder / "home"
            # Weights are joined once a machine, not once a recording.
            (home / "cache").mkdir(parents=True)
            (home / "cache" / weights.name).symlink_to(weights)
            command = [sys.executable, "-m", "dailies.cli.main", "transcribe", str(path), "-o", str(out), "-q"]
            _, cpu_seconds, memory = measured(command, home)
            said = json.loads(out.read_text(encoding="utf-8"))
            text = " ".join(segment["text"] for segment in said["segments"])
            runs["ours"] = Run(text, cpu_seconds, memory)
            speech = f"{said['speech_seconds']:.0f} s of speech in {60 * chosen.minutes:.0f} s"
            print(f"coverage {said['coverage']:.4f}, {speech}")
        if chosen.only != "ours":
            runs["plain"] = Run(*measured([sys.executable, "-c", PLAIN, str(weights), str(path)], folder / "none"))
        for who, run in runs.items():
            same = SequenceMatcher(None, reference, spelt(run.text), autojunk=False).get_matching_blocks()
            right = sum(block.size for block in same) / len(reference)
            print(f"{who}: {run.cpu_seconds:.0f} CPU-s, {run.memory_mb:.0f} MB, {right:.1%} of {len(reference)} words")
        if len(runs) > 1:
            ours, plain = runs["ours"], runs["plain"]
            print(
                f"ours / plain: CPU {ours.cpu_seconds / plain.cpu_seconds:.2f}, "
                f"memory {ours.memory_mb / plain.memory_mb:.2f}"
            )


if __name__ == "__main__":
    main()
