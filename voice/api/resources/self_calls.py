"""``/SelfCalls``: whether a call of the switch to itself passes audio both ways. Not of Twilio's; for the main account alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voice.accounts.accounts import Accounts
from voice.api.operation import Ask, post
from voice.api.shapes import Shape, flag, text
from voice.calls.selfcall import SelfCall

SELF_CALL = Shape("SelfCall", {"address": text(), "passed": flag(), "explanation": text()})


class SelfCallResource:
    """The resource; one call at a time, others wait for their turn."""

    def __init__(self, selfcall: SelfCall, accounts: Accounts) -> None:
        self._selfcall = selfcall
        self._accounts = accounts

    @post("/SelfCalls", SELF_CALL, status=201, full=True)
    async def create(self, ask: Ask) -> Mapping[str, Any]:
        """Call the address that callers are told, say something, and listen for it at both ends."""
        if ask.account.sid != self._accounts.main.sid:
            raise ask.not_found()
        verdict = await self._selfcall.run()
        return {"address": verdict.address, "passed": verdict.passed, "explanation": verdict.said}
