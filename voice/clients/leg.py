"""One call of one page: its signalling, its audio, and how both outlive a lost connection."""

from __future__ import annotations

import asyncio
import enum
import re
import secrets
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal

from media.errors import MediaError
from media.webrtc.events import PeerId
from sip import events as network
from sip.events import LegId
from sip.phrases import phrase_of
from sip.quality import Quality
from voice.calls.arrival import Signalled
from voice.clients.devices import Device, Identity
from voice.clients.failures import BAD_REQUEST, CONNECTION, fault
from voice.clients.media import Media, quality_of
from voice.clients.messages import write

MOST_KEYS = 256
"""That wait because of the pauses before them."""
PAUSE_SECONDS = 0.5
"""What ``w`` among digits means."""
_OK, _UNAVAILABLE, _CANCELLED, _NOT_ACCEPTABLE = 200, 480, 487, 488

_PATH = re.compile(r"^a=(?:ice-ufrag|fingerprint):\s*(\S.*?)\s*$", re.MULTILINE)
_SECRET = re.compile(r'("reconnect"\s*:\s*)"[^"]*"')

Post = Callable[[network.Event], None]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an answered call outlasts what it has lost, in seconds."""

    page: float = 15.0
    """Its page, at least: a page may ask for more."""
    audio: float = 35.0
    """A way for its audio: the SDK tries to make one for 30 s."""


class Stage(enum.Enum):
    """How far a call has got."""

    WAITING = "waiting"
    OPENING = "opening"
    """It goes on ringing, and is to hear something meanwhile: the descriptions of both sides go to the media."""
    EARLY = "early"
    """It rings, and hears something."""
    CONNECTING = "connecting"
    """It is being answered."""
    ANSWERED = "answered"
    ENDED = "ended"


def path_of(description: str) -> tuple[str, ...]:
    """What tells one way for audio from another: the name and the fingerprint in a description (RFC 8839, RFC 8122)."""
    return tuple(_PATH.findall(description))


class ClientLeg(ABC):
    """A leg whose far end is a page.

    ``post`` takes its events and tells them in a moment: whoever dials or answers has to know the leg first. ``over`` is called
    when it has ended, before the event that says so.
    """

    def __init__(
        self,
        leg: LegId,
        call_sid: str,
        device: Device,
        media: Media,
        post: Post,
        over: Callable[[ClientLeg], None],
        patience: Patience,
    ) -> None:
        self.leg = leg
        self.call_sid = call_sid
        self.names = {call_sid}
        """What the page calls it."""
        self.device: Device | None = device
        """None while its connection is lost."""
        self.identity: Identity = device.identity
        self.token = secrets.token_urlsafe(24)
        """Who shows it may take the call over (``connectToken`` of the SDK)."""
        self.stage = Stage.WAITING
        self.peer: PeerId | None = None
        self._row: int | None = None
        self._path: tuple[str, ...] = ()
        self._media = media
        self._post = post
        self._over = over
        self._patience = patience
        self._tasks: set[asyncio.Task[None]] = set()
        self._missing: asyncio.TimerHandle | None = None
        """Ends it when its page does not come back."""
        self._mute: asyncio.TimerHandle | None = None
        """Ends it when there is no other way for its audio."""
        self._keys: deque[str] = deque()
        self._pressing: asyncio.TimerHandle | None = None

    @abstractmethod
    def hang_up(self) -> None:
        """See Legs."""

    @property
    def pending(self) -> bool:
        """Whether it is not answered yet."""
        return self.stage not in (Stage.ANSWERED, Stage.ENDED)

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self.stage is Stage.ENDED

    def attach(self, row: int) -> None:
        """Give it its row of the bus."""
        self._row = row
        if self.peer is not None:
            self._media.attach(self.peer, row)

    @property
    def quality(self) -> Quality | None:
        """What its audio has been like so far; None when there was none."""
        traffic = self._media.measure(self.peer) if self.peer is not None else None
        return quality_of(traffic) if traffic is not None else None

    def measure(self) -> None:
        """See Legs."""
        quality = self.quality
        if quality is not None:
            self._post(network.Measured(self.leg, quality.received))

    def leave(self) -> None:
        """The page has hung up."""
        self._end(_OK if self.stage is Stage.ANSWERED else _CANCELLED)

    def press(self, digits: str) -> None:
        """The page sends keys; each ``w`` delays those that follow. What is too much is forgotten."""
        self._keys.extend(digits[: MOST_KEYS - len(self._keys)])
        if self._pressing is None:
            self._press()

    def lose(self) -> None:
        """The page's connection is lost: an answered call waits for its return, another one is over."""
        device, self.device = self.device, None
        if self.pending:
            self._end(_UNAVAILABLE)
        elif device is not None:
            seconds = max(self._patience.page, device.reconnect_seconds)
            why = f"its page was lost, and has not come back within {seconds:g} s"
            self._missing = asyncio.get_running_loop().call_later(seconds, self._end, _OK, why)

    def rejoin(self, device: Device, description: str) -> None:
        """A page takes an answered call over: the one that had it, or another one of the same identity."""
        if self._missing is not None:
            self._missing.cancel()
        before, self.device = self.device, device
        if before is not None and before is not device:
            before.send(write("hangup", callsid=self.call_sid))
        if path_of(description) == self._path:
            self.tell("answer", reconnect=self.token)
        else:
            self.renew(description)

    def renew(self, offer: str) -> None:
        """The page has another way for its audio; as long as it rings no answer could be told from that of the call."""
        if not self.pending:
            self._start(self._renew(offer))

    def lack(self, why: str) -> None:
        """There is no way for its audio any more: wait for another one."""
        if self._mute is None and not self.ended:
            self._mute = asyncio.get_running_loop().call_later(self._patience.audio, self._give_up, why)

    def connect(self) -> None:
        """There is a way for its audio."""
        if self._mute is not None:
            self._mute.cancel()
            self._mute = None

    def tell(self, kind: str, **payload: Any) -> None:
        """Send the page a message about this call, if it is there."""
        if self.device is not None:
            frame = write(kind, callsid=self.call_sid, **payload)
            self.device.send(frame)
            self.note("out", kind, frame)

    def note(self, direction: Literal["in", "out"], kind: str, frame: str) -> None:
        """Have a message written into the journal of the call, but for what would let somebody take it over."""
        told = _SECRET.sub(r'\1"(left out)"', frame)
        self._post(Signalled(self.leg, direction, f"client:{self.identity[1]}", kind, told))

    def _press(self) -> None:
        """Pass keys on, one after the other, up to the next pause."""
        self._pressing = None
        while self._keys and not self.ended:
            key = self._keys.popleft()
            if key == "w":
                self._pressing = asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._press)
                return
            self._post(network.Digit(self.leg, key))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _settle(self, peer: PeerId, path: tuple[str, ...]) -> bool:
        """Have a connection from now on; False when the call has ended meanwhile."""
        if self.ended:
            self._media.hang_up(peer)
            return False
        self.peer, self._path = peer, path
        if self._row is not None:
            self._media.attach(peer, self._row)
        return True

    async def _renew(self, offer: str) -> None:
        peer = self.peer
        if peer is None:
            return
        try:
            answer = await self._media.restart(peer, offer)
        except MediaError as error:
            if not self.ended:
                self._fail(str(error))
            return
        self._path = path_of(offer)
        self.tell("answer", sdp=answer, reconnect=self.token)

    def _give_up(self, why: str) -> None:
        self.tell("hangup", error=fault(CONNECTION, "the audio of the call was lost"))
        self._end(_UNAVAILABLE if self.pending else _OK, f"its audio was lost: {why}")

    def _fail(self, why: str) -> None:
        """A description is of no use."""
        self.tell("hangup", error=fault(BAD_REQUEST, why[:200]))
        self._end(_NOT_ACCEPTABLE)

    def _end(self, code: int, reason: str = "", *, by_peer: bool = True) -> None:
        if self.ended:
            return
        self.stage = Stage.ENDED
        for timer in (self._missing, self._mute, self._pressing):
            if timer is not None:
                timer.cancel()
        quality = self.quality
        if self.peer is not None:
            self._media.hang_up(self.peer)
        self._over(self)
        self._post(network.Ended(self.leg, code, reason or phrase_of(code), by_peer, quality=quality))
