"""The words of Say: SSML is taken for the words it holds (spec section 2.1)."""

from __future__ import annotations

from collections.abc import Iterator

from markup.tree import Node
from markup.vocabulary import PHRASING

_APART = frozenset({"break", "p", "s"})
"""What separates words; other elements may stand within one."""


def spoken_text(node: Node) -> str:
    """What is spoken, its white space collapsed (section 1.5); what is no SSML is left out."""
    return " ".join("".join(_pieces(node)).split())


def strangers(node: Node) -> Iterator[Node]:
    """The elements inside Say that are no SSML."""
    for child in node.children:
        if child.name in PHRASING:
            yield from strangers(child)
        else:
            yield child


def _pieces(node: Node) -> Iterator[str]:
    for part in node.parts:
        if isinstance(part, str):
            yield part
        elif part.name in PHRASING:
            gap = " " if part.name in _APART else ""
            yield gap
            if part.name == "sub" and part.attributes.get("alias"):
                yield part.attributes["alias"]
            else:
                yield from _pieces(part)
            yield gap
