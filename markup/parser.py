"""From bytes to a document: a walk along the grammar's table. What TwiML does not know is a warning, and left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from markup.document import Document, DocumentError, Place
from markup.findings import MOST_DIAGNOSTICS, Findings, shown
from markup.grammar import HOMES, SCHEMA_WARNING, VERBS, Attribute, Child, Element
from markup.readers import Value
from markup.speech import Utterance
from markup.ssml import read_speech
from markup.tree import Node, read_tree
from markup.verbs import Noun, Verb

__all__ = ["LARGEST", "MOST_DIAGNOSTICS", "parse"]

LARGEST = 65_536
"""Bytes: spec section 1.2."""
TOO_LARGE, BAD_VERSION, NO_RESPONSE = 11750, 12101, 12102


def parse(data: bytes) -> Document:
    """Read a document (spec section 1.5). Raises DocumentError when there is none to run."""
    if len(data) > LARGEST:
        raise DocumentError(TOO_LARGE, f"the document is larger than {LARGEST} bytes")
    root = read_tree(data)
    if root.name != "Response":
        raise DocumentError(
            NO_RESPONSE, f"the root element is <{shown(root.name)}>: it must be <Response>", root.line, root.column
        )
    if root.attributes.get("version", "1.0") not in ("1.0", "1", "2010-04-01"):
        raise DocumentError(BAD_VERSION, "the version of <Response> is none that TwiML has", root.line, root.column)
    walk = _Walk(Findings(data))
    read = tuple(walk.verbs(root))
    return Document(tuple(verb for verb, _ in read), walk.findings.diagnostics(), tuple(place for _, place in read))


class _Walk:
    def __init__(self, findings: Findings) -> None:
        self.findings = findings

    def verbs(self, root: Node) -> Iterator[tuple[Verb, Place]]:
        for name in root.attributes:
            if name != "version" and not name.startswith(("xmlns", "xsi:")):
                self.findings.note_attribute(root, name, SCHEMA_WARNING, f"<Response> has no attribute {shown(name)!r}")
        self._check_text(root)
        for node in root.children:
            if node.name in VERBS:
                verb = self._build(node, VERBS[node.name])
                if isinstance(verb, Verb):
                    yield verb, (node.line, node.column)
            else:
                self._misplaced(node, root, SCHEMA_WARNING, VERBS)

    def _build(self, node: Node, element: Element) -> Verb | Noun | None:
        """The verb or noun of an element, or None when it makes no sense as a whole."""
        fields: dict[str, Any] = dict(self._attributes(node, element.attributes))
        self._children(node, element, fields)
        text = node.own_text.strip()
        if element.text and element.text not in fields:
            fields[element.text] = self._speech(node, element) if element.spoken else text
        elif element.bare_text and text and not node.children:
            self._bare_text(node, element.children[element.bare_text], text, fields)
        else:
            self._check_text(node)
        return self._checked(node, element, fields)

    def _checked(self, node: Node, element: Element, fields: dict[str, Any]) -> Verb | Noun | None:
        made: Verb | Noun
        made, faults = element.amend(element.make(**fields), fields)
        for code, words in faults:
            self.findings.note(node, code, words)
        fault = element.fault(made)
        if fault is None:
            return made
        self.findings.note(node, fault[0], f"{fault[1]}; it is skipped")
        return None

    def _speech(self, node: Node, element: Element) -> Utterance:
        def stranger(child: Node) -> None:
            message = f"<{shown(child.name)}> may not stand in <Say>, which holds text and SSML"
            self.findings.note(child, element.nesting_code, message)

        return read_speech(node, lambda child, table: dict(self._attributes(child, table)), self.findings.note, stranger)

    def _attributes(self, node: Node, table: Mapping[str, Attribute]) -> Iterator[tuple[str, Value]]:
        for name, text in node.attributes.items():
            known = table.get(name)
            if known is None:
                hint = self.findings.nearest(name, table)
                message = f"<{node.name}> has no attribute {shown(name)!r}{hint}"
                self.findings.note_attribute(node, name, SCHEMA_WARNING, message)
                continue
            value = known.reader.read(text)
            fault = f"{name}={shown(text)!r} of <{node.name}> is not {known.reader.expected}"
            if value is None:
                consequence = "; the default is used" if known.instead is None else ""
                self.findings.note_attribute(node, name, known.code, fault + consequence)
                if known.instead is not None:
                    yield known.field, known.instead
                continue
            bounded = known.reader.bound(value)
            if bounded != value:
                self.findings.note_attribute(node, name, known.code, f"{fault}; {shown(str(bounded))} is used")
            yield known.field, bounded

    def _children(self, node: Node, element: Element, fields: dict[str, Any]) -> None:
        if element.spoken:
            return
        for inner in node.children:
            child = element.children.get(inner.name)
            if child is not None:
                made = self._build(inner, child.element)
                if made is not None:
                    self._place(inner, node, child, made, fields)
            elif inner.name not in element.ignored:
                self._misplaced(inner, node, element.nesting_code, element.children)
        for field, value in fields.items():
            if isinstance(value, list):
                fields[field] = tuple(value)

    def _place(self, inner: Node, node: Node, child: Child, made: Verb | Noun, fields: dict[str, Any]) -> None:
        """Put a child where it belongs, unless there are enough of it."""
        value = getattr(made, child.unwrapped) if child.unwrapped else made
        if child.single:
            if child.field not in fields:
                fields[child.field] = value
                return
            most = "one counts"
        else:
            kept: list[object] = fields.setdefault(child.field, [])
            if child.most is None or len(kept) < child.most:
                kept.append(value)
                return
            most = f"{child.most} count"
        self.findings.note(inner, child.most_code, f"<{inner.name}> is one too many in <{node.name}>, where {most}")

    def _bare_text(self, node: Node, child: Child, text: str, fields: dict[str, Any]) -> None:
        made = self._checked(node, child.element, {child.element.text: text})
        if made is not None:
            fields[child.field] = (made,)

    def _misplaced(self, node: Node, parent: Node, code: int, allowed: Mapping[str, object]) -> None:
        if node.name in HOMES:
            homes = " or ".join(f"<{home}>" for home in HOMES[node.name])
            self.findings.note(node, code, f"<{node.name}> may not stand in <{parent.name}>: it belongs in {homes}")
        else:
            expected = ", ".join(f"<{name}>" for name in allowed) or "no elements"
            hint = self.findings.nearest(node.name, allowed)
            self.findings.note(node, code, f"TwiML has no <{shown(node.name)}>: <{parent.name}> holds {expected}{hint}")

    def _check_text(self, node: Node) -> None:
        text = node.own_text.strip()
        if text:
            self.findings.note(node, SCHEMA_WARNING, f"the text {shown(text)!r} in <{node.name}> means nothing")
