"""How an element is described: its class, its attributes, its text, its children, and what may be wrong with the whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from markup.findings import SCHEMA_WARNING
from markup.readers import Reader, Value
from markup.verbs import Noun, Verb

__all__ = ["SCHEMA_WARNING", "Attribute", "Child", "Element", "Fault", "children"]


Fault = tuple[int, str]
"""Code and words for something that makes no sense."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """Where an attribute goes."""

    field: str
    reader: Reader
    code: int = SCHEMA_WARNING
    """Of the diagnostic for a wrong value."""
    instead: Value | None = None
    """What stands for a wrong value where the default would do something else than its author meant; the verb refuses it."""


@dataclass(frozen=True, slots=True)
class Child:
    """What may stand inside an element, and where it goes."""

    element: Element
    field: str
    """A tuple of them in order, or one alone."""
    single: bool = False
    """Only the first counts, and the field holds it without a tuple."""
    unwrapped: str = ""
    """The field of the child that is taken instead of the child: ``<Identity>`` stands for its text."""
    most: int | None = None
    """How many count; None: any number."""
    most_code: int = SCHEMA_WARNING
    """Of the warning for one too many."""


@dataclass(frozen=True, slots=True)
class Element:
    """How one element is read."""

    make: type[Verb] | type[Noun]
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    text: str = ""
    """The field that takes the element's text; empty: it has none."""
    spoken: bool = False
    """The text is speech, in which SSML has a meaning."""
    children: Mapping[str, Child] = field(default_factory=dict)
    bare_text: str = ""
    """The child that the text stands for when there are none: ``<Dial>+15550100</Dial>``."""
    ignored: frozenset[str] = frozenset()
    """Children that the SDK writes, to no known effect."""
    nesting_code: int = SCHEMA_WARNING
    """Of the warning for a child that does not belong."""
    fault: Callable[[Any], Fault | None] = lambda made: None
    """What keeps the whole from being run; it is then left out."""
    amend: Callable[[Any, Collection[str]], tuple[Any, tuple[Fault, ...]]] = lambda made, said: (made, ())
    """What becomes of parts that do not go together, and what is wrong with those left out; also told which fields were set."""


def children(field: str, **elements: Element) -> dict[str, Child]:
    """Children of several kinds that stand in one field in their order."""
    return {name: Child(element, field) for name, element in elements.items()}
