"""What a deployment costs, idle and per hour of film, from Google's list prices: docs/costs.md has its output.

    ./scripts/setup dev python -P benchmarks/cloud_costs.py

List prices in USD as their pages gave them on PRICES_OF, no free quota counted. Work is the planner's own estimate,
which `dailies plan` prints; Firestore's writes are those of benchmarks/cloud_job.py.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from dailies.domain.recipe.recipe import parse_recipe
from dailies.domain.source.media_info import AudioStream, MediaInfo, VideoStream
from dailies.media.toolbox import Toolbox
from dailies.operations import KINDS, Ports, operation_of
from dailies.planning.compiler import compile_plan
from dailies.planning.estimates import cost_usd
from dailies.planning.operation import Registry
from dailies.settings import read_settings

PRICES_OF = "30 November 2026"
MONTH_SECONDS = 30 * 86_400

# https://cloud.google.com/run/pricing, tier 1, request-based: what functions are billed by.
REQUEST_VCPU_SECOND = 0.000024
REQUEST_GIB_SECOND = 0.0000025
IDLE_VCPU_SECOND = 0.0000025
REQUEST = 0.40e-6
# https://cloud.google.com/firestore/pricing, us-west1; a European region is some percent dearer.
READ, WRITE, DELETE = 0.03e-5, 0.09e-5, 0.01e-5
# https://cloud.google.com/storage/pricing, europe-west1; data that leaves Google for the internet, first terabyte.
STORED_GB_MONTH = 0.020
CLASS_A, CLASS_B = 0.005e-3, 0.0004e-3
SENT_GB = 0.12
# https://cloud.google.com/artifact-registry/pricing, .../scheduler/pricing, .../tasks/pricing
IMAGE_GB_MONTH = 0.10
SCHEDULE_MONTH = 0.10
TASK = 0.40e-6

SWEEPS_A_MONTH = MONTH_SECONDS // 300
# A sweep of nothing: a second of one CPU and half a GiB, four queries.
SWEEP = REQUEST_VCPU_SECOND + 0.5 * REQUEST_GIB_SECOND + REQUEST + 4 * READ
# Ten images of 0.5 GB share their base and FFmpeg: what each adds is its wheel. Functions' images are as large as one.
IMAGES_GB = 2.0

HOUR = MediaInfo(
    container="mp4",
    duration_seconds=3600,
    duration_from="header",
    size_bytes=3_600_000_000,
    video=(
        VideoStream(
            index=0, track=0, codec="h264", coded_width=1920, coded_height=1080, width=1920, height=1080,
            frame_rate="30/1", pixel_format="yuv420p", color_primaries="bt709", color_transfer="bt709",
            color_matrix="bt709", color_range="tv",
        ),
    ),
    audio=(AudioStream(index=1, track=0, codec="aac", sample_rate_hz=48_000, channels=2, layout="stereo"),),
)  # fmt: skip
RECIPES: Mapping[str, dict[str, Any]] = {
    "MP3 at −16 LUFS": {"kind": "audio", "format": "mp3", "normalize": {"integrated_lufs": -16}},
    "MP4, its pictures kept, sound at −16 LUFS": {"kind": "video", "normalize": {"integrated_lufs": -16}},
    "MP4 at 720p, encoded": {"kind": "video", "height": 720},
    "HLS ladder": {"kind": "abr"},
    "storyboard": {"kind": "storyboard"},
}


def idle() -> list[tuple[str, float]]:
    """What is paid where nobody uploads, in USD a month."""
    warm = MONTH_SECONDS * (IDLE_VCPU_SECOND + 0.5 * REQUEST_GIB_SECOND)
    return [
        (f"the sweep, {SWEEPS_A_MONTH} times a month", SWEEPS_A_MONTH * SWEEP),
        ("its schedule", SCHEDULE_MONTH),
        (f"images, {IMAGES_GB:g} GB", IMAGES_GB * IMAGE_GB_MONTH),
        ("one instance of `createUpload` kept warm (`prod`)", warm),
    ]


def work(output: dict[str, Any]) -> float:
    """CPU seconds of workers for one hour of film, as the planner estimates them."""
    toolbox = Toolbox(read_settings({}))
    registry = Registry(lambda kind: operation_of(kind, Ports(toolbox)))
    plan = compile_plan(parse_recipe({"outputs": {"made": output}}, KINDS), HOUR, registry)
    return sum(step.estimate.cpu_seconds for step in plan.steps)


def around() -> float:
    """USD of a job beside its worker: documents, objects, tasks and calls, and a week of its files."""
    # Progress once a second of a quarter of an hour, and what benchmarks/cloud_job.py counts.
    documents = 1000 * WRITE + 1500 * READ + 60 * DELETE
    objects = 100 * CLASS_A + 300 * CLASS_B
    calls = 60 * (TASK + REQUEST + 0.5 * (REQUEST_VCPU_SECOND + REQUEST_GIB_SECOND))
    stored = STORED_GB_MONTH * (3.6 * 1 / 30 + 1.5 * 7 / 30)
    return documents + objects + calls + stored


def lines() -> list[str]:
    """The page's two tables."""
    table = [f"USD a month, list prices of {PRICES_OF}:", "", "| idle | USD a month |", "|---|---|"]
    table += [f"| {what} | {usd:.2f} |" for what, usd in idle()]
    without, everything = sum(usd for _, usd in idle()[:-1]), sum(usd for _, usd in idle())
    table += [f"| **`dev` and the smallest** | **{without:.2f}** |", f"| **`prod`** | **{everything:.2f}** |", ""]
    table += ["| one hour of 1080p, 30 fps, becomes | CPU hours | worker, USD | all, USD |", "|---|---|---|---|"]
    for name, output in RECIPES.items():
        cpu = work(output)
        table.append(f"| {name} | {cpu / 3600:.2f} | {cost_usd(cpu):.3f} | {cost_usd(cpu) + around():.3f} |")
    return [*table, "", f"A gigabyte that a user downloads: {SENT_GB:.2f}."]


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()) + "\n")
