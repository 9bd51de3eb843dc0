"""The other side of a contract test, once in memory and once as a telephone in another process."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from sip.events import Headers
from sip.fake import (
    Behaviour,
    FakeCall,
    FakeEndpoint,
    accepts,
    answers,
    challenges,
    early_media,
    ignores,
    refuses,
    refuses_referral,
    replacing,
    rings,
)
from sip.fake_referral import FakeReferral
from tests.ports import free_port
from tests.sip.near import FRAMES, Near
from tests.sip.patience import patient
from tests.sip.sound import SAMPLES, Tone, dominant

LISTENING = FRAMES * SAMPLES


@dataclass(frozen=True, slots=True)
class Policy:
    """What a phone does when it is called."""

    kind: str
    """answer, ring, early, refuse or ignore."""
    code: int = 0
    headers: Headers = ()
    tone: int = 0
    """Hertz that the phone says as soon as it may."""


class FarCall(Protocol):
    """One call at the far end."""

    @property
    def headers(self) -> Headers:
        """Of the INVITE it received, or of the response that ended its own call."""

    async def ringing(self) -> None: ...
    async def answered(self) -> None: ...
    async def ended(self) -> int: ...
    async def digits(self, count: int) -> str: ...
    async def heard(self) -> int: ...
    def say(self, hz: int) -> None: ...
    def press(self, digits: str) -> None: ...
    def hang_up(self) -> None: ...
    async def hold(self, held: bool) -> None: ...
    def refer(self, target: str) -> None: ...
    def refer_to_call(self, other: FarCall) -> None: ...
    async def referral_over(self) -> int: ...
    async def answer_referrals(self, code: int) -> None: ...


class FarSide(Protocol):
    """Phones."""

    def dial(self, number: str, headers: Headers = ()) -> FarCall: ...
    def target(self, user: str, policy: Policy) -> str: ...
    async def called(self, user: str) -> FarCall: ...


@patient
async def hears(call: FarCall, hz: int) -> None:
    """Wait until a phone hears a frequency."""
    while await call.heard() != hz:
        pass


class FakeFarCall:
    def __init__(self, near: Near, call: FakeCall) -> None:
        self._near, self._call = near, call
        self._tone: Tone | None = None
        self._said = 0

    @property
    def headers(self) -> Headers:
        return self._call.headers

    @patient
    async def ringing(self) -> None:
        await self._call.until(lambda call: call.ringing)

    @patient
    async def answered(self) -> None:
        await self._call.until(lambda call: call.answered)

    @patient
    async def ended(self) -> int:
        await self._call.until(lambda call: call.ended)
        return self._call.ended_code

    @patient
    async def digits(self, count: int) -> str:
        await self._call.until(lambda call: len(call.digits_heard) >= count)
        return self._call.digits_heard

    @patient
    async def heard(self) -> int:
        await self._near.ticks(FRAMES)
        return dominant(self._call.heard[-LISTENING:])

    def say(self, hz: int) -> None:
        tone = Tone(hz)
        self._call.say(np.concatenate([tone.next() for _ in range(500)]))

    def press(self, digits: str) -> None:
        self._call.press(digits)

    def hang_up(self) -> None:
        self._call.hang_up()

    async def hold(self, held: bool) -> None:
        self._call.hold(held)

    def refer(self, target: str) -> None:
        self._call.referral.ask(target)

    def refer_to_call(self, other: FarCall) -> None:
        assert isinstance(other, FakeFarCall)
        self._call.referral.ask(replacing("sip:127.0.0.1", other._call.dialog))

    @patient
    async def referral_over(self) -> int:
        referral = self._call.referral
        await self._call.until(lambda call: referral.code >= 300 or any(code >= 200 for code in referral.notified))
        return max([referral.code, *referral.notified] if referral.code >= 300 else referral.notified)

    async def answer_referrals(self, code: int) -> None:
        self._call.referral.behaviour = refuses_referral(code)


class FakeFar:
    def __init__(self, near: Near, fake: FakeEndpoint) -> None:
        self._near, self._fake = near, fake
        self._called: dict[str, asyncio.Queue[FakeFarCall]] = defaultdict(asyncio.Queue)
        self._policies: dict[str, Policy] = {}

    def dial(self, number: str, headers: Headers = ()) -> FarCall:
        phone = self._fake.phone("sip:phone@far.test")
        call = phone.dial(f"sip:{number}@127.0.0.1", headers)
        call.referral.behaviour = self._follow
        return FakeFarCall(self._near, call)

    def _follow(self, referral: FakeReferral) -> None:
        """Call the target, which is one of these phones."""
        policy = self._policies[referral.asked[-1]]
        accepts(100, 200 if policy.kind == "answer" else policy.code)(referral)

    def target(self, user: str, policy: Policy) -> str:
        tone = Tone(policy.tone)
        said = np.concatenate([tone.next() for _ in range(500)]) if policy.tone else ()
        behaviours: dict[str, Behaviour] = {
            "answer": answers(headers=policy.headers),
            "ring": rings(),
            "early": early_media(said),
            "refuse": refuses(policy.code, policy.headers),
            "ignore": ignores(),
            "challenge": challenges("trunk-user", "secret"),
        }

        def behave(call: FakeCall) -> None:
            self._called[user].put_nowait(FakeFarCall(self._near, call))
            behaviours[policy.kind](call)
            if policy.kind == "answer":
                call.say(said)

        uri = self._fake.phone(f"sip:{user}@far.test", behave).uri
        self._policies[uri] = policy
        return uri

    @patient
    async def called(self, user: str) -> FarCall:
        return await self._called[user].get()


class PhoneFarCall:
    def __init__(self, phone: PhoneProcess, name: str, headers: Headers = ()) -> None:
        self.headers = headers
        self._phone, self._name = phone, name
        self._digits = ""

    @patient
    async def ringing(self) -> None:
        await self._phone.report(self._name, "ringing")

    @patient
    async def answered(self) -> None:
        await self._phone.report(self._name, "answered")

    @patient
    async def ended(self) -> int:
        report = await self._phone.report(self._name, "ended")
        self.headers = tuple((name, value) for name, value in report["headers"])
        return int(report["code"])

    @patient
    async def digits(self, count: int) -> str:
        while len(self._digits) < count:
            self._digits += (await self._phone.report(self._name, "digit"))["digit"]
        return self._digits

    @patient
    async def heard(self) -> int:
        self._order("listen", frames=FRAMES)
        return int((await self._phone.report(self._name, "heard"))["hz"])

    @patient
    async def tones(self) -> list[int]:
        """All that is heard of ``tests.sip.phone.PITCHES``."""
        self._order("listen", frames=FRAMES)
        return list((await self._phone.report(self._name, "heard"))["tones"])

    def say(self, hz: int) -> None:
        self._order("say", hz=hz)

    def press(self, digits: str) -> None:
        self._order("press", digits=digits)

    def hang_up(self) -> None:
        self._order("hang_up")

    async def hold(self, held: bool) -> None:
        self._phone.forget(self._name, "settled")
        self._order("hold", held=held)
        await self._phone.report(self._name, "settled")

    def refer(self, target: str) -> None:
        self._order("refer", target=target)

    def refer_to_call(self, other: FarCall) -> None:
        assert isinstance(other, PhoneFarCall)
        self._order("refer", other=other._name)

    @patient
    async def referral_over(self) -> int:
        while not (report := await self._phone.report(self._name, "told"))["last"]:
            pass
        return int(report["code"])

    @patient
    async def answer_referrals(self, code: int) -> None:
        self._order("answer_referrals", code=code)
        await self._phone.report(self._name, "ready")

    def _order(self, verb: str, **more: Any) -> None:
        self._phone.order(do=verb, call=self._name, **more)


class PhoneProcess:
    """The subprocess ``tests.sip.phone``; ``carrier`` gives the URI of somebody who challenges."""

    def __init__(self, switch: str, port: int, carrier: Callable[[str], str]) -> None:
        self._switch, self._port, self._carrier = switch, port, carrier
        self._names = itertools.count(1)
        self._reports: dict[tuple[str, str], asyncio.Queue[dict[str, Any]]] = defaultdict(asyncio.Queue)
        self._process: asyncio.subprocess.Process
        self._reading: asyncio.Task[None]

    async def start(self) -> None:
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-m", "tests.sip.phone", str(self._port))
        self._process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
        self._reading = asyncio.create_task(self._read())
        await self.report("", "ready")

    async def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._reading

    def order(self, **order: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")

    def forget(self, call: str, event: str) -> None:
        self._reports.pop((call, event), None)

    @patient
    async def report(self, call: str, event: str) -> dict[str, Any]:
        return await self._reports[call, event].get()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            report = json.loads(line)
            about = report["user"] if report["event"] == "incoming" else report.get("call", "")
            self._reports[about, report["event"]].put_nowait(report)

    def dial(self, number: str, headers: Headers = (), *, late: bool = False, parameters: str = "") -> PhoneFarCall:
        name = f"out{next(self._names)}"
        self.order(do="dial", call=name, uri=f"sip:{number}@{self._switch}{parameters}", headers=headers, late=late)
        return PhoneFarCall(self, name)

    async def register(self, user: str, password: str, domain: str, *, parameters: str = "", seconds: int = 3600) -> int:
        """Register with the switch; the status of its answer."""
        proxy = f"sip:{self._switch}{parameters}"
        self.order(do="register", user=user, password=password, domain=domain, proxy=proxy, seconds=seconds)
        return int((await self.report(user, "registered"))["code"])

    async def leave(self, user: str) -> int:
        """Register no more; the status of the answer."""
        self.order(do="leave", user=user)
        return int((await self.report(user, "registered"))["code"])

    def dial_as(self, user: str, uri: str, headers: Headers = ()) -> PhoneFarCall:
        """Call a URI as a registered user, through the switch."""
        name = f"out{next(self._names)}"
        self.order(do="dial", call=name, uri=uri, headers=headers, user=user)
        return PhoneFarCall(self, name)

    def target(self, user: str, policy: Policy) -> str:
        if policy.kind == "challenge":
            return self._carrier(user)
        chosen = {"kind": policy.kind, "code": policy.code, "headers": policy.headers, "tone": policy.tone}
        self.order(do="policy", user=user, policy=chosen)
        return f"sip:{user}@127.0.0.1:{self._port}"

    @patient
    async def called(self, user: str) -> PhoneFarCall:
        report = await self.report(user, "incoming")
        return PhoneFarCall(self, report["call"], tuple((name, value) for name, value in report["headers"]))


@contextlib.asynccontextmanager
async def running_phone(switch: str) -> AsyncIterator[PhoneProcess]:
    """A telephone that sends everything to the address of a switch, or of a proxy in front of it."""
    phone = PhoneProcess(switch, free_port(), lambda user: "")
    await phone.start()
    try:
        yield phone
    finally:
        await phone.stop()
