"""What ``convert`` and ``transcribe`` do with the files that they are given: one output of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import typer

from dailies.cli.console import Console
from dailies.cli.employing import employ
from dailies.cli.options import in_option_names
from dailies.cli.places import Target, refuse_contradictions, target_of
from dailies.cli.source_files import is_one
from dailies.cli.web_files import named


def make_of_each(
    console: Console,
    context: typer.Context,
    files: Sequence[str],
    output: str | None,
    document: Callable[[Target], Mapping[str, Any]],
    *,
    workers: int | None,
    overwrite: bool,
    at_once: int | None,
    json: bool,
) -> None:
    """Make the recipe's one output of each file, at ``output`` or beside it. ``document``: the recipe for a place.

    Errors name the command's options.
    """
    with in_option_names():
        sources = [named(file) for file in files]
        one = is_one(sources)
        target = target_of(output, several=not one)
        refuse_contradictions(target, one=one, json=json)
        recipe = document(target)
        with employ(context, workers, alone=one) as standby:
            if one:
                from dailies.cli.running import convert_file

                convert_file(console, sources[0], recipe, target, overwrite=overwrite, standby=standby)
            else:
                from dailies.cli.many_files import convert_files

                convert_files(console, sources, recipe, target, overwrite=overwrite, at_once=at_once)
