"""From bytes to a document: a walk along the grammar's table. What TwiML does not know is a warning, and left out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from markup.document import Diagnostic, Document, DocumentError
from markup.grammar import SCHEMA_WARNING, VERBS, Element
from markup.readers import Value
from markup.speech import spoken_text, strangers
from markup.tree import Node, place_of_attribute, read_tree
from markup.verbs import Noun, Unsupported, Verb
from markup.vocabulary import HOMES, UNSUPPORTED_VERBS

LARGEST = 65_536
"""Bytes: spec section 1.2."""
TOO_LARGE, BAD_VERSION, NO_RESPONSE = 11750, 12101, 12102
NOT_BUILT = 13750
LONGEST_SHOWN = 60
MOST_DIAGNOSTICS = 100
"""Every one becomes a report of the call: a hostile document must not make thousands."""


def parse(data: bytes) -> Document:
    """Read a document (spec section 1.5). Raises DocumentError when there is none to run."""
    if len(data) > LARGEST:
        raise DocumentError(TOO_LARGE, f"the document is larger than {LARGEST} bytes")
    root = read_tree(data)
    if root.name != "Response":
        raise DocumentError(
            NO_RESPONSE, f"the root element is <{_shown(root.name)}>: it must be <Response>", root.line, root.column
        )
    if root.attributes.get("version", "1.0") not in ("1.0", "1", "2010-04-01"):
        raise DocumentError(BAD_VERSION, "the version of <Response> is none that TwiML has", root.line, root.column)
    walk = _Walk(data)
    verbs = tuple(walk.verbs(root))
    return Document(verbs, walk.diagnostics())


class _Walk:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._found: list[Diagnostic] = []
        self._left_out = 0

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        if not self._left_out:
            return tuple(self._found)
        last = self._found[-1]
        more = Diagnostic(SCHEMA_WARNING, "warning", f"{self._left_out} more are not listed", last.line, last.column)
        return (*self._found, more)

    def verbs(self, root: Node) -> Iterator[Verb]:
        for name in root.attributes:
            if name != "version" and not name.startswith(("xmlns", "xsi:")):
                self._warn_attribute(root, name, SCHEMA_WARNING, f"<Response> has no attribute {_shown(name)!r}")
        self._check_text(root)
        for node in root.children:
            if node.name in UNSUPPORTED_VERBS:
                self._warn(node, NOT_BUILT, f"<{node.name}> is not supported yet and is skipped", "error")
                yield Unsupported(node.name)
            elif node.name in VERBS:
                verb = self._build(node, VERBS[node.name])
                if isinstance(verb, Verb):
                    yield verb
            else:
                self._misplaced(node, root, SCHEMA_WARNING, (*VERBS, *sorted(UNSUPPORTED_VERBS)))

    def _build(self, node: Node, element: Element) -> Verb | Noun | None:
        """The verb or noun of an element, or None when it makes no sense as a whole."""
        fields: dict[str, Any] = dict(self._attributes(node, element))
        children = list(self._children(node, element))
        text = spoken_text(node) if element.spoken else node.own_text.strip()
        if element.text:
            fields[element.text] = text
        elif element.bare_text is not None and text and not node.children:
            children = self._checked(node, element.bare_text, {element.bare_text.text: text})
        else:
            self._check_text(node)
        if element.children_field:
            fields[element.children_field] = tuple(children)
        return next(iter(self._checked(node, element, fields)), None)

    def _checked(self, node: Node, element: Element, fields: dict[str, Any]) -> list[Verb | Noun]:
        made = element.make(**fields)
        fault = element.fault(made)
        if fault is None:
            return [made]
        self._warn(node, fault[0], f"{fault[1]}; it is skipped")
        return []

    def _attributes(self, node: Node, element: Element) -> Iterator[tuple[str, Value]]:
        for name, text in node.attributes.items():
            known = element.attributes.get(name)
            if known is None:
                hint = _nearest(name, element.attributes)
                self._warn_attribute(node, name, SCHEMA_WARNING, f"<{node.name}> has no attribute {_shown(name)!r}{hint}")
                continue
            value = known.reader.read(text)
            fault = f"{name}={_shown(text)!r} of <{node.name}> is not {known.reader.expected}"
            if value is None:
                self._warn_attribute(node, name, known.code, f"{fault}; the default is used")
                continue
            bounded = known.reader.bound(value)
            if bounded != value:
                self._warn_attribute(node, name, known.code, f"{fault}; {bounded} is used")
            yield known.field, bounded

    def _children(self, node: Node, element: Element) -> Iterator[Verb | Noun]:
        if element.spoken:
            for stranger in strangers(node):
                self._warn(
                    stranger, element.nesting_code, f"<{_shown(stranger.name)}> may not stand in <Say>, which holds text and SSML"
                )
            return
        for child in node.children:
            if child.name in element.children:
                made = self._build(child, element.children[child.name])
                if made is not None:
                    yield made
            elif child.name in element.unsupported:
                self._warn(child, NOT_BUILT, f"<{child.name}> in <{node.name}> is not supported yet and is skipped", "error")
            elif child.name not in element.ignored:
                self._misplaced(child, node, element.nesting_code, (*element.children, *sorted(element.unsupported)))

    def _misplaced(self, node: Node, parent: Node, code: int, allowed: tuple[str, ...]) -> None:
        if node.name in HOMES or node.name in VERBS:
            homes = " or ".join(f"<{home}>" for home in HOMES.get(node.name, ("Response",)))
            self._warn(node, code, f"<{node.name}> may not stand in <{parent.name}>: it belongs in {homes}")
        else:
            expected = ", ".join(f"<{name}>" for name in allowed) or "no elements"
            message = f"TwiML has no <{_shown(node.name)}>: <{parent.name}> holds {expected}{self._hint(node, allowed)}"
            self._warn(node, code, message)

    def _hint(self, node: Node, allowed: tuple[str, ...]) -> str:
        return _nearest(node.name, allowed) if len(self._found) < MOST_DIAGNOSTICS else ""

    def _check_text(self, node: Node) -> None:
        text = node.own_text.strip()
        if text:
            self._warn(node, SCHEMA_WARNING, f"the text {_shown(text)!r} in <{node.name}> means nothing")

    def _warn(self, node: Node, code: int, message: str, level: Literal["error", "warning"] = "warning") -> None:
        self._note(Diagnostic(code, level, message, node.line, node.column))

    def _warn_attribute(self, node: Node, name: str, code: int, message: str) -> None:
        if len(self._found) < MOST_DIAGNOSTICS:
            self._note(Diagnostic(code, "warning", message, *place_of_attribute(self._data, node, name)))
        else:
            self._left_out += 1

    def _note(self, diagnostic: Diagnostic) -> None:
        if len(self._found) < MOST_DIAGNOSTICS:
            self._found.append(diagnostic)
        else:
            self._left_out += 1


def _shown(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


def _nearest(name: str, known: Iterable[str]) -> str:
    by_lower = {each.lower(): each for each in known}
    found = difflib.get_close_matches(name.lower()[:LONGEST_SHOWN], by_lower, n=1)
    return f"; is {by_lower[found[0]]} meant?" if found else ""
