"""kill -9, signals and rivals at every stage: the same command goes on, and the result is the same bytes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dailies.adapters.local.documents.database import Database
from dailies.adapters.local.documents.documents import LocalDocuments
from dailies.adapters.local.owners import LocalOwners
from dailies.services.delivery import _part_prefix
from tests.e2e.command import Dailies, wait_until
from tests.made import lend_tools

Clips = Callable[[str], Path]

WORKER = "dailies.worker"
# What is in a command line while a step runs, or the name of an object while it is committed.
MOMENTS = {"probe": "probe.child", "measure": "ebur128", "encode": "libx264"}
COMMIT = "commit"


@pytest.fixture(scope="module")
def undisturbed(clips: Clips, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What the command makes when nothing happens to it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    dailies = Dailies(lend_tools(folder / "home"))
    dailies(*command(clips, folder / "out.mp4"))
    dailies.end()
    return (folder / "out.mp4").read_bytes()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The place of the output, in a folder that holds nothing else."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder / "out.mp4"


def command(clips: Clips, out: Path) -> list[str]:
    return ["convert", str(clips("brief.mp4")), "--to", "mp4", "-o", str(out)]


def start(dailies: Dailies, clips: Clips, out: Path) -> subprocess.Popen[str]:
    return dailies.start(*command(clips, out), "--json")


def reach(dailies: Dailies, moment: str, process: subprocess.Popen[str] | None = None) -> None:
    """Wait for the moment; where there was another command before, for that of ``process``."""
    if moment != COMMIT:
        dailies.process(MOMENTS[moment], after=process.pid if process else 0)
        return
    objects = dailies.home / "objects"
    wait_until(lambda: objects.exists() and any("_file-" in name for name in os.listdir(objects)), "a commit", 60)  # noqa: PTH208 - fast


def freeze(dailies: Dailies, moment: str) -> None:
    """Hold what runs at the moment there: no machine is too fast for the test then."""
    dailies.kill(MOMENTS[moment], number=signal.SIGSTOP)


def statuses(document: Any) -> dict[str, str]:
    return {step["kind"]: step["status"] for step in document["steps"]}


def tokens(dailies: Dailies) -> dict[str, int]:
    """How often each step was claimed."""
    with closing(LocalDocuments(Database(dailies.home / "dailies.sqlite3"))) as documents:
        return {lease.data["step"]: lease.data["token"] for lease in documents.query("leases")}


def assert_tidy(dailies: Dailies, out: Path, expected: bytes | None) -> None:
    dailies.end()
    assert dailies.leftovers() == []
    assert [path.name for path in out.parent.iterdir()] == ([] if expected is None else [out.name])
    if expected is not None:
        assert out.read_bytes() == expected


@pytest.mark.parametrize("moment", [*MOMENTS, COMMIT])
def test_a_killed_worker_is_replaced(
    dailies: Dailies, clips: Clips, out: Path, undisturbed: bytes, moment: str
) -> None:
    """kill -9 of the worker at any step: the same command notices, goes on and ends well."""
    process = start(dailies, clips, out)
    reach(dailies, moment)
    dailies.kill(WORKER)
    dailies.finish(process)
    assert_tidy(dailies, out, undisturbed)


@pytest.mark.parametrize("moment", [*MOMENTS, COMMIT])
def test_when_everything_was_killed_the_same_command_goes_on(
    dailies: Dailies, clips: Clips, out: Path, undisturbed: bytes, moment: str
) -> None:
    """kill -9 of all processes: the next run redoes what was unfinished, says what was cached, leaves nothing."""
    process = start(dailies, clips, out)
    reach(dailies, moment)
    dailies.crash(process)
    assert list(out.parent.iterdir()) == []
    found = statuses(dailies(*command(clips, out)))
    if moment in ("encode", COMMIT):
        assert [found[kind] for kind in ("probe", "measure", "level")] == ["cached"] * 3
    if moment != COMMIT:
        assert found["video"] == "done"
    assert_tidy(dailies, out, undisturbed)


def test_what_a_killed_delivery_left_beside_the_output_goes(
    dailies: Dailies, clips: Clips, out: Path, undisturbed: bytes
) -> None:
    """A part of the output, left by a dead process, is removed by the next run; a living one's is not."""
    dead = LocalOwners(dailies.home / "owners").me()
    (dailies.home / "owners" / dead).unlink()
    part = out.with_name(f"{_part_prefix(out)}{dead}.part")
    part.write_bytes(b"half")
    dailies(*command(clips, out))
    assert_tidy(dailies, out, undisturbed)
    part.write_bytes(b"half")
    dailies(*command(clips, out))
    assert_tidy(dailies, out, undisturbed)


def test_a_job_may_be_killed_any_number_of_times(dailies: Dailies, clips: Clips, out: Path, undisturbed: bytes) -> None:
    """Killing everything says nothing about the source: who asks again is not told that a step is poison."""
    for _ in range(4):
        process = start(dailies, clips, out)
        reach(dailies, "probe")
        dailies.crash(process)
    dailies(*command(clips, out))
    assert_tidy(dailies, out, undisturbed)


