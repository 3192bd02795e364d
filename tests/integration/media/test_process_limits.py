"""Each limit ends a child, and says so with a code of its own."""

from __future__ import annotations

import itertools
import os
import shlex
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from dailies.domain.errors import Interrupted, Killed, PermanentError, SourceRefused, StorageFull
from dailies.domain.stop import StopToken
from dailies.media.run import process
from dailies.media.run.process import Limits
from dailies.media.run.sandbox import Sandbox
from tests.integration.media.conftest import running_in


def shell(text: str) -> list[str]:
    return ["/bin/sh", "-c", text]


def test_wall_clock(scratch: Path, limits: Limits, box: Sandbox) -> None:
    started = time.monotonic()
    with pytest.raises(PermanentError) as caught:
        process.run(
            shell("trap '' TERM; while :; do sleep 0.05; done"),
            cwd=scratch,
            limits=replace(limits, wall_seconds=0.3),
            sandbox=box,
        )
    assert caught.value.error_code == "time_limit"
    assert time.monotonic() - started < 3


def test_a_child_that_closes_its_pipes_is_still_watched(scratch: Path, limits: Limits) -> None:
    with pytest.raises(PermanentError) as caught:
        process.run(shell("exec >&- 2>&-; sleep 600"), cwd=scratch, limits=replace(limits, wall_seconds=0.3))
    assert caught.value.error_code == "time_limit"


def test_cpu_time(scratch: Path, limits: Limits, box: Sandbox) -> None:
    with pytest.raises(PermanentError) as caught:
        process.run(shell("while :; do :; done"), cwd=scratch, limits=replace(limits, cpu_seconds=1), sandbox=box)
    assert caught.value.error_code == "time_limit"


def test_memory(scratch: Path, limits: Limits, box: Sandbox) -> None:
    command = [os.path.realpath(sys.executable), "-I", "-S", "-c", "bytearray(10**9)"]
    small = replace(limits, memory_bytes=500 * 2**20)
    with pytest.raises(PermanentError) as caught:
        process.run(command, cwd=scratch, limits=small, sandbox=box, visible=[Path(sys.base_prefix)])
    assert caught.value.error_code == "memory_limit"


def test_size_of_a_file(scratch: Path, limits: Limits, box: Sandbox) -> None:
    small = replace(limits, file_bytes=2**20)
    with pytest.raises(PermanentError) as caught:
        process.run(shell("exec head -c 5000000 /dev/zero > big"), cwd=scratch, limits=small, sandbox=box)
    assert caught.value.error_code == "output_limit"
    assert (scratch / "big").stat().st_size <= 2**20


def test_a_full_disk_is_told_from_a_bad_source(scratch: Path, limits: Limits) -> None:
    with pytest.raises(StorageFull):
        process.run(shell("head -c 10 /dev/zero > /dev/full"), cwd=scratch, limits=limits)


def test_a_title_that_mentions_the_disk_is_no_full_disk(scratch: Path, limits: Limits) -> None:
    """FFmpeg prints metadata indented; only its own lines count."""
    ended = process.run(shell("echo '    title: No space left on device' >&2; exit 1"), cwd=scratch, limits=limits)
    assert ended.returncode == 1


def test_no_core_file(scratch: Path, limits: Limits) -> None:
    ended = process.run(shell("kill -SEGV $$"), cwd=scratch, limits=limits)
    assert ended.returncode == -signal.SIGSEGV
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("command", ["kill -STOP $$", "exec sleep 600", "exec >&- 2>&-; exec sleep 600"])
def test_a_child_that_stands_still_is_ended(command: str, scratch: Path, limits: Limits, box: Sandbox) -> None:
    """Stopped, waiting for ever, or with its pipes closed; the first process of a namespace can't be stopped."""
    started = time.monotonic()
    with pytest.raises(SourceRefused) as caught:
        process.run(shell(f"{command}; sleep 600"), cwd=scratch, limits=replace(limits, still_seconds=0.5), sandbox=box)
    assert caught.value.error_code == "stood_still"
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "work",
    [
        "for n in 1 2 3 4 5 6 7 8; do sleep 0.25; echo; done",  # it writes
        f"exec {shlex.quote(sys.executable)} -c 'while __import__(\"time\").thread_time() < 1.5: pass'",  # it computes
    ],
    ids=["writes", "computes"],
)
def test_a_child_that_works_is_not(work: str, scratch: Path, limits: Limits) -> None:
    assert process.run(shell(work), cwd=scratch, limits=replace(limits, still_seconds=1.0)).returncode == 0


def test_a_child_whose_work_goes_on_elsewhere_is_not(scratch: Path, limits: Limits) -> None:
    seen = itertools.count()
    ended = process.run(
        shell("sleep 1.2"), cwd=scratch, limits=replace(limits, still_seconds=0.5), moved=lambda: next(seen)
    )
    assert ended.returncode == 0


@pytest.mark.parametrize("name", ["KILL", "TERM", "HUP"])
def test_who_is_killed_from_outside_may_be_tried_again(scratch: Path, limits: Limits, box: Sandbox, name: str) -> None:
    """The kernel out of memory, or an operator: no fault of the media's, and memory is named."""
    number = signal.Signals[f"SIG{name}"]

    def kill(_line: str) -> None:
        for pid in running_in(scratch):
            os.kill(pid, number)

    # Under nohup tests, and what they start, ignore it.
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        with pytest.raises(Killed, match="memory") as caught:
            process.run(shell("echo up; exec sleep 60"), cwd=scratch, limits=limits, on_stdout=kill, sandbox=box)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert caught.value.details == {"signal": number}


def test_an_ffmpeg_that_obeys_a_signal_was_ended_from_outside(scratch: Path, limits: Limits) -> None:
    """It closes its file and exits with 255."""
    with pytest.raises(Killed) as caught:
        process.run(
            shell("echo '[info] Exiting normally, received signal 15.' >&2; exit 255"), cwd=scratch, limits=limits
        )
    assert caught.value.details == {"signal": 15}


def test_a_child_that_ends_with_the_machine_was_interrupted(scratch: Path, limits: Limits) -> None:
    """Who ends all processes at once ends them in any order: that is no crash of the step."""
    stop = StopToken()

    def interrupt(_line: str) -> None:
        stop.set("interrupted")

    with pytest.raises(Interrupted):
        process.run(shell("echo up; kill -TERM $$"), cwd=scratch, limits=limits, on_stdout=interrupt, stop=stop)
