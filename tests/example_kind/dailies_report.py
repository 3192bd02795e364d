"""``report``: what the probe found, as a JSON file."""

from __future__ import annotations

import json
from typing import ClassVar, Literal

from dailies.domain.job.result import Check, Facts
from dailies.domain.model import Model
from dailies.domain.recipe.fields import Output, Requested
from dailies.domain.source.media_info import MediaInfo
from dailies.operations.checks.certificate import certified
from dailies.operations.media_step import MediaStep
from dailies.planning.operation import Estimate, Produced, Request, StepRun

EXAMPLE = {"outputs": {"about": {"kind": "report"}}}


class ReportOutput(Requested):
    """What the source is: containers, tracks and their lengths."""

    kind: Literal["report"] = "report"
    format: Literal["json"] = "json"


class ReportParams(Model):
    """None: it depends on the source alone."""


class ReportResult(Facts):
    kind: Literal["report"] = "report"
    tracks: int


class ReportOperation(MediaStep):
    """Answers outputs of kind ``report``."""

    kind: ClassVar[str] = "report"
    output: ClassVar[type[Output]] = ReportOutput
    facts: ClassVar[type[Facts]] = ReportResult
    version: ClassVar[str] = "1"

    def request(self, field: str, output: ReportOutput, info: MediaInfo) -> Request:
        return Request(self.kind, ReportParams())

    def file_name(self, name: str, output: ReportOutput) -> str:
        return f"{name}.json"

    def estimate(self, params: ReportParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=0.01)

    def make(self, run: StepRun) -> Produced:
        info = self.probed(run)
        path = run.scratch / "report.json"
        path.write_text(json.dumps({"container": info.container, "seconds": info.duration_seconds}))
        tracks = len(info.audio) + len(info.video)
        check = Check(name="tracks", expected="1 or more", measured=f"{tracks}", passed=tracks > 0)
        return certified(path, "application/json", [check], ReportResult(tracks=tracks))
