"""What is known of an outbound leg while its addresses are tried."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from sip.endpoint import Invitation


@dataclass(slots=True)
class Departure:
    """One leg on its way; see ``sip.pjsua.departures``."""

    invitation: Invitation
    rows: tuple[int, ...]
    hops: deque[str] = field(default_factory=deque)
    """Those that were not tried yet."""
    attempts: int = 0
