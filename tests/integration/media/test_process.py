"""Children are bounded, get nothing of ours, and never outlive us."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from dailies.domain.errors import Cancelled, Interrupted, LeaseLost, Misconfigured
from dailies.domain.stop import StopReason, StopToken
from dailies.media.run import process
from dailies.media.run.process import Limits, SidePipe
from dailies.media.run.sandbox import Sandbox
from tests.integration.media.conftest import running_in, script, wait_until

SOURCES = Path(process.__file__).parents[2]
DEAF = ["trap '' TERM", "echo up", "while :; do sleep 0.05; done"]


def shell(text: str) -> list[str]:
    return ["/bin/sh", "-c", text]


def test_a_child_reports_its_end_and_its_words(scratch: Path, limits: Limits, box: Sandbox) -> None:
    lines: list[str] = []
    ended = process.run(
        shell("echo one; printf two; echo oops >&2; exit 7"),
        cwd=scratch,
        limits=limits,
        on_stdout=lines.append,
        sandbox=box,
    )
    assert lines == ["one", "two"]
    assert (ended.returncode, ended.stderr) == (7, "oops\n")


def test_cpu_and_memory_are_those_of_the_program_also_in_the_sandbox(
    scratch: Path, limits: Limits, box: Sandbox
) -> None:
    """Bubblewrap's processes in between must not hide what the program used."""
    burn = "b = bytearray(200_000_000)\nimport time\nwhile time.process_time() < 0.3: pass"
    base = Path(sys.base_prefix)
    command = [os.path.realpath(sys.executable), "-I", "-S", "-c", burn]
    ended = process.run(command, cwd=scratch, limits=limits, sandbox=box, visible=[base])
    assert ended.returncode == 0, ended.stderr
    assert ended.cpu_seconds >= 0.3
    assert ended.peak_memory_bytes >= 200_000_000


