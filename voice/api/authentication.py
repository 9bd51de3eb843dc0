"""Who may use the REST API: HTTP Basic with the account's SID and token (spec section 4.2)."""

from __future__ import annotations

import base64
import binascii
import secrets

from starlette.requests import Request

from voice.account import Account
from voice.api.errors import ApiError

UNAUTHENTICATED = 20003
NOT_FOUND = 20404


def authenticate(request: Request, account: Account) -> None:
    """Compare in constant time. Raises ApiError 401."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        user, _, password = base64.b64decode(encoded, validate=True).partition(b":")
    except (binascii.Error, ValueError):
        user, password = b"", b""
    fits = secrets.compare_digest(user, account.sid.encode()) & secrets.compare_digest(password, account.auth_token.encode())
    if scheme.lower() != "basic" or not fits:
        raise ApiError(401, UNAUTHENTICATED, "Authenticate")
