"""Bubblewrap around a child: no network, one writable folder, its own process table, hardly any files.

The demuxer allow-list and the rlimits come first; this is for the decoder bug nobody knows yet. What a child
sees is listed, not what it must not see: system libraries read-only, the scratch folder, the source. Home
folders, credentials, other users' media and other processes are not there. It costs about 5 ms a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

#: All that a program finds outside its scratch folder: where systems keep programs and libraries (Debian's BLAS is
#: reached through /etc/alternatives), fonts for subtitles, and the CPU count. Not /etc itself, nor /home, /var …
SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt", "/nix/store", "/gnu/store"),
    *("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/sys/devices/system/cpu"),
)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """How children are wrapped: ``Sandbox()`` wraps nothing, ``sandbox_trial.detect`` finds what works here."""

    bwrap: str | None = None
    #: Why there is none, in words for ``dailies doctor``.
    reason: str = "switched off"

    @property
    def active(self) -> bool:
        return self.bwrap is not None

    def wrap(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        readable: Sequence[tuple[Path, str]] = (),
        visible: Sequence[Path] = (),
    ) -> list[str]:
        """``argv`` inside the sandbox; unchanged when there is none. The files of ``readable`` get mounted in cwd."""
        if self.bwrap is None:
            return list(argv)
        words = [self.bwrap]
        words += ["--unshare-net"]  # CVEs in demuxers end in requests; a job needs none
        words += ["--unshare-pid", "--unshare-ipc", "--unshare-uts"]  # no other process to see or signal
        words += ["--as-pid-1"]  # bwrap's own init in between would hide the child's CPU and memory from wait4
        words += ["--die-with-parent"]  # kill -9 of the worker ends the namespace, and all in it
        words += ["--proc", "/proc", "--dev", "/dev"]
        for folder in SYSTEM:
            words += ["--ro-bind-try", folder, folder]
        for tool in (Path(argv[0]), *visible):
            for place in dict.fromkeys((tool.absolute(), tool.resolve())):
                words += [] if _in_system(place) else ["--ro-bind", str(place), str(place)]
        place = cwd.absolute()
        words += ["--bind", str(place), str(place), "--chdir", str(place)]
        for path, name in readable:
            words += ["--ro-bind", str(path.absolute()), str(place / name)]
        return [*words, "--", *argv]


def _in_system(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in SYSTEM)
