"""Brings one environment up to date; scripts/setup calls it when the environment's stamp does not fit.

It runs before anything is installed, so it uses the standard library only. The stamp goes first and comes
back last: whatever is interrupted in between is made again from nothing by the next start.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

Command = Sequence[str | Path]

EXIT_MAY_PASS = 4
# The interpreter itself, not a link to it: a link may lead to another Python after an upgrade of the system.
INTERPRETER = Path(sys.executable).resolve()


class SetupFailed(Exception):
    """The sentence that the user gets."""


class Stamp(NamedTuple):
    """One line each for where the checkout is and which Python was asked for; then what is installed.

    scripts/setup compares the file byte for byte."""

    where: bytes
    asked: bytes
    installed: bytes


@dataclass(frozen=True)
class Checkout:
    root: Path
    name: str
    base: Path
    venv: Path

    @property
    def stamp(self) -> Path:
        return self.venv / "dailies.stamp"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def log(self) -> Path:
        return Path(f"{self.venv}.log")

    @property
    def tools(self) -> Path:
        return Path(f"{self.base}-uv")

    def requirements(self, name: str) -> Path:
        return self.root / "requirements" / f"{name}.txt"

    def made(self) -> Stamp:
        if not (os.access(self.python, os.X_OK) and self.stamp.is_file()):
            return Stamp(b"", b"", b"")
        where, _, rest = self.stamp.read_bytes().partition(b"\n")
        asked, _, installed = rest.partition(b"\n")
        return Stamp(where, asked, installed)

    def wanted(self) -> Stamp:
        asked = os.fsencode(os.environ.get("DAILIES_PYTHON", "")) or self.made().asked
        lists = (self.requirements(self.name), self.root / "shared" / "pyproject.toml")
        return Stamp(os.fsencode(self.root), asked, b"".join(path.read_bytes() for path in lists))


def main(arguments: Sequence[str]) -> int:
    root, name, base, venv = arguments
    checkout = Checkout(Path(root), name, Path(base), Path(venv))
    try:
        with _alone(checkout):
            # Again, now that we are alone: another start may just have done it.
            if checkout.made() != checkout.wanted():
                with checkout.log.open("wb") as log:
                    _make_current(checkout, log)
    except SetupFailed as failure:
        sys.stderr.write(f"Set-up failed: {failure}\n")
    except OSError as error:
        sys.stderr.write(f"Set-up failed: {error}. DAILIES_VENV can name a folder that is yours to write.\n")
    except KeyboardInterrupt:
        return 130
    else:
        return 0
    return EXIT_MAY_PASS


@contextlib.contextmanager
def _alone(checkout: Checkout) -> Iterator[None]:
    """A lock of the kernel's: it ends with the process that held it, however that ended."""
    checkout.base.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{checkout.base}.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write("Waiting for another set-up to finish…\n")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make_current(checkout: Checkout, log: IO[bytes]) -> None:
    made, wanted = checkout.made(), checkout.wanted()
    keep = made.where == wanted.where and _has_the_python(checkout)
    if keep and made.installed == wanted.installed:
        _write(checkout.stamp, wanted)
        return
    reason = "the requirements changed" if keep else "first run, about a minute"
    sys.stderr.write(f"Setting up ({reason})…\n")
    checkout.stamp.unlink(missing_ok=True)
    if not keep:
        _run([INTERPRETER, "-m", "venv", "--without-pip", "--clear", checkout.venv], checkout, log)
    uv = _find_uv(checkout, log)
    target: Command = ["--python", checkout.python, "--compile-bytecode"]
    pins: Command = ["--require-hashes", "--no-build", checkout.requirements(checkout.name)]
    _run([uv, "pip", "sync", *target, *pins], checkout, log)
    editable: Command = ["--build-constraints", checkout.requirements("build"), "--editable", checkout.root / "shared"]
    _run([uv, "pip", "install", "--no-deps", *target, *editable], checkout, log)
    # Without this the first start compiles; that it can't be written in a read-only checkout is no failure.
    with contextlib.suppress(SetupFailed):
        _run([checkout.python, "-m", "compileall", "-q", checkout.root / "shared" / "src"], checkout, log)
    _write(checkout.stamp, wanted)


def _write(path: Path, stamp: Stamp) -> None:
    partial = path.with_suffix(".partial")
    partial.write_bytes(b"\n".join(stamp))
    partial.replace(path)


def _has_the_python(checkout: Checkout) -> bool:
    """Whether the environment runs on the Python that is asked for. Who asks for none keeps what is there."""
    configuration = (checkout.venv / "pyvenv.cfg").read_text()
    return not os.environ.get("DAILIES_PYTHON") or f"executable = {INTERPRETER}\n" in configuration


def _find_uv(checkout: Checkout, log: IO[bytes]) -> Path | str:
    """uv from PATH, or the pinned one, which pip installs beside the environments."""
    if shutil.which("uv"):
        with contextlib.suppress(SetupFailed):
            _run(["uv", "--version"], checkout, log)
            return "uv"
    uv, pinned = checkout.tools / "bin" / "uv", checkout.requirements("uv")
    copy = checkout.tools / "uv.txt"
    if copy.is_file() and copy.read_bytes() == pinned.read_bytes() and os.access(uv, os.X_OK):
        return uv
    partial = Path(f"{checkout.tools}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.rmtree(checkout.tools, ignore_errors=True)
    install: Command = ["--require-hashes", "--only-binary", ":all:", "--target", partial / "uv", "-r", pinned]
    _run([_find_pip(checkout, partial / "pip", log), "-m", "pip", "install", *install], checkout, log)
    shutil.copyfile(pinned, partial / "uv" / "uv.txt")
    (partial / "uv").rename(checkout.tools)
    shutil.rmtree(partial)
    return uv


def _find_pip(checkout: Checkout, folder: Path, log: IO[bytes]) -> Path:
    """A Python that has pip. Debian splits venv's pip and pip itself off into packages of their own."""
    with contextlib.suppress(SetupFailed):
        _run([INTERPRETER, "-m", "pip", "--version"], checkout, log)
        return INTERPRETER
    with contextlib.suppress(SetupFailed):
        _run([INTERPRETER, "-m", "venv", folder], checkout, log)
        return folder / "bin" / "python"
    raise SetupFailed(
        f"{INTERPRETER} has neither pip nor ensurepip. Install python3-venv (Debian, Ubuntu: "
        f"apt install python3-venv), or install uv, and start again."
    )


def _run(command: Command, checkout: Checkout, log: IO[bytes]) -> None:
    settings = {
        # Said by name above: a user's own defaults for pip and uv must not send the files elsewhere.
        "PIP_USER": "0",
        "PIP_REQUIRE_VIRTUALENV": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_NO_PROGRESS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }
    if not os.access(Path.home(), os.W_OK):
        settings["UV_NO_CACHE"] = "1"
    log.write(f"$ {' '.join(map(str, command))}\n".encode())
    log.flush()
    environment = {**os.environ, **settings}
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=checkout.root, env=environment, check=False
    )
    if done.returncode:
        what = " ".join(map(str, [Path(command[0]).name, *command[1:3]]))
        raise SetupFailed(f"“{what}” did not succeed. Is the network there? {checkout.log} has the details.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
