"""What a document is for, and which verbs that leaves it (spec section 1.8, restricted documents)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Purpose = Literal["call", "screening", "queued", "waiting", "holding"]
"""``call`` is a call's own document. All others run beside one, and what they lead to is for whoever started them to decide:
``screening`` on a dialled leg before it is connected, ``queued`` on a queued caller before the same, ``waiting`` while a caller
is in a queue, ``holding`` for the wait, hold and announcement documents of a conference."""

SCHEMA_WARNING = 12200
DIAL_IN_SCREENING = 13201
BAD_HOLD_VERB = 13238


@dataclass(frozen=True, slots=True)
class Rules:
    """What may stand in a restricted document, and what becomes of the rest."""

    allowed: frozenset[str]
    """Names of verbs."""
    fatal: Mapping[str, int] = field(default_factory=dict)
    """Verbs that end the document, with their error code."""
    otherwise: int = 0
    """The error code with which any other verb ends the document; 0: it is skipped with warning 12200."""


_HEARD = frozenset({"Say", "Play", "Pause", "Redirect"})

RULES: Mapping[Purpose, Rules] = {
    "screening": Rules(_HEARD | {"Gather", "Hangup"}, fatal={"Dial": DIAL_IN_SCREENING}),
    "queued": Rules(_HEARD),
    "waiting": Rules(_HEARD | {"Gather", "Hangup", "Leave"}, otherwise=SCHEMA_WARNING),
    "holding": Rules(_HEARD, otherwise=BAD_HOLD_VERB),
}
