"""A phone of a SIP domain on the fake network: it registers, and answers when it is asked who it is."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from sip.events import Headers
from sip.fake import FakeCall
from sip.requests import Reply
from tests.digest import answer, challenge_in
from tests.voice.exchange import World

DOMAIN = "phones.example.com"
_numbers = itertools.count(1)


@dataclass(slots=True)
class Softphone:
    """One phone; ``contact`` is where the fake network finds it."""

    world: World
    name: str
    password: str
    domain: str = DOMAIN
    contact: str = ""
    source: str = "198.51.100.7:40000"
    call_id: str = field(default_factory=lambda: f"softphone-{next(_numbers)}")
    proof: str = ""
    """What its last call said of who it is."""
    _cseq: int = 0

    def prove(self, asked: Headers, method: str, target: str) -> str:
        """The answer to a challenge."""
        return answer(challenge_in(asked), self.name, self.password, method, target)

    async def send(self, *fields: tuple[str, str]) -> Reply:
        """One REGISTER."""
        self._cseq += 1
        headers = (
            ("Via", f"SIP/2.0/UDP {self.source};branch=z9hG4bK{self.call_id}{self._cseq}"),
            ("From", f"<sip:{self.name}@{self.domain}>;tag=1"),
            ("To", f"<sip:{self.name}@{self.domain}>"),
            ("Call-ID", self.call_id),
            ("CSeq", f"{self._cseq} REGISTER"),
            *fields,
        )
        return await self.world.fake.register(f"sip:{self.domain}", headers, self.source)

    async def register(self, expires: int = 3600, *more: tuple[str, str]) -> Reply:
        """Register and answer one challenge; the last response."""
        contact = self.contact or f"sip:{self.name}@198.51.100.7:5060"
        fields = (("Contact", f"<{contact}>"), ("Expires", str(expires)), *more)
        reply = await self.send(*fields)
        if reply.code != 401:
            return reply
        return await self.send(*fields, ("Authorization", self.prove(reply.headers, "REGISTER", f"sip:{self.domain}")))

    async def dial(self, user: str, headers: Headers = ()) -> FakeCall:
        """Call somebody of the domain and answer one challenge; the last call."""
        target = f"sip:{user}@{self.domain}"
        phone = self.world.fake.phone(f"sip:{self.name}@{self.domain}")
        call = phone.dial(target, headers)
        await call.until(lambda call: call.ended or call.ringing)
        if call.ended_code != 407:
            return call
        self.proof = self.prove(call.headers, "INVITE", target)
        call = phone.dial(target, (*headers, ("Proxy-Authorization", self.proof)))
        await call.until(lambda call: call.ended or call.ringing)
        return call
