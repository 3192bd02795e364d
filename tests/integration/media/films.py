"""Films of every kind of clock, the steps that encode them run one by one, and what comes out compared."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

from dailies.domain.edit.chunking import ChunkRules
from dailies.domain.recipe.recipe import parse_recipe
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.stop import StopToken
from dailies.media.ffmpeg import FFmpeg
from dailies.media.probe.probe_host import ProbeHost
from dailies.media.toolbox import Toolbox
from dailies.operations import KINDS, Ports, operation_of
from dailies.planning.compiler import compile_plan
from dailies.planning.file_hash import file_sha256
from dailies.planning.operation import MAIN_FILE, Artifact, Registry, StepRun, StoredFile
from dailies.settings import Settings
from tests.made import lend_tools

WHOLE = ChunkRules(above_seconds=1e9)
PICTURE = ["-f", "lavfi", "-i", "testsrc2=s=160x96:r={rate}:d=5.6"]
SOUND = ["-f", "lavfi", "-i", "sine=d=5.6:r=48000"]
X264 = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-y"]

# How each source is made, after a picture and a sound of 5.6 seconds.
SOURCES: dict[str, list[str]] = {
    "cfr.mp4": ["-g", "25"],
    "ntsc.mkv": ["-g", "50"],
    "vfr.mp4": ["-vf", "select='gt(mod(n*7,11),3)',setpts='PTS+0.3/25/TB*sin(N)'", "-fps_mode", "vfr",
                "-enc_time_base", "1/90000"],
    "still.mkv": ["-vf", "select='lt(t,0.6)+gt(t,4.6)'", "-fps_mode", "vfr", "-enc_time_base", "1/90000"],
    "late.mp4": ["-output_ts_offset", "7.3"],
    "pictures_late.mkv": ["-vf", "setpts=PTS+0.5/TB"],
    "interlaced.mp4": ["-vf", "interlace=scan=tff", "-flags", "+ilme+ildct"],
    "open_gop.mp4": ["-x264-params", "open-gop=1:bframes=5:b-pyramid=normal:keyint=20:min-keyint=20:scenecut=0"],
    "fast.mp4": ["-g", "50"],
}  # fmt: skip
RATES = {"ntsc.mkv": "30000/1001", "fast.mp4": "100"}


class Bench:
    """Runs the steps of a plan one by one, artifacts being files of the scratch folder."""

    def __init__(self, toolbox: Toolbox, folder: Path) -> None:
        self.toolbox = toolbox
        self.registry = Registry(lambda kind: operation_of(kind, Ports(toolbox)))
        self._folder = folder
        self._numbers = count()
        self.say: Callable[[str], None] = lambda _: None

    def look(self, source: Path) -> MediaInfo:
        return self.toolbox.probe(source, self._scratch(), StopToken())

    def make(
        self,
        source: Path,
        rules: ChunkRules,
        change: Callable[[str, dict[str, Any]], None] = lambda kind, data: None,
        **output: Any,
    ) -> tuple[Path, dict[str, Any], list[str]]:
        """The output file, its certificate, and the kinds of the steps. ``change`` may spoil what a step found."""
        wish = output if "kind" in output else {"kind": "video", "quality": "high", **output}
        made, kinds = self.make_all(source, rules, {"film": wish}, change)
        return file_of(made["film"]), dict(made["film"].data), kinds

    def make_all(
        self,
        source: Path,
        rules: ChunkRules,
        outputs: dict[str, Any],
        change: Callable[[str, dict[str, Any]], None] = lambda kind, data: None,
    ) -> tuple[dict[str, Artifact], list[str]]:
        """The outputs by name, and the kinds of the steps."""
        self.toolbox.chunking = rules
        recipe = parse_recipe({"outputs": outputs}, KINDS)
        info = self.look(source)
        made: dict[str, Artifact] = {}
        while True:
            plan = compile_plan(recipe, info, self.registry, made)
            step = next((step for step in plan.steps if step.id not in made and not step.waits_for), None)
            if step is None:
                break
            run = StepRun(
                params=step.params,
                source=source if step.source is None else self._file(made[step.source.step_id], step.source.role),
                inputs={role: made[needed] for role, needed in step.needs.items()},
                read=self._file,
                scratch=self._scratch(),
                stop=StopToken(),
                progress=lambda _: None,
                say=self.say,
                ours=step.source is not None,
            )
            [(_, produced)] = list(step.operation.run([run]))
            data = dict(produced.data)
            change(step.kind, data)
            files = {
                role: StoredFile(str(path), path.stat().st_size, file_sha256(path), kind)
                for role, (path, kind) in produced.files.items()
            }
            made[step.id] = Artifact(step.id, step.id, step.kind, data, files)
        return {name: made[step_id] for name, step_id in plan.outputs.items()}, [step.kind for step in plan.steps]

    def _file(self, artifact: Artifact, role: str) -> Path:
        return Path(artifact.files[role].object)

    def _scratch(self) -> Path:
        folder = self._folder / f"step-{next(self._numbers)}"
        folder.mkdir()
        return folder


def file_of(artifact: Artifact) -> Path:
    return Path(artifact.files[MAIN_FILE].object)


#: Of the session, which conftest starts and ends: it probes many files, none of them hostile.
hosts: list[ProbeHost] = []


def bench_of(binary: FFmpeg, folder: Path) -> Bench:
    settings = Settings(home=lend_tools(folder / "home"), ffmpeg=str(binary.path), sandbox="off", threads=2)
    toolbox = Toolbox(settings)
    toolbox.probe_host = hosts[0]
    return Bench(toolbox, folder)


def times(bundled: FFmpeg, film: Path) -> list[Fraction]:
    """When each frame is shown, decoded."""
    listed = subprocess.run(
        [bundled.path, "-v", "error", "-copyts", "-i", film, "-map", "0:v", "-fps_mode", "passthrough",
         "-f", "framecrc", "-"],
        check=True, capture_output=True, text=True, timeout=60,
    ).stdout  # fmt: skip
    base = Fraction(next(line.split()[-1] for line in listed.splitlines() if line.startswith("#tb 0")))
    return [int(line.split(",")[2]) * base for line in listed.splitlines() if line[:1].isdigit()]


def similarity(bundled: FFmpeg, one: Path, other: Path, folder: Path) -> list[float]:
    """SSIM of each frame of one film to that of the other."""
    subprocess.run(
        [bundled.path, "-v", "error", "-i", one, "-i", other, "-lavfi",
         "[0:v]settb=1/1000,setpts=N[a];[1:v]settb=1/1000,setpts=N[b];[a][b]ssim=stats_file=ssim.txt",
         "-f", "null", "-"],
        check=True, cwd=folder, timeout=60,
    )  # fmt: skip
    return [float(found) for found in re.findall(r"All:([\d.]+)", (folder / "ssim.txt").read_text())]


def samples(bundled: FFmpeg, film: Path) -> bytes:
    return subprocess.run(
        [bundled.path, "-v", "error", "-i", film, "-map", "0:a", "-f", "s16le", "-"],
        check=True, capture_output=True, timeout=60,
    ).stdout  # fmt: skip
