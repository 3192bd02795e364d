"""Filters that have nothing to do with each other, in graphs of their own. Pure.

FFmpeg sets a whole graph up anew when one of its inputs changes: a picture that changes its size must not begin the
sound again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_GRAPH = "-filter_complex"
_CHAIN_END = re.compile(r"(?<!\\);")
#: A label that joins two chains; an input (``0:1``) has a colon.
_LINK = re.compile(r"\[([^\[\]:]+)\]")


def separated(arguments: Sequence[str]) -> list[str]:
    """``arguments`` with each of their graphs divided into as many as aren't connected."""
    words: list[str] = []
    for position, word in enumerate(arguments):
        if word == _GRAPH:
            continue
        if position and arguments[position - 1] == _GRAPH:
            words += [each for graph in _parts(word) for each in (_GRAPH, graph)]
        else:
            words.append(word)
    return words


def _parts(graph: str) -> list[str]:
    parts: list[tuple[set[str], list[str]]] = []
    for chain in _CHAIN_END.split(graph):
        links = set(_LINK.findall(chain))
        touching = [part for part in parts if part[0] & links]
        chains = [each for part in touching for each in part[1]]
        parts = [part for part in parts if part not in touching]
        parts.append((links.union(*(part[0] for part in touching)), [*chains, chain]))
    return [";".join(chains) for _, chains in parts]
