"""Real media written elsewhere, for the tests that take any file.

The folder is named by ``DAILIES_MEDIA_CORPUS``: a ``manifest.tsv`` with the columns file, expect (accept, reject or
either) and category beside a folder ``files``.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

NO_CORPUS = "real media are not there (name a folder with a manifest.tsv in DAILIES_MEDIA_CORPUS)"


def corpus() -> list[dict[str, str]]:
    """The manifest's rows, with the ``path`` of each file; none where the variable isn't set."""
    folder = os.environ.get("DAILIES_MEDIA_CORPUS")
    if not folder:
        return []
    with (Path(folder) / "manifest.tsv").open(encoding="utf-8", newline="") as rows:
        table = csv.DictReader(rows, delimiter="\t")
        return [{**row, "path": str(Path(folder) / "files" / row["file"])} for row in table]
