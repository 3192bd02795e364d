"""Files that are fetched for a command: delivered as they are, or only looked at."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dailies.bootstrap import LOCAL_UID, Local, local
from dailies.cli.console import Console
from dailies.cli.places import Target
from dailies.cli.probe_text import probe_text
from dailies.cli.progress_bar import Tracked, display_for
from dailies.cli.running import stop_on_signals
from dailies.cli.streams import opened, stream_out
from dailies.cli.web_files import Named, WebFile, named
from dailies.domain.errors import InvalidRequest
from dailies.domain.web.url import parse_url
from dailies.services.fetch_file import FetchedFile, download_name, fetch_file, fetched
from dailies.settings import read_settings

_TOLD_SECONDS = 0.2


def deliver_url(console: Console, url: str, target: Target, *, overwrite: bool) -> None:
    """Raises as :func:`~dailies.services.fetch_file.fetch_file`; InvalidRequest for what is no URL."""
    source = named(url)
    if not isinstance(source, WebFile):
        raise InvalidRequest(f"{url} is no URL: name one that begins with https://.", code="usage")
    name = download_name(parse_url(source.url, read_settings().fetch_ports))
    with local() as built, display_for(console) as display, stop_on_signals() as stop:

        def bring(place: Path, *, overwrite: bool, rename: bool = False) -> FetchedFile:
            report = _Teller(display.begin(name)).tell
            identify = built.sources.identify
            return fetch_file(
                built.platform,
                LOCAL_UID,
                source.url,
                place,
                identify=identify,
                report=report,
                stop=stop,
                overwrite=overwrite,
                rename=rename,
            )

        if target.is_stream:
            with stream_out(built.platform) as place:
                bring(place, overwrite=True)
                console.emit_file(place)
            return
        unnamed = target.path is None or target.is_folder
        place = target.path or Path()
        brought = bring(place / name if unnamed else place, overwrite=overwrite, rename=unnamed)
    console.emit(brought.model_dump(mode="json"), f"{brought.path}\n{probe_text(brought.media)}")


@contextmanager
def looked_at(console: Console, built: Local, file: Named) -> Iterator[Path]:
    """The file that a command looks at, on this machine for as long as the block takes: a URL's is fetched, and goes.

    Raises as :func:`~dailies.cli.streams.opened` and :func:`~dailies.services.fetch_file.fetched`.
    """
    if not isinstance(file, WebFile):
        with opened(built.platform, file) as source:
            yield source.path
        return
    with ExitStack() as stack:
        url = parse_url(file.url, built.platform.settings.fetch_ports)
        with display_for(console) as display, stop_on_signals() as stop:
            report = _Teller(display.begin(download_name(url))).tell
            arrived = stack.enter_context(fetched(built.platform, url, report, stop))
        yield arrived.path


class _Teller:
    """Tells a person how far it is, not more often than they read."""

    def __init__(self, tracked: Tracked) -> None:
        self._tracked = tracked
        self._told_at = float("-inf")

    def tell(self, there: int, total: int | None) -> None:
        if time.monotonic() - self._told_at >= _TOLD_SECONDS:
            self._told_at = time.monotonic()
            self._tracked.processing({"stage": "fetch", "progress": 100 * there / total if total else 0.0})
