"""The accounts of one server and the keys that open their REST API, in memory because every request and callback needs them.

The store has them all; whoever changes one there tells it here.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

AccountStatus = Literal["active", "suspended", "closed"]


@dataclass(frozen=True, slots=True)
class Account:
    """A SID and the secret that signs its webhooks and opens its REST API."""

    sid: str
    auth_token: str
    friendly_name: str = ""
    status: AccountStatus = "active"
    owner_sid: str = ""
    """Of a subaccount: whose it is."""

    @property
    def active(self) -> bool:
        """Whether it may do anything."""
        return self.status == "active"


@dataclass(frozen=True, slots=True)
class Key:
    """A name and a secret that stand for an account."""

    sid: str
    account_sid: str
    secret: str
    main: bool = False
    """Whether it opens the account itself and its keys, too."""


@dataclass(frozen=True, slots=True)
class Access:
    """Whose credentials a request has shown."""

    account: Account
    full: bool = True
    """Whether they open the account itself and its keys."""
    key_sid: str = ""

    def reaches(self, account: Account) -> bool:
        """Whether they open an account: their own, or a subaccount of it."""
        return self.account.sid in (account.sid, account.owner_sid)


def _digest(secret: str) -> bytes:
    """Of one length for all secrets, so that the time of a comparison does not tell theirs."""
    return hashlib.sha256(secret.encode(errors="replace")).digest()


_NOBODY = Account("", secrets.token_hex(16), status="closed")


class Accounts:
    """All accounts; ``main`` is the one of the settings, which owns the others."""

    def __init__(self, main: Account) -> None:
        self._main = main.sid
        self._accounts = {main.sid: main}
        self._keys: dict[str, Key] = {}

    def __iter__(self) -> Iterator[Account]:
        return iter(list(self._accounts.values()))

    @property
    def main(self) -> Account:
        """The account of the settings."""
        return self._accounts[self._main]

    def get(self, sid: str) -> Account | None:
        """The account of a SID."""
        return self._accounts.get(sid)

    def key(self, sid: str) -> Key | None:
        """The key of a SID."""
        return self._keys.get(sid)

    def token(self, sid: str) -> str:
        """What signs the requests that an account makes: the main account's for no SID, nobody's for an unknown one."""
        return self._accounts.get(sid or self._main, _NOBODY).auth_token

    def is_active(self, sid: str) -> bool:
        """Whether an account is there and may make and take calls; no SID is the main account's."""
        return self._accounts.get(sid or self._main, _NOBODY).active

    def put(self, account: Account) -> None:
        """Know an account, or what has become of it."""
        self._accounts[account.sid] = account

    def load(self, accounts: Iterable[Account], keys: Iterable[Key]) -> None:
        """Know these, and no others but the main account, whose SID and token stay those of the settings."""
        known = {self._main: self.main}
        for account in accounts:
            if account.sid == self._main:
                known[account.sid] = replace(self.main, friendly_name=account.friendly_name)
            elif account.owner_sid == self._main:
                known[account.sid] = account
        self._accounts = known
        self._keys = {key.sid: key for key in keys}

    def authenticate(self, user: str, password: str) -> Access | None:
        """Whose credentials these are; None, in the same time, when they are nobody's."""
        key = self._keys.get(user)
        account = self._accounts.get(key.account_sid if key is not None else user)
        expected = key.secret if key is not None else (account or _NOBODY).auth_token
        fits = secrets.compare_digest(_digest(password), _digest(expected))
        if not fits or account is None or account.status == "closed":
            return None
        return Access(account, key is None or key.main, key.sid if key is not None else "")
