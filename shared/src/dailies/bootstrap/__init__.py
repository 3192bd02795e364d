"""Builds the platform from the settings: the one place that knows which adapter stands behind a port."""

from __future__ import annotations

from functools import cache

from dailies.bootstrap.cloud import Cloud, build_cloud, deployment_check
from dailies.bootstrap.engines import speech_choice
from dailies.bootstrap.local import LOCAL_UID, Local, build_local, import_local, local
from dailies.engine.platform import Platform
from dailies.settings import read_settings

__all__ = [
    "LOCAL_UID",
    "Cloud",
    "Local",
    "build_cloud",
    "build_local",
    "deployment_check",
    "import_local",
    "local",
    "platform",
    "speech_choice",
]


@cache
def platform() -> Platform:
    """The platform that the environment configures, built on first use and kept: the cloud where a project is set."""
    settings = read_settings()
    return build_local(settings).platform if settings.project is None else build_cloud(settings).platform
