"""What all verbs and nouns descend from, and the name-value pairs that several of them hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verb:
    """Something a document asks for."""


@dataclass(frozen=True, slots=True)
class Noun:
    """What a verb is done to."""


@dataclass(frozen=True, slots=True)
class Parameter(Noun):
    """A value of the author's own for whoever is at the other end (section 1.8)."""

    name: str = ""
    """Its name."""
    value: str = ""
    """Its value."""


@dataclass(frozen=True, slots=True)
class Config(Noun):
    """A setting of an engine (section 1.8)."""

    name: str = ""
    """Its name."""
    value: str = ""
    """Its value."""
