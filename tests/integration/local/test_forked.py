"""Workers that are a fork of the command. Forked in a process of its own: pytest's has threads."""

from __future__ import annotations

import json
import subprocess
import sys
from textwrap import dedent
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")

_BEGIN = """
import json, os, signal, subprocess, sys, threading
from pathlib import Path
from dailies.adapters.local.workers.forked import ForkedProcess, can_fork

def say(**facts):
    print(json.dumps(facts))
"""


def said(code: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-P", "-W", "error", "-c", _BEGIN + dedent(code)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_the_child_has_a_pipe_as_input_a_group_and_a_name_and_is_silent() -> None:
    """What it prints goes nowhere, what is written to it arrives, and its exit code is what it returned."""
    facts = said(
        """
        def work():
            print("not to be seen", flush=True)
            named = Path("/proc/self/comm").read_text() == "dailies-worker\\n"
            return 7 if os.read(0, 9) == b"job\\n" and os.getpgid(0) == os.getpid() and named else 1

        child = ForkedProcess(work, name=b"dailies-worker")
        child.stdin.write(b"job\\n")
        child.stdin.flush()
        say(code=child.wait(30), again=child.poll())
        """
    )
    assert facts == {"code": 7, "again": 7}


def test_the_end_of_its_input_is_the_end_of_its_parent() -> None:
    """It holds none of our descriptors, not even the other end of its own pipe."""
    facts = said(
        """
        opened, written = os.pipe()

        def work():
            while os.read(0, 1):
                pass
            return 3 if not Path(f"/proc/self/fd/{written}").exists() else 4

        child = ForkedProcess(work, name=b"x")
        child.stdin.close()
        say(code=child.wait(30))
        """
    )
    assert facts == {"code": 3}


def test_one_that_runs_on_is_waited_for_in_vain_and_killed() -> None:
    """As with Popen: TimeoutExpired, then a negative code."""
    facts = said(
        """
        child = ForkedProcess(lambda: os.read(0, 1) and 0, name=b"x")
        try:
            child.wait(0.01)
        except subprocess.TimeoutExpired:
            timed_out = True
        child.kill()
        say(timed_out=timed_out, code=child.wait(30))
        """
    )
    assert facts == {"timed_out": True, "code": -9}


def test_nothing_of_the_parents_runs_in_the_child() -> None:
    """It unwinds no frame below the fork: those are the parent's to end."""
    facts = said(
        """
        try:
            child = ForkedProcess(lambda: sys.exit(5), name=b"x")
            with child.stdin:
                code = child.wait(30)
        finally:
            sys.stderr.write("" if "code" in globals() else "unwound")
        say(code=code)
        """
    )
    assert facts == {"code": 5}


def test_beside_threads_nothing_is_forked() -> None:
    """A lock that another thread holds would stay locked for ever."""
    facts = said(
        """
        alone = can_fork()
        over = threading.Event()
        thread = threading.Thread(target=over.wait)
        thread.start()
        beside = can_fork()
        over.set()
        thread.join()
        say(alone=alone, beside=beside)
        """
    )
    assert facts == {"alone": True, "beside": False}