def test_the_environment_stays_here(
    scratch: Path, limits: Limits, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    lines: list[str] = []
    process.run(["/usr/bin/env"], cwd=scratch, limits=limits, on_stdout=lines.append, sandbox=box)
    assert {line.partition("=")[0] for line in lines} <= {"LC_ALL", "PWD", "OLDPWD", "SHLVL", "_"}


def test_stdin_is_empty(scratch: Path, limits: Limits, box: Sandbox) -> None:
    assert process.run(["/bin/cat"], cwd=scratch, limits=limits, sandbox=box).returncode == 0


def test_a_side_pipe_carries_lines_beside_stdout(scratch: Path, limits: Limits, box: Sandbox) -> None:
    aside: list[str] = []
    lines: list[str] = []
    with SidePipe(aside.append) as pipe:
        process.run(
            shell(f"echo aside > /dev/fd/{pipe.fd}; echo out"),
            cwd=scratch,
            limits=limits,
            on_stdout=lines.append,
            sandbox=box,
            side_pipe=pipe,
        )
    assert (aside, lines) == (["aside"], ["out"])


def test_a_flood_of_output_is_kept_as_head_and_tail(scratch: Path, limits: Limits) -> None:
    flood = "echo first >&2; head -c 5000000 /dev/zero | tr '\\0' x >&2; echo; echo last >&2"
    ended = process.run(shell(flood), cwd=scratch, limits=limits)
    assert ended.stderr.startswith("first\n")
    assert ended.stderr.endswith("last\n")
    assert len(ended.stderr) < 200_000


@pytest.mark.parametrize(
    "name", ["-i.mp4", "%d.mp4", "$(id).mp4", "a\nb.mp4", os.fsdecode(b"caf\xe9 \xff.mp4"), "ä;|&'\".mp4"]
)
def test_a_file_of_any_name_is_presented_under_ours(
    name: str, tmp_path: Path, scratch: Path, limits: Limits, box: Sandbox
) -> None:
    try:
        (tmp_path / name).write_text("content")
    except OSError:
        pytest.skip("the file system refuses the name")
    lines: list[str] = []
    process.run(
        ["/bin/cat", "source"],
        cwd=scratch,
        limits=limits,
        on_stdout=lines.append,
        sandbox=box,
        readable=[(tmp_path / name, "source")],
    )
    assert lines == ["content"]
    assert list(scratch.iterdir()) == []


def test_what_a_killed_run_left_in_the_place_of_the_source_is_replaced(
    tmp_path: Path, scratch: Path, limits: Limits, box: Sandbox
) -> None:
    (tmp_path / "file").write_text("content")
    (scratch / "source").symlink_to("/nowhere")
    (scratch / "other").touch()
    lines: list[str] = []
    files = [(tmp_path / "file", "source"), (tmp_path / "file", "other")]
    process.run(
        ["/bin/cat", *(name for _, name in files)],
        cwd=scratch,
        limits=limits,
        on_stdout=lines.append,
        sandbox=box,
        readable=files,
    )
    assert lines == ["contentcontent"]


def test_the_sandbox_shows_no_network_no_other_file_and_lets_only_scratch_be_written(
    tmp_path: Path, scratch: Path, limits: Limits, bubblewrap: Sandbox
) -> None:
    (tmp_path / "secret").write_text("secret")
    lines: list[str] = []
    looking = f"cat {tmp_path}/secret; ls /home /root /etc/passwd; grep -vc lo: /proc/net/dev"
    writing = "for f in /usr/x /x /etc/x source; do true > $f; done; true > written; echo done"
    ended = process.run(
        shell(f"({looking}) 2>&1; {writing}"),
        cwd=scratch,
        limits=limits,
        on_stdout=lines.append,
        sandbox=bubblewrap,
        readable=[(tmp_path / "secret", "source")],
    )
    assert "secret" not in lines
    assert sum("No such file" in line for line in lines) == 4
    assert lines[-1] == "done"
    # /x lies on the sandbox's own empty root, which vanishes with it.
    assert ended.stderr.count("cannot create") >= 2
    assert [path.name for path in scratch.iterdir()] == ["written"]
    assert (tmp_path / "secret").read_text() == "secret"
    assert not Path("/x").exists()


@pytest.mark.parametrize(
    ("reason", "error"), [("cancelled", Cancelled), ("interrupted", Interrupted), ("lease_lost", LeaseLost)]
)
def test_a_stop_that_is_ignored_is_enforced_within_two_seconds(
    reason: StopReason, error: type[Exception], scratch: Path, limits: Limits, box: Sandbox
) -> None:
    """A child that traps SIGTERM, as FFmpeg 9 was seen to for a minute."""
    stop = StopToken()
    asked: list[float] = []

    def up(_: str) -> None:
        asked.append(time.monotonic())
        stop.set(reason)

    with pytest.raises(error):
        process.run(script(scratch / "deaf", *DEAF), cwd=scratch, limits=limits, on_stdout=up, stop=stop, sandbox=box)
    assert time.monotonic() - asked[0] < 2.0
    assert running_in(scratch) == []


def test_nothing_is_started_once_the_stop_is_set(scratch: Path, limits: Limits) -> None:
    stop = StopToken()
    stop.set("cancelled")
    with pytest.raises(Cancelled):
        process.run(shell("touch started"), cwd=scratch, limits=limits, stop=stop)
    assert list(scratch.iterdir()) == []


def test_children_of_the_child_end_with_it(scratch: Path, limits: Limits, box: Sandbox) -> None:
    process.run(shell("sleep 600 & sleep 600 & echo up"), cwd=scratch, limits=limits, sandbox=box)
    assert running_in(scratch) == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_exception_here_kills_the_child(
    error: type[BaseException], scratch: Path, limits: Limits, box: Sandbox
) -> None:
    def fail(_: str) -> None:
        raise error

    with pytest.raises(error):
        process.run(script(scratch / "deaf", *DEAF), cwd=scratch, limits=limits, on_stdout=fail, sandbox=box)
    assert running_in(scratch) == []


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_kill_9_of_the_worker_leaves_no_child(scratch: Path, box: Sandbox) -> None:
    script(scratch / "deaf", *DEAF)
    worker = f"""
import sys; sys.path.insert(0, {str(SOURCES)!r})
from pathlib import Path
from dailies.media.run import process
from dailies.media.run import sandbox
limits = process.Limits(600, 600, 2**33, 2**20)
process.run([{str(scratch / "deaf")!r}], cwd=Path({str(scratch)!r}), limits=limits,
    on_stdout=lambda line: print(line, flush=True), sandbox=sandbox.Sandbox({box.bwrap!r}))
"""
    with subprocess.Popen([sys.executable, "-c", worker], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "up\n"
        assert running_in(scratch)
        parent.kill()
    wait_until(lambda: not running_in(scratch), "the orphans are gone")


def test_a_child_is_not_started_for_a_parent_that_is_gone(
    scratch: Path, limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parent may die before the death signal is armed: the launcher compares its parent's number."""
    monkeypatch.setattr("dailies.media.run.child_limits.os.getpid", lambda: 1)
    ended = process.run(shell("touch started"), cwd=scratch, limits=limits)
    assert ended.returncode == 125
    assert list(scratch.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_without_setpriv_python_arms_the_death_signal(
    scratch: Path, limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dailies.media.run import child_limits

    monkeypatch.setattr("dailies.media.run.child_limits.shutil.which", lambda *_, **__: None)
    child_limits._arm.cache_clear()
    try:
        lines: list[str] = []
        ended = process.run(shell("echo here"), cwd=scratch, limits=limits, on_stdout=lines.append)
    finally:
        child_limits._arm.cache_clear()
    assert (ended.returncode, lines) == (0, ["here"])


def test_a_program_that_is_not_there_is_a_configuration_error(scratch: Path, limits: Limits) -> None:
    ended = process.run(["/nowhere/ffmpeg"], cwd=scratch, limits=limits)
    assert ended.returncode == 127
    with pytest.raises(Misconfigured):
        process.run(["/bin/true"], cwd=scratch / "nowhere", limits=limits)
    with pytest.raises(ValueError, match="absolute"):
        process.run(["ffmpeg"], cwd=scratch, limits=limits)


def test_runs_in_many_threads_do_not_disturb_each_other(tmp_path: Path, limits: Limits) -> None:
    results: list[list[str]] = []

    def one(number: int) -> None:
        lines: list[str] = []
        folder = tmp_path / str(number)
        folder.mkdir()
        process.run(shell(f"echo {number}; pwd"), cwd=folder, limits=limits, on_stdout=lines.append)
        results.append(lines)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [[str(number), str(tmp_path / str(number))] for number in range(8)]
