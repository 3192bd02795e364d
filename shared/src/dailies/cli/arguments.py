"""The arguments and options that several commands take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

SHELLS = ("bash", "zsh", "fish")
HELP = {"help_option_names": ["-h", "--help"]}

# As text: of a URL a Path would make another.
MediaOrUrl = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="the media file, its https URL, or job:ID/OUTPUT; - reads stdin; put -- before a name that begins with -",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="exactly one JSON document on stdout")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="no progress on stderr")]
Debug = Annotated[bool, typer.Option("--debug", help="tracebacks and debug logs on stderr")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="replace existing output files")]
# Readable or not is for the commands to say: typer's own check makes it a usage error.
RecipeFile = Annotated[
    Path, typer.Option("--recipe", metavar="JSON", readable=False, help="file of the recipe; - reads stdin")
]
Workers = Annotated[
    int | None, typer.Option(min=1, max=500, metavar="N", help="processes that share a long film; default: 1")
]
AtOnce = Annotated[
    int | None,
    typer.Option("--at-once", min=1, max=64, metavar="N", help="files under way; default: as processors allow"),
]
#: The user of the page of `dailies up`.
DEV = "dev"
User = Annotated[str, typer.Option(metavar="UID", help="whose; `dev` is the page of `dailies up`")]
Limit = Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="how many at most")]


def one_of(*words: str) -> Callable[[str], list[str]]:
    """What a shell offers for an option with these values."""
    return lambda incomplete: [word for word in words if word.startswith(incomplete)]
