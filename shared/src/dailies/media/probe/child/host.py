"""Runs in the sandbox for as long as one user's jobs: has PyAV imported, and forks for each file that it is handed.

Standard input is a socket. A message is the options of ``main.main`` and three descriptors: the file, and where the
fork's output and errors go. The answer is the fork's exit code. What a file does to its fork is the fork's.
"""

from __future__ import annotations

import json
import os
import socket
import sys

import av.logging  # noqa: F401 -- what takes long, once for all forks

from .main import main as probe

_MOST_BYTES = 1 << 17


def serve() -> None:
    """Until the other end closes."""
    channel = socket.socket(fileno=0)
    channel.send(b"ready")
    while True:
        message, descriptors, _, _ = socket.recv_fds(channel, _MOST_BYTES, 3)
        if not message:
            return
        pid = os.fork()
        if pid == 0:
            channel.close()
            _probe(message, *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        _, status = os.waitpid(pid, 0)
        channel.send(str(os.waitstatus_to_exitcode(status)).encode())


def _probe(message: bytes, file: int, out: int, err: int) -> None:
    """The fork's whole life."""
    code = 1
    try:
        os.dup2(out, 1)
        os.dup2(err, 2)
        probe(json.dumps({**json.loads(message), "file": f"file:/proc/self/fd/{file}"}))
        sys.stdout.flush()
        code = 0
    finally:
        os._exit(code)
