"""The process that probes many files: its answers are those of a child for one, and its faults are nobody's."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dailies.domain.errors import Cancelled, SourceRefused
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.stop import StopToken
from dailies.media.probe import probe_host
from dailies.media.probe.probe import probe
from dailies.media.probe.probe_host import ProbeHost
from dailies.media.run import process
from dailies.media.run.sandbox import Sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="descriptors are handed over by /proc")


@pytest.fixture
def host(scratch: Path) -> Iterator[ProbeHost]:
    with closing(ProbeHost(scratch, "host-")) as made:
        yield made
    assert [path.name for path in scratch.iterdir()] == []


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The programs that were started for one file each."""
    started: list[str] = []
    run = process.run

    def counted(argv: Any, **options: Any) -> Any:
        started.append(argv[0])
        return run(argv, **options)

    monkeypatch.setattr(process, "run", counted)
    return started


@pytest.fixture
def look(host: ProbeHost, scratch: Path, box: Sandbox) -> Callable[..., MediaInfo]:
    def asked(source: Path, **options: Any) -> MediaInfo:
        return probe(source, scratch=scratch, sandbox=box, **{"host": host, **options})

    return asked


def pid_of(host: ProbeHost) -> int:
    assert host._process is not None
    return host._process.pid


def test_it_answers_as_a_child_for_one_file_does(
    host: ProbeHost, look: Callable[..., MediaInfo], children: list[str], talk: Path, tmp_path: Path
) -> None:
    """Of one file after the other in one process, refusals and libav's complaints included."""
    junk, cut = tmp_path / "junk.mp4", tmp_path / "cut.mp4"
    junk.write_bytes(b"\0\0\0\x18ftypisom" + bytes(range(256)) * 40)
    cut.write_bytes(talk.read_bytes()[: talk.stat().st_size * 2 // 3])
    hosted = look(talk)
    pid = pid_of(host)
    refusals = []
    for source in (junk, cut):
        with pytest.raises(SourceRefused) as refused:
            look(source)
        refusals.append((refused.value.error_code, refused.value.message))
    assert look(talk) == hosted
    assert (children, pid_of(host)) == ([], pid)
    assert look(talk, host=None) == hosted
    for source, refusal in zip((junk, cut), refusals, strict=True):
        with pytest.raises(SourceRefused) as refused:
            look(source, host=None)
        assert (refused.value.error_code, refused.value.message) == refusal


def test_another_user_s_files_have_another_process(host: ProbeHost, look: Callable[..., MediaInfo], talk: Path) -> None:
    host.serve("ann")
    look(talk)
    first = pid_of(host)
    host.serve("ann")
    look(talk)
    assert pid_of(host) == first
    host.serve("bob")
    look(talk)
    assert pid_of(host) != first
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


def test_when_it_fails_a_child_for_the_file_is_asked(
    host: ProbeHost, look: Callable[..., MediaInfo], children: list[str], talk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed, silent, or busy with another file: the answer is the same, and the next file finds a new one."""
    expected = look(talk)
    first = pid_of(host)
    os.killpg(first, signal.SIGKILL)
    assert look(talk) == expected
    assert len(children) == 1
    assert look(talk) == expected
    assert (len(children), pid_of(host) == first) == (1, False)
    with monkeypatch.context() as patch:
        patch.setattr(probe_host, "_ANSWER_SECONDS", 0.0)
        assert look(talk) == expected
    assert len(children) == 2
    with host._lock:
        assert look(talk) == expected
    assert len(children) == 3


def test_what_kills_a_fork_is_judged_by_a_child_of_its_own(
    host: ProbeHost, look: Callable[..., MediaInfo], children: list[str], talk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a decoder crashes: the host's own word is not taken for it."""
    look(talk)
    with monkeypatch.context() as patch:
        # Options that the program can't read: it ends with an error, and says so.
        patch.setattr(socket, "send_fds", _garbled(socket.send_fds))
        look(talk)
    assert len(children) == 1


def test_a_stop_ends_it(host: ProbeHost, look: Callable[..., MediaInfo], children: list[str], talk: Path) -> None:
    look(talk)
    stop = StopToken()
    stop.set("cancelled")
    with pytest.raises(Cancelled):
        look(talk, stop=stop)
    assert children == []


def _garbled(send: Callable[..., int]) -> Callable[..., int]:
    def garble(channel: Any, _: Any, descriptors: Any) -> int:
        return send(channel, [b"{}"], descriptors)

    return garble
