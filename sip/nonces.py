"""Nonces of digest challenges: signed, so that those that nobody answers cost nothing, and good for each count once. Pure.

RFC 7616 sections 3.3 (nonce), 3.4 (nc) and 5.4 (limited use). Time is an argument, in seconds.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import struct
from collections import OrderedDict
from collections.abc import Callable
from typing import Literal

LIFETIME = 300.0
"""Seconds."""
MOST_IN_USE = 20_000
"""Nonces whose counts are remembered; one that is forgotten is stale."""

_HEAD = struct.Struct(">Q8s")
_SIGNATURE = 16

Standing = Literal["good", "stale", "foreign"]


class Nonces:
    """Makes and checks the nonces of one server.

    ``key`` signs them; with a new one all earlier nonces are foreign. Only a client that knows a password makes us remember
    anything, because ``use`` comes after the check of its answer.
    """

    def __init__(
        self,
        key: bytes,
        lifetime: float = LIFETIME,
        most: int = MOST_IN_USE,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._key = key
        self._lifetime = lifetime
        self._most = most
        self._random = random
        self._counts: OrderedDict[str, int] = OrderedDict()
        self._forgotten = -1.0
        """When the youngest nonce was made whose count is not remembered any more."""

    def make(self, now: float) -> str:
        """A new nonce."""
        head = _HEAD.pack(round(now * 1000), self._random(8))
        return base64.urlsafe_b64encode(head + self._sign(head)).decode().rstrip("=")

    def use(self, nonce: str, count: int, now: float) -> Standing:
        """Whether a nonce may be used for the ``count``-th time; it may not again after that.

        Counts must rise (RFC 7616 section 3.4): a request that was recorded and is sent again is stale.
        """
        made = self._made(nonce)
        if made is None:
            return "foreign"
        last = self._counts.get(nonce, 0)
        too_old = not made - 1 <= now <= made + self._lifetime
        if too_old or count <= last or (not last and made <= self._forgotten):
            return "stale"
        self._counts[nonce] = count
        self._counts.move_to_end(nonce)
        if len(self._counts) > self._most:
            oldest, _ = self._counts.popitem(last=False)
            self._forgotten = max(self._forgotten, self._made(oldest) or 0.0)
        return "good"

    def _made(self, nonce: str) -> float | None:
        """When a nonce of ours was made; None when it is none."""
        try:
            raw = base64.b64decode(nonce + "=" * (-len(nonce) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        head, signature = raw[: _HEAD.size], raw[_HEAD.size :]
        if len(raw) != _HEAD.size + _SIGNATURE or not hmac.compare_digest(signature, self._sign(head)):
            return None
        return float(_HEAD.unpack(head)[0]) / 1000

    def _sign(self, head: bytes) -> bytes:
        return hmac.digest(self._key, head, "sha256")[:_SIGNATURE]
