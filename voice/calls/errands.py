"""Calls to applications of this switch (``To=app:AP...``, spec sections 4.6 and 4.7): they go through its own SIP side.

The application is named in a header that only this process can write, because nobody else is to reach an application by its SID.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from sip.events import Headers

APPLICATION = "app:"
HEADER = "Strowger-Application"
"""Webhooks are not told of it: they see headers that begin with X only."""
MOST_PARAMETERS = 50

_TARGET = re.compile(r"app:(AP[0-9a-fA-F]{32})(?:\?(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Errand:
    """Whom to call."""

    sid: str
    parameters: tuple[tuple[str, str], ...] = ()
    """What the application is told."""


def read_target(to: str) -> Errand | None:
    """The errand that a ``To`` names; None when it is not an application's."""
    match = _TARGET.fullmatch(to)
    if match is None:
        return None
    try:
        return Errand(match[1], tuple(parse_qsl(match[2] or "", keep_blank_values=True, max_num_fields=MOST_PARAMETERS)))
    except ValueError:
        return None


class Errands:
    """Writes and reads the header."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def write(self, errand: Errand) -> tuple[str, str]:
        """The header of the INVITE."""
        text = f"{errand.sid}?{urlencode(errand.parameters)}"
        return HEADER, f"{text};{self._sign(text)}"

    def read(self, headers: Headers) -> Errand | None:
        """The errand of an INVITE that is ours."""
        value = next((value for name, value in headers if name.lower() == HEADER.lower()), "")
        text, _, signature = value.rpartition(";")
        if not value or not hmac.compare_digest(signature.encode(errors="replace"), self._sign(text).encode()):
            return None
        return read_target(APPLICATION + text)

    def _sign(self, text: str) -> str:
        return hmac.digest(self._key, text.encode(errors="replace"), "sha256").hex()
