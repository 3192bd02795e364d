"""The manifest of a package: what a job made, by which steps, and how good it is. A public format."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from dailies.domain.model import Model


class PackedFile(Model):
    """One file of an output."""

    name: str = Field(description="below the folder that the outputs are delivered to, and in the ZIP file")
    media_type: str
    bytes: int
    sha256: str


class PackedOutput(Model):
    """One output and its certificate."""

    kind: str
    quality: int = Field(ge=0, le=100, description="docs/transcripts.md says of what")
    seconds: float = Field(description="that its last step took, when it was made")
    cost_usd: float = Field(description="of that step: its share of the worker, and what others charged")
    attempts: int
    files: tuple[PackedFile, ...] = Field(description="the main one first")
    certificate: dict[str, Any] = Field(description="as in the job's result")


class PackedSteps(Model):
    """All steps of one kind that the outputs rest on, their own included."""

    kind: str
    count: int
    seconds: float
    cost_usd: float


class Manifest(Model):
    """What is in a package."""

    version: Literal[1] = 1
    quality: int = Field(ge=0, le=100, description="the mean of the outputs', no more than 10 above the worst")
    outputs: dict[str, PackedOutput]
    left_out: tuple[str, ...] = Field((), description="optional outputs that could not be made; the result says why")
    steps: tuple[PackedSteps, ...]
    seconds: float = Field(description="of all steps; some run at once")
    cost_usd: float
