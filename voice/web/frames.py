"""The frames of a WebSocket (RFC 6455 section 5.2), as far as a stream of short messages has need of them. No IO."""

from __future__ import annotations

import os
from collections.abc import Iterator

try:
    from websockets.speedups import apply_mask
except ImportError:  # where that library could not be compiled
    from websockets.utils import apply_mask

WHOLE_TEXT, PING = 0x81, 0x89
"""First bytes: the last frame of its message, and the opcode."""
_MASKED = 0x80
_SHORT, _MEDIUM = 126, 127
"""Second bytes from which on the length follows in two and in eight bytes."""
_KEYS_AT_A_TIME = 1024


def find_frame(data: bytes, place: int, longest: int) -> tuple[int, int] | None:
    """Where the payload of the frame at ``place`` begins, and where it ends; None while some of it is on its way.

    The beginning is ``place`` when its header says what no server may send, or more than the ``longest`` payload.
    """
    begin = place + 2
    if len(data) < begin:
        return None
    length = data[place + 1]
    if length >= _SHORT:
        if length & _MASKED:
            return place, len(data)
        begin += 2 if length < _MEDIUM else 8
        if len(data) < begin:
            return None
        length = int.from_bytes(data[place + 2 : begin], "big")
        if length > longest:
            return place, len(data)
    end = begin + length
    return (begin, end) if end <= len(data) else None


def text_frame(text: bytes) -> bytes:
    """A message of a client, in one frame."""
    length, key = len(text), next(_KEYS)
    if length < _SHORT:
        return b"\x81%c%b%b" % (_MASKED | length, key, apply_mask(text, key))
    kind, size = (_SHORT, 2) if length < 1 << 16 else (_MEDIUM, 8)
    return b"\x81%c%b%b%b" % (_MASKED | kind, length.to_bytes(size, "big"), key, apply_mask(text, key))


def _keys() -> Iterator[bytes]:
    """Keys that nobody can foresee (section 5.3), made many at a time: to ask the system for each takes as long as the rest."""
    while True:
        pool = os.urandom(4 * _KEYS_AT_A_TIME)
        yield from (pool[at : at + 4] for at in range(0, len(pool), 4))


_KEYS = _keys()
