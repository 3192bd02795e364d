"""Checks what Dailies needs on this machine, and names the fix for what is missing."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass

from dailies.domain.errors import DailiesError
from dailies.engine.platform import Platform
from dailies.media.run.find_ffmpeg import FFmpeg
from dailies.media.toolbox import Toolbox
from dailies.operations import KINDS
from dailies.ports.transcriber import SpeechChoice
from dailies.services.diagnosis.extras import EXTRAS, Extra

_LOW_DISK_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: ``fix`` is empty when nothing has to be done."""

    name: str
    ok: bool
    found: str
    fix: str = ""


def examine(platform: Platform, toolbox: Toolbox, speech: Callable[[], SpeechChoice]) -> list[Finding]:
    """Every check, in the order in which they matter. Raises nothing: a failing check is a finding."""
    findings = [Finding("python", sys.version_info >= (3, 11), sys.version.split()[0])]
    try:
        binary = toolbox.ffmpeg()
        findings.append(Finding("ffmpeg", True, f"{binary.version} at {binary.path}"))
        findings += _kinds(binary)
    except DailiesError as error:
        findings.append(Finding("ffmpeg", False, "not usable", error.message))
    findings.append(_sandbox(platform, toolbox))
    home = platform.settings.home
    free = shutil.disk_usage(home).free
    findings.append(
        Finding(
            "disk",
            free >= _LOW_DISK_BYTES,
            f"{free / 1e9:.1f} GB free at {home}",
            "" if free >= _LOW_DISK_BYTES else "free some, run `dailies gc`, or set DAILIES_HOME elsewhere",
        )
    )
    used = sum(found.size for found in platform.objects.list(""))
    findings.append(Finding("store", True, f"{used / 1e6:.1f} MB of {platform.settings.store_max_bytes / 1e9:g} GB"))
    return [*findings, _speech(speech), *(_extra(extra) for extra in EXTRAS)]


def _speech(speech: Callable[[], SpeechChoice]) -> Finding:
    """Nobody has to have an engine: who asks for a transcript is told."""
    try:
        chosen = speech()
        can = chosen.transcriber.capabilities()
    except DailiesError as error:
        # Nobody has to have one; one that somebody has chosen has to work.
        absent = error.error_code == "no_engine"
        return Finding("transcripts", absent, "no engine" if absent else "not ready", error.message)
    where = "sound is sent there" if can.remote else "on this machine"
    weak = "" if can.word_error is None else f"; English only, {can.word_error:.0%} of words wrong"
    return Finding("transcripts", True, f"{can.engine} ({can.model}), {where}{weak}", chosen.better)


def _extra(extra: Extra) -> Finding:
    """Nobody has to have one: what it is for says so itself when it is missing."""
    missing = extra.missing()
    if missing and extra.absent_on == sys.version_info[:2]:
        return Finding(extra.name, True, "there is none for this Python")
    if not missing:
        return Finding(extra.name, True, f"there, for {extra.purpose}")
    return Finding(extra.name, True, f"without {', '.join(missing)}", f"for {extra.purpose}: {extra.remedy}")


def _kinds(binary: FFmpeg) -> list[Finding]:
    """The kinds of output that need more of FFmpeg than it has."""
    nothing: frozenset[str] = frozenset()
    lacking = {
        kind: binary.missing(getattr(made, "filters", nothing), getattr(made, "encoders", nothing))
        for kind, made in KINDS.items()
    }
    return [
        Finding("ffmpeg", False, f"{kind} needs {lacks}", "name a full build with DAILIES_FFMPEG, or unset it")
        for kind, lacks in lacking.items()
        if lacks
    ]


def _sandbox(platform: Platform, toolbox: Toolbox) -> Finding:
    try:
        sandbox = toolbox.sandbox()
    except DailiesError as error:
        return Finding("sandbox", False, "required and not usable", error.message)
    if sandbox.active:
        return Finding("sandbox", True, "bubblewrap: no network, read-only root")
    fix = "" if platform.settings.sandbox == "off" else "optional: a working bubblewrap isolates FFmpeg further"
    return Finding("sandbox", True, f"allow-lists and resource limits only: {sandbox.reason}", fix)
