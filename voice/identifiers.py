"""SIDs: two letters that tell the kind and 32 hexadecimal digits that tell nothing."""

from __future__ import annotations

import secrets


def new_sid(prefix: str) -> str:
    """A fresh identifier such as ``CA0123…``; unguessable, because links carry it."""
    return prefix + secrets.token_hex(16)
