"""XML text as a tree whose nodes know where they stand; entities and document types are refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from markup.errors import DocumentError

NOT_WELL_FORMED = 12100
DEEPEST = 32


@dataclass(slots=True)
class Node:
    """An element."""

    name: str
    attributes: dict[str, str]
    line: int
    column: int
    """Of its ``<``, counted from 1."""
    offset: int
    """Of its ``<`` in the bytes of the document."""
    parts: list[Node | str] = field(default_factory=list)
    """Children and text in order."""

    @property
    def children(self) -> list[Node]:
        """The elements inside it."""
        return [part for part in self.parts if isinstance(part, Node)]

    @property
    def own_text(self) -> str:
        """The text directly inside it."""
        return "".join(part for part in self.parts if isinstance(part, str))


def read_tree(data: bytes) -> Node:
    """The root element. Raises DocumentError 12100."""
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        message = f"the document is not well-formed XML: {expat.ErrorString(error.code)}"
        raise DocumentError(NOT_WELL_FORMED, message, error.lineno, error.offset + 1) from None
    except (LookupError, ValueError) as error:
        raise DocumentError(NOT_WELL_FORMED, f"the document cannot be decoded: {error}") from None
    assert reader.root is not None, "expat reports a document without a root as an error"
    return reader.root


class _Reader:
    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[Node] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse_document_type

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        parser = self.parser
        node = Node(name, attributes, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1, parser.CurrentByteIndex)
        if len(self._open) >= DEEPEST:
            raise DocumentError(NOT_WELL_FORMED, f"elements are nested more than {DEEPEST} deep", node.line, node.column)
        if self._open:
            self._open[-1].parts.append(node)
        else:
            self.root = node
        self._open.append(node)

    def _end(self, name: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1].parts.append(text)

    def _refuse_document_type(self, *declared: object) -> None:
        parser = self.parser
        raise DocumentError(
            NOT_WELL_FORMED,
            "a document type declaration is not allowed",
            parser.CurrentLineNumber,
            parser.CurrentColumnNumber + 1,
        )


_START = re.compile(rb"<[^\s/>]+")
_ATTRIBUTE = re.compile(rb"""\s+([^\s=/>]+)\s*=\s*(?:"[^"]*"|'[^']*')""")


def place_of_attribute(data: bytes, node: Node, name: str) -> tuple[int, int]:
    """Line and column of an attribute, or of its element where the encoding hides it."""
    start = _START.match(data, node.offset)
    position = start.end() if start else len(data)
    while match := _ATTRIBUTE.match(data, position):
        if match.group(1) == name.encode():
            between = data[node.offset : match.start(1)]
            lines, last = between.count(b"\n"), between.rpartition(b"\n")[2].decode(errors="replace")
            return node.line + lines, len(last) + (1 if lines else node.column)
        position = match.end()
    return node.line, node.column
