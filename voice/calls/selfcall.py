"""A call of the switch to itself through the address that it tells everybody: does audio pass, and which way?

It is no call of a customer: no document, no row in the store, no journal. Whom it is for is a name that only this process knows.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from media.dtmf import tones
from media.errors import BusFull
from media.source import Clip
from sip import events as network
from sip.endpoint import Endpoint, Invitation
from sip.events import Incoming, LegId
from voice.calls.registry import Registry
from voice.sound.studio import Listener, Studio

ANSWER_SECONDS = 6.0
AUDIO_SECONDS = 4.0
FRESH_SECONDS = 10.0
CODE = "159D"
"""Keys, which are said again and again; whoever hears them knows that it is us."""
ENOUGH = 3
"""Keys that have to be heard."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What has come of it."""

    address: str
    passed: bool
    said: str
    """One sentence."""


@dataclass
class _Trial:
    """One such call; both of its ends are ours."""

    name: str
    legs: dict[LegId, int] = field(default_factory=dict)
    """With the rows that they have."""
    there: list[str] = field(default_factory=list)
    """Keys that the end which was called has heard."""
    back: list[str] = field(default_factory=list)
    """Keys that the end which called has heard, of those the other one has echoed."""
    answered: bool = False
    code: int = 0
    """With which it ended; 0 while it has not."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def heard(self) -> bool:
        """Whether audio has passed both ways."""
        return len(self.there) >= ENOUGH and len(self.back) >= ENOUGH


class SelfCall:
    """Places such calls, one at a time; ``address`` is ``host:port`` as the switch names it."""

    def __init__(self, address: str, endpoint: Endpoint, studio: Studio, registry: Registry) -> None:
        self._address = address
        self._endpoint = endpoint
        self._studio = studio
        self._registry = registry
        self._alone = asyncio.Lock()
        self._trial: _Trial | None = None
        self._verdict: Verdict | None = None
        self._at = 0.0

    async def run(self) -> Verdict:
        """Call, say the code, and listen for it at both ends; what is known of the last seconds is not tried again."""
        async with self._alone:
            now = asyncio.get_running_loop().time()
            if self._verdict is None or now - self._at > FRESH_SECONDS:
                self._verdict = await self._try()
                self._at = asyncio.get_running_loop().time()
            return self._verdict

    async def _try(self) -> Verdict:
        trial = self._trial = _Trial(f"check-{secrets.token_hex(12)}")
        try:
            self._dial(trial)
            await _until(trial, lambda: trial.answered or bool(trial.code), ANSWER_SECONDS)
            await _until(trial, lambda: trial.heard or bool(trial.code), AUDIO_SECONDS if trial.answered else 0)
        except BusFull:
            return Verdict(self._address, passed=False, said="all calls are in use, so none was left to call ourselves")
        finally:
            self._trial = None
            for leg in trial.legs:
                self._endpoint.hang_up(leg)
        return Verdict(self._address, trial.heard, _judge(trial, self._address))

    def takes(self, incoming: Incoming) -> bool:
        """Whether a call is ours; it is answered then, and its audio sent back."""
        trial = self._trial
        user = incoming.request_uri.partition(":")[2].partition("@")[0]
        if trial is None or not hmac.compare_digest(user.encode(), trial.name.encode()):
            return False
        try:
            row = self._take_row(trial.there, trial)
        except BusFull:
            return False
        self._follow(trial, incoming.leg, row)
        self._studio.echo(row, True)
        self._endpoint.attach(incoming.leg, row)
        self._endpoint.answer(incoming.leg)
        return True

    def _dial(self, trial: _Trial) -> None:
        row = self._take_row(trial.back, trial)
        code = Clip(tones(CODE, self._studio.bus.rate), 0)
        self._studio.play(row, code, Listener(lambda: None, lambda error: None))
        uri = f"sip:{trial.name}@{self._address}"
        self._follow(trial, self._endpoint.invite(Invitation(uri, f"sip:doctor@{self._address}"), row), row)

    def _take_row(self, heard: list[str], trial: _Trial) -> int:
        def hear(key: str) -> None:
            if key in CODE:
                heard.append(key)
                trial.changed.set()

        row = self._studio.claim()
        self._studio.listen_for_digits(row, hear, always=True)
        return row

    def _follow(self, trial: _Trial, leg: LegId, row: int) -> None:
        first = not trial.legs
        trial.legs[leg] = row

        def hear(event: network.Event) -> None:
            if isinstance(event, network.Answered) and first:
                trial.answered = True
            elif isinstance(event, network.Ended):
                if first:
                    trial.code = event.code
                self._registry.deafen(leg)
                self._studio.release(row)
            trial.changed.set()

        self._registry.listen(leg, hear)


async def _until(trial: _Trial, holds: Callable[[], bool], seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not holds():
                trial.changed.clear()
                await trial.changed.wait()
    except TimeoutError:
        pass


def _judge(trial: _Trial, address: str) -> str:
    called = f"a call to ourselves at {address}"
    if trial.heard:
        return f"{called} passed audio both ways"
    if not trial.answered:
        why = f"was refused ({trial.code})" if trial.code else "was not answered"
        return (
            f"{called}, which callers are told, {why}: [sip] external_address is not ours, a firewall or router lets nothing "
            "through, or the router does not let us call it from inside"
        )
    if trial.there:
        return f"the audio of {called} arrived, but nothing came back: a firewall lets it through in one direction only"
    return f"{called} was answered, but its audio did not arrive: a firewall or router keeps [sip] rtp_ports (UDP) back"
