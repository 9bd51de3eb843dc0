"""The errors of this package.

MarkupError
├── DocumentError   a document that cannot be run at all; carries its code and place
└── VerbFailed      a verb that ends the document; carries what the fallback is told
"""

from __future__ import annotations


class MarkupError(Exception):
    """The root of this package's errors."""


class DocumentError(MarkupError):
    """A document that cannot be run at all (spec section 1.5): 12100, 12101, 12102 or 11750."""

    def __init__(self, code: int, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.code = code
        self.line = line
        self.column = column


class VerbFailed(MarkupError):
    """A verb failed at ERROR level: the fallback takes over (spec section 1.9)."""

    def __init__(self, code: int, url: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.url = url
