"""The error codes that the Voice SDK knows (its table of errors, and spec section 8.5)."""

from __future__ import annotations

from typing import Any

CONNECTION, BAD_REQUEST, MALFORMED = 31005, 31400, 31100
AUTHORISATION, TOKEN_TOO_LONG, TOKEN_INVALID, TOKEN_EXPIRED = 31201, 31207, 31204, 31205
NO_SUCH_CALL = 31209
TOO_FAST, TYPE_UNKNOWN, TOO_LARGE = 31206, 31210, 31212
_SIP = {404: 31404, 480: 31480, 486: 31486, 487: 31487, 603: 31603}
"""Reasons why a call was not answered."""


def fault(code: int, message: str) -> dict[str, Any]:
    """An ``error`` as messages carry it."""
    return {"code": code, "message": message}


def fault_of(status: int, reason: str) -> dict[str, Any]:
    """The same of a SIP status."""
    return fault(_SIP.get(status, CONNECTION), reason)
