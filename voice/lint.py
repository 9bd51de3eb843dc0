"""``strowger check``: what a TwiML document's author should know before a call does."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx

from markup.document import Document, DocumentError
from markup.parser import parse
from markup.script import NOT_BUILT
from markup.support import shortcomings
from markup.verbs import Gather, Say
from media.speech.voices import Voices
from voice.sound.speech import doubts

MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One objection; prints as ``line:column: level code: message``."""

    line: int
    column: int
    level: Literal["error", "warning"]
    code: int
    message: str

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.level} {self.code}: {self.message}"


def lint(source: str) -> list[Finding]:
    """Objections to the document in a file, at an ``http(s)`` URL, or on standard input (``-``).

    Raises OSError and httpx.HTTPError when it cannot be read.
    """
    return lint_text(_read(source))


def lint_text(text: bytes) -> list[Finding]:
    """Objections to a document."""
    try:
        document = parse(text)
    except DocumentError as error:
        return [Finding(error.line, error.column, "error", error.code, str(error))]
    found = [Finding(each.line, each.column, each.level, each.code, each.message) for each in document.diagnostics]
    return sorted([*found, *_unsupported(document), *_unspoken(document)], key=lambda finding: (finding.line, finding.column))


def _unsupported(document: Document) -> list[Finding]:
    return [
        Finding(line, column, "error", NOT_BUILT, message)
        for verb, (line, column) in zip(document.verbs, document.places, strict=True)
        for message in shortcomings(verb)
    ]


def _unspoken(document: Document) -> list[Finding]:
    """Voices and languages that are not known, as far as the switch has no table of its own for them."""
    return [
        Finding(line, column, "warning", code, message)
        for verb, (line, column) in zip(document.verbs, document.places, strict=True)
        for say in (verb, *(verb.children if isinstance(verb, Gather) else ()))
        if isinstance(say, Say)
        for code, message in doubts(Voices().cast(say.voice, say.language), say)
    ]


def _read(source: str) -> bytes:
    if source == "-":
        return sys.stdin.buffer.read(MOST_BYTES)
    if not source.startswith(("http://", "https://")):
        return Path(source).read_bytes()
    answer = httpx.get(source, timeout=15, follow_redirects=True)
    answer.raise_for_status()
    return answer.content[:MOST_BYTES]
