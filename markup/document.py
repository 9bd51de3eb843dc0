"""A parsed document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from markup.errors import DocumentError
from markup.verbs import Verb

__all__ = ["Diagnostic", "Document", "DocumentError", "Place"]

Place = tuple[int, int]
"""Line and column, counted from 1."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something that a document says in vain."""

    code: int
    level: Literal["error", "warning"]
    message: str
    """What is wrong and what TwiML expects."""
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Document:
    """Verbs in the order in which they run, and what was left out of them."""

    verbs: tuple[Verb, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    places: tuple[Place, ...] = ()
    """Where each of the verbs stands; empty for a document that was not parsed."""
