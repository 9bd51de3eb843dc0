"""From bytes to a document: a walk along the grammar's table. What TwiML does not know is a warning, and left out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from markup.document import Diagnostic, Document, DocumentError
from markup.grammar import PARAMETER_HOLDERS, SCHEMA_WARNING, UNSUPPORTED, UNSUPPORTED_NOUNS, VERBS, Element
from markup.readers import Value
from markup.tree import Node, place_of_attribute, read_tree
from markup.verbs import Noun, Unsupported, Verb

LARGEST = 65_536
"""Bytes: spec section 1.2."""
TOO_LARGE, BAD_VERSION, NO_RESPONSE = 11750, 12101, 12102
NESTED_IN_DIAL, NESTED_IN_GATHER = 13215, 13320
NOT_BUILT = 13750
LONGEST_SHOWN = 60


def parse(data: bytes) -> Document:
    """Read a document. Raises DocumentError when there is none to run."""
    if len(data) > LARGEST:
        raise DocumentError(TOO_LARGE, f"the document is larger than {LARGEST} bytes")
    root = read_tree(data)
    if root.name != "Response":
        raise DocumentError(
            NO_RESPONSE, f"the root element is <{root.name[:LONGEST_SHOWN]}>: it must be <Response>", root.line, root.column
        )
    if root.attributes.get("version", "1.0") not in ("1.0", "1", "2010-04-01"):
        raise DocumentError(BAD_VERSION, "the version of <Response> is none that TwiML has", root.line, root.column)
    walk = _Walk(data)
    verbs = tuple(walk.verbs(root))
    return Document(verbs, tuple(walk.diagnostics))


class _Walk:
    def __init__(self, data: bytes) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._data = data

    def verbs(self, root: Node) -> Iterable[Verb]:
        for name in root.attributes:
            if name != "version" and not name.startswith(("xmlns", "xsi:")):
                self._warn_attribute(root, name, SCHEMA_WARNING, f"<Response> has no attribute {name!r}")
        self._check_text(root, "")
        for node in root.children:
            if node.name in UNSUPPORTED:
                yield Unsupported(node.name)
            elif node.name in VERBS:
                verb = self._build(node, VERBS[node.name])
                assert isinstance(verb, Verb)
                yield verb
            else:
                self._warn(
                    node, SCHEMA_WARNING, f"TwiML has no verb <{_shown(node.name)}>{_nearest(node.name, [*VERBS, *UNSUPPORTED])}"
                )

    def _build(self, node: Node, element: Element) -> Verb | Noun:
        fields: dict[str, object] = dict(self._attributes(node, element))
        if element.text:
            fields[element.text] = _collapse(node.whole_text) if element.spoken else node.own_text.strip()
        children = list(self._children(node, element))
        if element.bare_text is not None and not children and node.own_text.strip():
            children = [_make(element.bare_text, {element.bare_text.text: node.own_text.strip()})]
        if element.children_field:
            fields[element.children_field] = tuple(children)
        if not element.text and element.bare_text is None:
            self._check_text(node, f"<{node.name}>")
        return _make(element, fields)

    def _attributes(self, node: Node, element: Element) -> Iterable[tuple[str, Value]]:
        for name, text in node.attributes.items():
            known = element.attributes.get(name)
            if known is None:
                hint = _nearest(name, element.attributes)
                self._warn_attribute(node, name, SCHEMA_WARNING, f"<{node.name}> has no attribute {_shown(name)!r}{hint}")
                continue
            value = known.reader.read(text)
            if value is None:
                message = f"{name}={_shown(text)!r} of <{node.name}> is not {known.reader.expected}; the default is used"
                self._warn_attribute(node, name, known.code, message)
            else:
                yield known.field, value

    def _children(self, node: Node, element: Element) -> Iterable[Verb | Noun]:
        for child in node.children:
            if child.name in element.children:
                yield self._build(child, element.children[child.name])
            elif element.spoken or (child.name == "Parameter" and node.name in PARAMETER_HOLDERS):
                continue
            elif node.name == "Dial" and child.name in UNSUPPORTED_NOUNS:
                self._warn(child, NOT_BUILT, f"<{child.name}> cannot be dialled by this switch", "error")
            else:
                code = {"Dial": NESTED_IN_DIAL, "Gather": NESTED_IN_GATHER}.get(node.name, SCHEMA_WARNING)
                expected = ", ".join(f"<{name}>" for name in element.children) or "nothing"
                self._warn(child, code, f"<{_shown(child.name)}> may not stand in <{node.name}>, which holds {expected}")

    def _check_text(self, node: Node, where: str) -> None:
        text = node.own_text.strip()
        if text:
            self._warn(node, SCHEMA_WARNING, f"the text {_shown(text)!r} in {where or '<Response>'} means nothing")

    def _warn(self, node: Node, code: int, message: str, level: str = "warning") -> None:
        self.diagnostics.append(Diagnostic(code, level, message, node.line, node.column))  # type: ignore[arg-type]

    def _warn_attribute(self, node: Node, name: str, code: int, message: str) -> None:
        line, column = place_of_attribute(self._data, node, name)
        self.diagnostics.append(Diagnostic(code, "warning", message, line, column))


def _make(element: Element, fields: dict[str, Any]) -> Verb | Noun:
    return element.make(**fields)


def _collapse(text: str) -> str:
    return " ".join(text.split())


def _shown(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


def _nearest(name: str, known: Iterable[str] | Mapping[str, object]) -> str:
    by_lower = {each.lower(): each for each in known}
    found = difflib.get_close_matches(name.lower()[:LONGEST_SHOWN], by_lower, n=1)
    return f"; is {by_lower[found[0]]} meant?" if found else ""
