"""The real command in its own process and home, and what works for it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

T = TypeVar("T")


def _is_second_try(line: dict[str, Any]) -> bool:
    """A worker that is not needed any more is asked to stop, which is none."""
    event = str(line["event"])
    return event.startswith("fused run failed") or (event == "interrupted" and line["code"] != event)


def tried_again(document: Any) -> list[dict[str, Any]]:
    """The steps of a result, or of a job's, that took more than one attempt."""
    found = document.get("result", document) if isinstance(document, dict) else None
    steps = found.get("steps", []) if isinstance(found, dict) else []
    return [step for step in steps if isinstance(step, dict) and step.get("attempts", 1) > 1]


def with_log(arguments: Sequence[str | Path], code: int) -> list[str | Path]:
    """With --json, and what ends well with --debug too."""
    return [*arguments, "--json", *(["--debug"] if code == 0 and "--debug" not in arguments else [])]


@dataclass
class Dailies:
    """``./dailies`` with a store of its own."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    wrapper: list[str] = field(default_factory=list)
    log: str = ""
    """What the last command wrote on stderr."""

    def environ(self) -> dict[str, str]:
        return {**os.environ, "DAILIES_HOME": str(self.home), **self.environment}

    def start(self, *arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.wrapper, sys.executable, "-P", "-m", "dailies", *map(str, arguments)],
            env=self.environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
            text=True, **options,
        )  # fmt: skip

    def __call__(self, *arguments: str | Path, code: int = 0) -> Any:
        """Run with --json, expect the exit code, return the one document on stdout.

        What ends well, does so at once: a worker that is started again, or what is shared made apart, is seen in the
        log and in no document.
        """
        document = self.ended(with_log(arguments, code), code)
        assert code != 0 or (self.second_tries(), tried_again(document)) == ([], [])
        return document

    def ended(self, words: Sequence[str | Path], code: int) -> Any:
        """The document of the command of these words, which ends with the code."""
        return self.finish(self.start(*words), code)

    def finish(self, process: subprocess.Popen[str], code: int = 0) -> Any:
        """Wait for a command that was started with --json; as above."""
        with process:
            out, log = process.communicate(timeout=110)
        return self.judge(process.returncode, out, log, code)

    def judge(self, ended: int, out: str, log: str, code: int) -> Any:
        """The document of a command that ended so; as above."""
        self.log = log
        assert ended == code, f"exit {ended}\n{out}\n{log}"
        assert "Traceback" not in log
        assert out.count("\n") == 1
        return json.loads(out)

    def crash(self, process: subprocess.Popen[str]) -> Counter[str]:
        """kill -9 of everything that works for this store; how many steps of each kind had ended: it needs --debug."""
        # What was just being started when its parent was killed is not in the list yet.
        wait_until(lambda: not self.kill(""), "the end of all processes")
        with process:
            self.log = process.communicate(timeout=30)[1]
        return self.runs()

    def runs(self) -> Counter[str]:
        """How many steps of each kind the workers of the last command ran to their end; it needs --debug."""
        return Counter(line["kind"] for line in self.events() if line["event"] == "step done")

    def sharers(self) -> dict[str, int]:
        """With how many steps each one shared its run, itself counted; of the last command."""
        return {line["step"]: line["sharers"] for line in self.events() if line["event"] == "step done"}

    def second_tries(self) -> list[dict[str, Any]]:
        """What the last command or its workers had to do again; it needs --debug."""
        return [line for line in self.events() if _is_second_try(line)]

    def events(self) -> list[dict[str, Any]]:
        """What the last command and its workers logged."""
        return [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]

    def error(self, *arguments: str | Path, code: int) -> tuple[str, str]:
        """Run what must fail: the error's code and message, held to the rules for both."""
        error = self(*arguments, code=code)["error"]
        assert set(error) == {"code", "message", "details"}
        assert re.fullmatch("[a-z_]+", error["code"])
        assert error["message"].strip()
        assert "\n" not in error["message"]
        return error["code"], error["message"]

    def leftovers(self) -> list[str]:
        scratch = self.home / "scratch"
        return [str(path.relative_to(scratch)) for path in scratch.rglob("*")] if scratch.exists() else []

    def processes(self) -> dict[int, str]:
        """The command lines of all that works for this store: commands, workers, and what they run."""
        return dict(_processes(self.home))

    def pids(self, words: str) -> list[int]:
        """Of the processes with these words in their command lines, now."""
        return [pid for pid, line in self.processes().items() if words in line]

    def process(self, words: str, seconds: float = 60, *, after: int = 0) -> int:
        """Wait for a process with these words in its command line that is younger than the process ``after``.

        Of what was killed, something may live on for a moment: a sandbox that was just being set up.
        """
        return wait_until(
            lambda: next((pid for pid, command in self.processes().items() if words in command and pid > after), None),
            words,
            seconds,
        )

    def kill(self, *words: str, number: signal.Signals = signal.SIGKILL) -> list[int]:
        """Send a signal to every process with one of these words in its command line, and tell which they are; who was
        stopped is continued by number, as it has no command line in the moment in which it becomes another.
        """
        found = [pid for pid, command in self.processes().items() if any(word in command for word in words)]
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return found

    def end(self) -> None:
        """Wait until nothing works for this store any more; kill what does not end and fail."""
        try:
            wait_until(lambda: not self.processes(), "the end of all processes", 10)
        except AssertionError:
            pytest.fail(f"still running: {self.processes()}")
        finally:
            self.kill("")


def wait_until(condition: Callable[[], T | None], what: str, seconds: float = 30) -> T:
    """Look until ``condition`` gives something true, and return it; fails after ``seconds``."""
    pause, limit = threading.Event(), time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < limit, f"waited {seconds} s in vain for {what}"
        pause.wait(0.02)
    return found


def _processes(home: Path) -> Iterator[tuple[int, str]]:
    """Looked at many times a second, so by the calls that cost least."""
    mark, below = f"\0DAILIES_HOME={home}\0".encode(), f"{home}/"
    for number in os.listdir("/proc"):  # noqa: PTH208
        if number.isdecimal():
            process = f"/proc/{number}"
            with contextlib.suppress(OSError):
                # FFmpeg gets no environment, but works in a folder of the store.
                ours = mark in b"\0" + _bytes_of(f"{process}/environ") + b"\0"
                if ours or f"{os.readlink(f'{process}/cwd')}/".startswith(below):  # noqa: PTH115
                    command = _bytes_of(f"{process}/cmdline")
                    if _bytes_of(f"{process}/comm").strip() == b"dailies-worker":
                        # A fork has its parent's command line.
                        command = command and b"-m dailies.worker"
                    if command:  # a zombie has none
                        yield int(number), command.replace(b"\0", b" ").decode(errors="replace")


def _bytes_of(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        return file.read()
