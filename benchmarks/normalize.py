"""Loudness normalisation by Dailies against the ffmpeg-normalize CLI with the same encoder settings.

    ./scripts/setup benchmarks python benchmarks/normalize.py [--minutes 60] [--rounds 3]
        [--formats m4a,mp3,opus,wav] [--source FILE]

Interleaved, best of each side's rounds. Prints CPU and wall seconds, their ratios beside the budgets, and what each
side's file measures by ``ebur128=peak=true``. Without --source an hour of peaky speech-like sound is generated.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET_LUFS, CEILING_DBTP = -16.0, -1.0
#: Format: our quality, the CLI's options for the same encoder settings, and the CPU ratio to stay under.
FORMATS: dict[str, tuple[str, list[str], float]] = {
    "m4a": ("medium", ["-c:a", "aac", "-b:a", "128k"], 0.45),
    "mp3": ("medium", ["-c:a", "libmp3lame", "-b:a", "160k"], 0.38),
    "opus": ("medium", ["-c:a", "libopus", "-b:a", "96k"], 0.35),
    "wav": ("high", ["-c:a", "pcm_s16le"], 0.20),
}
#: A voice of harmonics in words between pauses, loudness wandering over 20 dB, and a click at some onsets.
VOICE = (
    "(0.01+0.45*pow(abs(sin(0.37*t)*sin(1.9*t)*sin(0.11*t)),2)*gt(mod(t,3.7),0.6)+0.35*exp(-60*mod(t,7.3)))"
    "*(sin(2*PI*140*t)+0.5*sin(2*PI*280*t)+0.3*sin(2*PI*1400*t)+0.2*sin(2*PI*3300*t))+0.001*(random(0)-0.5)"
)


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Wall and CPU seconds of the command and all that it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{command[0]} ended with {done.returncode}:\n{done.stdout[-500:]}\n{done.stderr[-2000:]}")
    return wall, (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def ffmpeg_of(home: Path) -> str:
    """The FFmpeg that Dailies uses; the other side gets the same."""
    environment = {**os.environ, "DAILIES_HOME": str(home)}
    command = [str(ROOT / "dailies"), "doctor", "--json"]
    said = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    [found] = [finding for finding in json.loads(said)["findings"] if finding["name"] == "ffmpeg"]
    path: str = found["found"].rpartition(" at ")[2]
    return path


def generate(ffmpeg: str, folder: Path, minutes: float) -> Path:
    """``minutes`` of stereo AAC at 48 kHz, encoded in one go. Ten minutes are computed, an hour repeats them."""
    part, source = folder / "part.wav", folder / "source.m4a"
    seconds = min(minutes, 10.0) * 60
    sound = f"aevalsrc='{VOICE}|{VOICE.replace('1400', '1500')}':s=48000:c=stereo:d={seconds}"
    quiet = [ffmpeg, "-v", "error", "-nostdin", "-y"]
    subprocess.run([*quiet, "-f", "lavfi", "-i", sound, str(part)], check=True)
    loops = max(round(minutes * 60 / seconds) - 1, 0)
    encode = ["-c:a", "aac", "-aac_coder", "fast", "-b:a", "160k"]
    subprocess.run([*quiet, "-stream_loop", str(loops), "-i", str(part), *encode, str(source)], check=True)
    part.unlink()
    return source


def measured(ffmpeg: str, path: Path) -> tuple[str, str]:
    """Integrated loudness and true peak as FFmpeg prints them."""
    command = [ffmpeg, "-hide_banner", "-nostdin", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    summary = said[said.rindex("Summary:") :]
    loudness, peak = re.search(r"I:\s+(\S+) LUFS", summary), re.search(r"Peak:\s+(\S+) dBFS", summary)
    return (loudness[1] if loudness else "?"), (peak[1] if peak else "?")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, default=60)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--formats", default=",".join(FORMATS))
    options.add_argument("--source", type=Path)
    options.add_argument("--rival", default=str(Path(sys.executable).with_name("ffmpeg-normalize")))
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="dailies-benchmark-") as name:
        folder = Path(name)
        ffmpeg = ffmpeg_of(folder / "home")
        source = chosen.source or generate(ffmpeg, folder, chosen.minutes)
        print(f"source {' LUFS, '.join(measured(ffmpeg, source))} dBTP; target {TARGET_LUFS:g}, {CEILING_DBTP:g}")
        print(f"best of {chosen.rounds}; seconds" if chosen.rounds > 1 else "one round; seconds")
        print(f"{'':6}{'':6}{'theirs':>9}{'ours':>9}{'ratio':>8}{'budget':>8}   theirs measures    ours measures")
        for form in chosen.formats.split(","):
            compare(form, source, folder, ffmpeg, chosen)


def compare(form: str, source: Path, folder: Path, ffmpeg: str, chosen: argparse.Namespace) -> None:
    """One format's lines of the table."""
    quality, encoder, budget = FORMATS[form]
    recipe = folder / "recipe.json"
    wish = {"integrated_lufs": TARGET_LUFS, "true_peak_dbtp": CEILING_DBTP}
    output = {"kind": "audio", "format": form, "quality": quality, "normalize": wish}
    recipe.write_text(json.dumps({"outputs": {"ours": output}}))
    rate = "48000"
    theirs_command = [
        *(chosen.rival, str(source), *encoder, "-t", str(TARGET_LUFS), "-tp", str(CEILING_DBTP), "-ar", rate, "-vn"),
        *("-f", "-q", "-o", str(folder / f"theirs.{form}")),
    ]
    theirs: list[tuple[float, float]] = []
    ours: list[tuple[float, float]] = []
    for number in range(chosen.rounds):
        theirs.append(timed(theirs_command, {**os.environ, "FFMPEG_PATH": ffmpeg}))
        # A home of its own per round, so that nothing is cached but what a doctor's visit leaves.
        home = folder / f"home-{form}-{number}"
        environment = {**os.environ, "DAILIES_HOME": str(home)}
        ffmpeg_of(home)
        command = [str(ROOT / "dailies"), "run", str(source), "--recipe", str(recipe), "--out", str(folder)]
        ours.append(timed([*command, "--overwrite", "--quiet"], environment))
        shutil.rmtree(home)
    figures = ["{} LUFS {:>5} dBTP".format(*measured(ffmpeg, folder / f"{side}.{form}")) for side in ("theirs", "ours")]
    for name, place in (("CPU", 1), ("wall", 0)):
        a, b = (min(run[place] for run in runs) for runs in (theirs, ours))
        limit, said = (f"{budget:8.2f}", "   ".join(figures)) if name == "CPU" else (" " * 8, "")
        print(f"{form:6}{name:6}{a:9.1f}{b:9.1f}{b / a:8.3f}{limit}   {said}".rstrip(), flush=True)


if __name__ == "__main__":
    main()
