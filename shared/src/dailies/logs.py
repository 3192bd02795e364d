"""Logs: JSON lines on stderr for machines, a short human form on a terminal."""

from __future__ import annotations

import logging
import os
import sys

import structlog


def configure_logs(level: str | None = None) -> None:
    """Set structlog up for this process. ``level`` (or ``DAILIES_LOG``) is debug, info, warning or error;
    the default is warning: what a user has to know comes as errors and results, not as logs."""
    name = (level or os.environ.get("DAILIES_LOG") or "warning").upper()
    human = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if human else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(name, 30)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