def test_a_worker_ends_with_its_command(dailies: Dailies, clips: Clips, out: Path, undisturbed: bytes) -> None:
    """kill -9 of the command alone: worker and FFmpeg end by themselves, and the next run goes on."""
    process = start(dailies, clips, out)
    reach(dailies, "encode")
    process.kill()
    with process:
        process.communicate(timeout=30)
    dailies.end()
    found = statuses(dailies(*command(clips, out)))
    assert found == {"probe": "cached", "measure": "cached", "level": "cached", "video": "done"}
    assert_tidy(dailies, out, undisturbed)


def test_two_commands_for_one_job_share_its_steps(
    dailies: Dailies, clips: Clips, out: Path, undisturbed: bytes
) -> None:
    """Each step is claimed once, both end well, also when both deliver to the same place."""
    processes = [start(dailies, clips, out) for _ in range(2)]
    first, second = (dailies.finish(process) for process in processes)
    assert set(tokens(dailies).values()) == {1}
    if first["job_id"] == second["job_id"]:
        assert first["steps"] == second["steps"]
    assert_tidy(dailies, out, undisturbed)


def test_a_rival_s_other_job_is_not_given_up(dailies: Dailies, clips: Clips, out: Path, undisturbed: bytes) -> None:
    """Two commands with different jobs share a store and its queue: the one that ends first takes nothing along."""
    quick = out.with_name("quick.wav")
    other = dailies.start("convert", clips("quiet.wav"), "--to", "wav", "--no-normalize", "-o", quick, "--json")
    process = start(dailies, clips, out)
    dailies.finish(other)
    dailies.finish(process)
    quick.unlink()
    assert_tidy(dailies, out, undisturbed)


@pytest.mark.parametrize("resumed", [False, True])
def test_ctrl_c_cancels_tidily(dailies: Dailies, clips: Clips, out: Path, resumed: bool) -> None:
    """SIGINT: exit 130, the job is cancelled, FFmpeg is gone in under two seconds, nothing is left; resumed or not."""
    process = start(dailies, clips, out)
    reach(dailies, "encode")
    if resumed:
        dailies.crash(process)
        process = start(dailies, clips, out)
        reach(dailies, "encode", process)
    process.send_signal(signal.SIGINT)
    sent = time.monotonic()
    wait_until(lambda: not any("libx264" in line for line in dailies.processes().values()), "FFmpeg's end")
    assert time.monotonic() - sent < 2
    assert dailies.finish(process, code=130)["error"]["code"] == "cancelled"
    [job] = dailies("jobs", "list")
    assert job["status"] == "cancelled"
    assert_tidy(dailies, out, None)


def test_sigterm_leaves_the_job_to_be_continued(dailies: Dailies, clips: Clips, out: Path, undisturbed: bytes) -> None:
    """The step is released, nothing is left behind, and the same command goes on with the same job."""
    process = start(dailies, clips, out)
    reach(dailies, "encode")
    freeze(dailies, "encode")
    process.terminate()
    assert dailies.finish(process, code=130)["error"]["code"] == "interrupted"
    assert_tidy(dailies, out, None)
    [job] = dailies("jobs", "list")
    assert job["status"] == "processing"
    document = dailies(*command(clips, out))
    assert document["job_id"] == job["job_id"]
    assert statuses(document) == {"probe": "cached", "measure": "cached", "level": "cached", "video": "done"}
    assert_tidy(dailies, out, undisturbed)


def test_a_job_is_cancelled_from_another_process(dailies: Dailies, clips: Clips, out: Path) -> None:
    """`jobs cancel` ends the command that runs the job, with exit 130 and nothing left."""
    process = start(dailies, clips, out)
    reach(dailies, "encode")
    freeze(dailies, "encode")
    [job] = dailies("jobs", "list")
    assert dailies("jobs", "cancel", job["job_id"])["status"] == "cancelled"
    assert dailies.finish(process, code=130)["error"]["code"] == "cancelled"
    assert_tidy(dailies, out, None)


@pytest.mark.parametrize("rival", [False, True])
def test_a_worker_that_slept_past_its_lease_commits_nothing_twice(
    dailies: Dailies, clips: Clips, out: Path, undisturbed: bytes, rival: bool
) -> None:
    """Stopped and continued: without a rival it goes on; one that took the step over is the one that commits."""
    dailies.environment |= {"DAILIES_LEASE_SECONDS": "1", "DAILIES_HEARTBEAT_SECONDS": "0.2"}
    processes = [start(dailies, clips, out)]
    reach(dailies, "encode")
    worker = dailies.process(WORKER)
    [step] = [step for step in tokens(dailies) if step.startswith("video")]
    os.kill(worker, signal.SIGSTOP)
    try:
        if rival:
            processes.append(start(dailies, clips, out))
            wait_until(lambda: tokens(dailies)[step] == 2, "the step to be taken over")
        else:
            stopped = time.monotonic()
            wait_until(lambda: time.monotonic() - stopped > 1.2, "the lease's end")
    finally:
        os.kill(worker, signal.SIGCONT)
    for process in processes:
        assert dailies.finish(process)["status"] == "completed"
    assert tokens(dailies)[step] == 1 + rival
    assert_tidy(dailies, out, undisturbed)
