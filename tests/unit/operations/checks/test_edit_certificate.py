"""The films of one edit, each held against the same source."""

from __future__ import annotations

from typing import Any, cast

import pytest

from dailies.domain.checks.sound_sync import NO_LEVELS, Levels
from dailies.domain.edit.edit_list import EditList
from dailies.domain.source.audio_selection import AudioSelection
from dailies.domain.source.media_info import MediaInfo
from dailies.operations.checks import edit_certificate
from dailies.operations.checks.edit_certificate import SourceSound
from dailies.operations.checks.inspection import Verification
from dailies.planning.operation import Artifact, StepRun
from dailies.planning.plan import PROBE


class Run:
    """As much of a step's run as is asked for."""

    def __init__(self, info: MediaInfo) -> None:
        self.inputs = {PROBE: Artifact(PROBE, "", PROBE, info.model_dump(mode="json"), {})}


class Edit:
    cuts = ()
    rate = 25


def selection(stream: int) -> AudioSelection:
    return AudioSelection(
        stream=stream, sample_rate_hz=48000, source_channels=2, source_layout=("FL", "FR"), layout="stereo",
        sample_format="flt",
    )  # fmt: skip


def test_the_source_is_heard_once_for_all_films_that_take_the_same_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three shapes of one edit, and one with another track."""
    heard: list[int] = []

    def source_levels(_toolbox: Any, _run: Any, _info: Any, stream: int, _points: Any) -> Levels:
        heard.append(stream)
        return NO_LEVELS

    monkeypatch.setattr(edit_certificate, "source_levels", source_levels)
    info = MediaInfo(
        container="mp4", duration_seconds=1, duration_from="header", start_seconds=0, size_bytes=1, bitrate_bps=8,
        audio=(), video=(), other=(), tags={},
    )  # fmt: skip
    source = SourceSound(cast(Any, None), cast(EditList, Edit()))
    found = Verification(info, None, "")
    for stream in (1, 1, 2, 1):
        assert source.checks(cast(StepRun, Run(info)), selection(stream), found) == []
    assert heard == [1, 2]
