"""What each codec does to loudness and true peak behind the limiter: the figures of domain/loudness/codec_effects.py.

    python benchmarks/codec_headroom.py [--ffmpeg PATH] [FILE …]

For each file (default: generated voice, music and noise) and encoder: loudness after minus before, and true peak of
the decoded file over the limiter's sample ceiling. ``pcm`` is what the resampling of a true-peak meter adds alone.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from dailies.domain.loudness.level import Chain
from dailies.domain.loudness.loudness import integrated
from dailies.media.graphs.sound.loudness import ATTACK_MS, RELEASE_MS, MeterReader
from dailies.media.run.find_ffmpeg import locate

CEILING_DBFS = -3.0
#: Loudness before the limiter: at the ceiling above, speech loses 1 to 2 LU to it.
DRIVEN_LUFS = -14.0
GENERATED = {
    "voice": "aevalsrc='(0.01+0.5*pow(abs(sin(0.37*t)*sin(1.9*t)),2)*gt(mod(t,3.7),0.6))*(sin(2*PI*140*t)"
    "+0.5*sin(2*PI*280*t)+0.3*sin(2*PI*1400*t)+0.2*sin(2*PI*3300*t))+0.001*(random(0)-0.5)'",
    "music": "aevalsrc='0.1*(sin(2*PI*220*t)+sin(2*PI*277*t)+sin(2*PI*330*t))+0.5*(random(0)-0.5)*exp(-20*mod(t,0.5))"
    "+0.4*sin(2*PI*55*t)*exp(-12*mod(t,1))'",
    "noise": "anoisesrc=c=pink:a=0.3:seed=7",
}
ENCODERS: dict[str, list[str]] = {
    "pcm": ["-c:a", "pcm_s16le"],
    **{f"mp3 {rate}": ["-c:a", "libmp3lame", "-b:a", f"{rate}k"] for rate in (64, 96, 160, 256)},
    **{f"aac {rate}": ["-c:a", "aac", "-b:a", f"{rate}k"] for rate in (64, 96, 128, 192)},
    **{f"aac fast {r}": ["-c:a", "aac", "-aac_coder", "fast", "-b:a", f"{r}k"] for r in (64, 96, 128, 192)},
    **{f"opus {rate}": ["-c:a", "libopus", "-b:a", f"{rate}k"] for rate in (48, 96, 160)},
    **{f"vorbis q{quality}": ["-c:a", "libvorbis", "-q:a", str(quality)] for quality in (2, 4, 6)},
}


def measured(ffmpeg: Path, source: Path, chain: str = "anull") -> tuple[float, float]:
    """Loudness and true peak of ``source`` behind ``chain``."""
    meter = "ebur128=metadata=1:peak=sample+true:framelog=-8,ametadata=mode=print:file=-"
    command: list[str | Path] = [
        ffmpeg,
        "-v",
        "error",
        "-nostdin",
        "-i",
        source,
        "-af",
        f"{chain},{meter}",
        "-f",
        "null",
        "-",
    ]
    reader = MeterReader()
    for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
        reader.line(line)
    heard = reader.heard()
    return integrated(heard.blocks) or 0.0, heard.true_peak_dbtp or 0.0


def limited(chain: Chain) -> str:
    """The product's chain (media/graphs/sound/loudness.py, gain_chain) as one filter string."""
    ceiling = 10 ** ((chain.limiter_ceiling_dbfs or 0.0) / 20)
    return (
        f"volume={chain.gain_db:.4f}dB:precision=double,"
        f"alimiter=limit={ceiling:.6f}:attack={ATTACK_MS}:release={RELEASE_MS}:level=0:latency=1"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--ffmpeg")
    options.add_argument("files", nargs="*", type=Path)
    chosen = options.parse_args()
    ffmpeg = locate(explicit=chosen.ffmpeg, cache_dir=None).path
    with tempfile.TemporaryDirectory(prefix="dailies-benchmark-") as name:
        folder = Path(name)
        files: list[Path] = chosen.files
        for kind, graph in {} if files else GENERATED.items():
            path = folder / f"{kind}.flac"
            sound = ["-f", "lavfi", "-i", f"{graph}:{'r' if kind == 'noise' else 's'}=48000:d=60", "-ac", "2"]
            subprocess.run([ffmpeg, "-v", "error", "-nostdin", *sound, path], check=True)
            files = [*files, path]
        table(ffmpeg, files, folder)


def table(ffmpeg: Path, files: list[Path], folder: Path) -> None:
    """Rows of encoders, columns of files: shift in LU, peak in dB."""
    print(f"{'shift LU, peak dB':16}", *(f"{re.sub('[.].*', '', path.name):>16}" for path in files))
    ready: list[tuple[Path, str, float]] = []
    for path in files:
        chain = limited(Chain(gain_db=DRIVEN_LUFS - measured(ffmpeg, path)[0], limiter_ceiling_dbfs=CEILING_DBFS))
        ready.append((path, chain, measured(ffmpeg, path, chain)[0]))
    for name, encoder in ENCODERS.items():
        cells: list[str] = []
        for path, chain, before in ready:
            out = folder / "encoded.mka"
            quiet: list[str | Path] = [ffmpeg, "-v", "error", "-nostdin", "-y", "-i", path, "-vn"]
            subprocess.run([*quiet, "-af", chain, *encoder, out], check=True)
            after, peak = measured(ffmpeg, out)
            cells.append(f"{after - before:+8.2f} {peak - CEILING_DBFS:+7.2f}")
        print(f"{name:16}", *cells, flush=True)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
