"""The command in this process, its workers as threads: for what a film has to be, not for what processes have to do.

A file of tests that says ``from tests.e2e.in_process import dailies as dailies`` runs so, on one store for all of
them. It is the command's own code from the arguments on; imports and starts of Python are what is saved.
"""

from __future__ import annotations

import io
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from dailies.adapters.local.workers import workers
from dailies.bootstrap import parts
from dailies.cli import main
from dailies.domain.errors import DailiesError
from dailies.domain.stop import StopToken
from dailies.media.probe.probe_host import ProbeHost
from dailies.media.toolbox import Toolbox
from dailies.settings import Settings
from dailies.worker import work
from tests.e2e.command import Dailies
from tests.made import lend_tools


class _Worker:
    """A worker in a thread, in the words of ``subprocess.Popen``."""

    pid = -1

    def __init__(self, job_id: str) -> None:
        self.returncode: int | None = None
        self._stop = StopToken()
        self._thread = threading.Thread(target=self._work, args=(job_id,))
        self._thread.start()

    @property
    def stdin(self) -> _Worker:
        return self

    def close(self) -> None:
        """The end of standard input asks a worker to stop."""
        self._stop.set("interrupted")

    def send_signal(self, number: int) -> None:
        assert number == signal.SIGTERM
        self.close()

    def poll(self) -> int | None:
        return None if self._thread.is_alive() else self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        # Longer than a process is given: a thread can't be killed.
        self._thread.join(60)
        assert not self._thread.is_alive(), "the worker does not stop"
        return self.returncode

    def _work(self, job_id: str) -> None:
        code = 70
        try:
            code = work(job_id, self._stop)
        except DailiesError:
            code = 1
        finally:
            self.returncode = code


class _Threads(workers.LocalWorkers):
    def _start(self, job_id: str) -> Any:
        return _Worker(job_id)


@dataclass
class InProcess(Dailies):
    """Called, it runs here; started, it is a process on the same store."""

    host: ProbeHost | None = None
    """Probes its files; None: each has a process of its own."""

    def ended(self, words: Sequence[str | Path], code: int) -> Any:
        return super().ended(words, code) if self.wrapper else self.judge(*self.run(*words), code)

    def run(self, *arguments: str | Path) -> tuple[int, str, str]:
        """The exit code, and what was written on stdout and stderr."""
        _prepared_worker()
        words = [*map(str, arguments)]
        level = {"DAILIES_LOG": "debug" if "--debug" in words else "critical"}
        out, log = io.StringIO(), io.StringIO()
        with (
            mock.patch.dict(os.environ, {"DAILIES_HOME": str(self.home), **level, **self.environment}),
            mock.patch.object(workers, "LocalWorkers", _Threads),
            mock.patch.object(parts, "toolbox", self._toolbox),
            redirect_stdout(out),
            redirect_stderr(log),
            workers.Standby(wanted=False) as nobody,
            pytest.raises(SystemExit) as ended,
        ):
            main._run_command(words, lambda: nullcontext(nobody))
        return int(str(ended.value.code)), out.getvalue(), log.getvalue()

    def _toolbox(self, settings: Settings) -> Callable[[], Toolbox]:
        @cache
        def make() -> Toolbox:
            toolbox = Toolbox(settings)
            toolbox.probe_host = self.host
            return toolbox

        return make


@cache
def _prepared_worker() -> None:
    """Import and build once what a command does before it forks its worker: here it would be left out."""
    assert main._worker() is not None


def another(home: Path, host: ProbeHost | None = None) -> InProcess:
    """The command on a store of its own."""
    return InProcess(lend_tools(home), host=host)


@pytest.fixture
def dailies(home: Path, probe_host: ProbeHost) -> Iterator[InProcess]:
    """One store for all tests of the file."""
    found = InProcess(home, host=probe_host)
    yield found
    found.end()
