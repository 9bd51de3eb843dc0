"""A call of a page to us."""

from __future__ import annotations

import asyncio

from media.errors import MediaError
from sip import events as network
from sip.phrases import phrase_of
from voice.clients.failures import fault_of
from voice.clients.leg import ClientLeg, Stage, path_of

_OK, _DECLINED = 200, 603


class CallerLeg(ClientLeg):
    """A page calls us."""

    _offer = ""

    def begin(self, offer: str, name: str) -> None:
        """It waits to be taken on; ``name`` is what the page calls it until it knows its CallSid."""
        self._offer = offer
        self.names.add(name)

    def attach(self, row: int) -> None:
        """See ClientLeg; an offer that is of no use ends the call before anybody is asked about it."""
        super().attach(row)
        try:
            self._media.examine(self._offer)
        except MediaError as error:
            asyncio.get_running_loop().call_soon(self._fail, str(error))

    def ring(self) -> None:
        """See Legs."""
        if not self.ended:
            self.tell("ringing")

    def progress(self) -> None:
        """See Legs."""
        if self.stage is Stage.WAITING:
            self.stage = Stage.OPENING
            self._start(self._open())

    def answer(self) -> None:
        """See Legs. A moment later: a call that is hung up at once was not answered, and its page is told an error.

        There is no connection before one is needed: it waits only so long for its page, which has to be told of it.
        """
        if self.stage not in (Stage.WAITING, Stage.OPENING, Stage.EARLY):
            return
        before, self.stage = self.stage, Stage.CONNECTING
        if before is Stage.WAITING:
            self._start(self._open())
        elif before is Stage.EARLY:
            self._start(self._confirm())

    def refuse(self, code: int) -> None:
        """See Legs."""
        if self.pending:
            self.tell("hangup", error=fault_of(code, phrase_of(code)))
            self._end(code, by_peer=False)

    def hang_up(self) -> None:
        """See Legs."""
        if self.stage is Stage.ANSWERED:
            self.tell("hangup")
            self._end(_OK, by_peer=False)
        else:
            self.refuse(_DECLINED)

    async def _open(self) -> None:
        """Connect its audio, and tell the page; it takes the first description that it is told, be it ringing or answered."""
        if self.ended:
            return
        try:
            peer, answer = await self._media.answer(self._offer)
        except MediaError as error:
            if not self.ended:
                self._fail(str(error))
            return
        if not self._settle(peer, path_of(self._offer)):
            return
        if self.stage is Stage.CONNECTING:
            await self._confirm(answer)
        else:
            self.stage = Stage.EARLY
            self.tell("ringing", sdp=answer)

    async def _confirm(self, description: str | None = None) -> None:
        """It is answered, with a description unless the page has it already."""
        if not self.ended:
            self.stage = Stage.ANSWERED
            self.tell("answer", sdp=description, reconnect=self.token)
            self._post(network.Answered(self.leg))
