"""Who may use the REST API: HTTP Basic with an account's SID and token, or with a key (spec section 4.2)."""

from __future__ import annotations

import base64
import binascii

from voice.accounts.accounts import Access, Account, Accounts
from voice.api.errors import ApiError

UNAUTHENTICATED = 20003
NOT_FOUND = 20404
INACTIVE = 20005


def read_credentials(header: str) -> tuple[str, str]:
    """The user and the password of an Authorization header; both empty when it is none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode(errors="replace").partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return user, password


def authenticate(accounts: Accounts, header: str) -> Access:
    """Whose credentials a header shows, found out in constant time. Raises ApiError 401 and, for a suspended account, 403."""
    access = accounts.authenticate(*read_credentials(header))
    if access is None:
        raise ApiError(401, UNAUTHENTICATED, "Authenticate")
    if not access.account.active:
        raise ApiError(403, INACTIVE, "Account not active")
    return access


def authorise(access: Access, account: Account | None, path: str, *, full: bool = False, suspended: bool = False) -> Account:
    """The account of a path, if these credentials open it.

    Raises ApiError: 404 for an account that there is not or that is somebody else's, 403 for one that is not active and for a
    standard key where it takes more.
    """
    if account is None or not access.reaches(account):
        raise ApiError(404, NOT_FOUND, f"The requested resource {path} was not found")
    if full and not access.full:
        raise ApiError(403, UNAUTHENTICATED, "A standard key does not open this resource")
    if not account.active and not suspended:
        raise ApiError(403, INACTIVE, "Account not active")
    return account
