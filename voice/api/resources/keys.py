"""``/Keys`` and ``/SigningKeys``, two names of the same: secrets that stand for an account (spec section 4.13)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from voice.accounts.provisioning import Provisioning
from voice.api.operation import Ask, delete, get, post
from voice.api.paging import Page
from voice.api.parameters import Parameter, text
from voice.api.rows import Rows
from voice.api.shapes import Shape, moment, sid
from voice.api.shapes import text as string
from voice.store.database import Database
from voice.store.tables.accounts import KEYS

BAD_NAME = 20002

_PROPERTIES = {
    "sid": sid("SK"),
    "friendly_name": string(),
    "date_created": moment(),
    "date_updated": moment(),
}
KEY = Shape("Key", _PROPERTIES)
NEW_KEY = Shape("NewKey", {**_PROPERTIES, "secret": string()})
"""As it is shown once, to whoever made it."""
SIGNING_KEY = Shape("SigningKey", _PROPERTIES)
NEW_SIGNING_KEY = Shape("NewSigningKey", NEW_KEY.properties)

_TAKES = (Parameter("FriendlyName", text(64), BAD_NAME),)


class Keys:
    """The resource."""

    def __init__(self, database: Database, wall: Callable[[], datetime], provisioning: Provisioning) -> None:
        self._rows = Rows(KEYS, "SK", database, wall, transact=provisioning.change)

    @get("/Keys", KEY, lists="keys", full=True)
    @get("/SigningKeys", SIGNING_KEY, lists="signing_keys", full=True)
    async def list(self, ask: Ask) -> Page:
        """The keys of an account."""
        return await self._rows.page(ask)

    @post("/Keys", NEW_KEY, takes=_TAKES, status=201, full=True)
    @post("/SigningKeys", NEW_SIGNING_KEY, takes=_TAKES, status=201, full=True)
    async def create(self, ask: Ask) -> Mapping[str, Any]:
        """Make a standard key; its secret is told only now."""
        return await self._rows.add(ask, secret=secrets.token_hex(16))

    @get("/Keys/{Sid}", KEY, full=True)
    @get("/SigningKeys/{Sid}", SIGNING_KEY, full=True)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One key, without its secret."""
        return await self._rows.find(ask)

    @post("/Keys/{Sid}", KEY, takes=_TAKES, full=True)
    @post("/SigningKeys/{Sid}", SIGNING_KEY, takes=_TAKES, full=True)
    async def update(self, ask: Ask) -> Mapping[str, Any]:
        """Give a key another name."""
        return await self._rows.change(ask)

    @delete("/Keys/{Sid}", full=True)
    @delete("/SigningKeys/{Sid}", full=True)
    async def remove(self, ask: Ask) -> None:
        """Delete a key; it opens nothing any more."""
        await self._rows.remove(ask)
