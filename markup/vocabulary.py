"""The SSML elements that Say may hold (spec section 2.1)."""

from __future__ import annotations

PHRASING = frozenset({"break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"})
