"""An application at the other end of WebSockets, in memory: what it was sent, and what it says by the test's hand."""

from __future__ import annotations

import asyncio
import base64
import functools
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from media.frame import Samples
from media.g711 import decode_mulaw, encode_mulaw
from voice.web.peer import Listener, Peer, SocketFailure
from voice.web.websocket import WebSocketDialler

Message = dict[str, Any]


class FakePeer:
    """One connection."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.messages: list[Message] = []
        """What the switch sent."""
        self.closed = False
        self.close_code = 0
        """By the switch."""
        self.stuck = False
        """The network takes no more; set by ``stick``."""
        self._said: deque[str | bytes | SocketFailure | None] = deque()
        self._kept: list[bytes] = []
        self._listener: Listener | None = None
        self._pauses = 0

    @property
    def sid(self) -> str:
        """The StreamSid."""
        return str(self.every("start")[0]["streamSid"])

    def every(self, event: str) -> list[Message]:
        """The messages of one kind."""
        return [message for message in self.messages if message["event"] == event]

    def heard(self, track: str = "inbound") -> Samples:
        """All audio of one track."""
        payloads = [message["media"]["payload"] for message in self.every("media") if message["media"]["track"] == track]
        return decode_mulaw(np.frombuffer(b"".join(map(base64.b64decode, payloads)), np.uint8))

    def marks(self) -> list[str]:
        """The names that were echoed."""
        return [message["mark"]["name"] for message in self.every("mark")]

    def say(self, samples: Samples) -> None:
        """Let the caller hear something."""
        self.tell("media", media={"payload": base64.b64encode(encode_mulaw(samples).tobytes()).decode()})

    def mark(self, name: str) -> None:
        """Ask to be told when all of that was heard."""
        self.tell("mark", mark={"name": name})

    def clear(self) -> None:
        """Take back what was not heard."""
        self.tell("clear")

    def tell(self, event: str, **content: object) -> None:
        """Send a message."""
        self.put(json.dumps({"event": event, "streamSid": self.sid, **content}))

    def put(self, message: str | bytes | None) -> None:
        """Send anything; None closes in good order."""
        self._say(message)

    def fail(self, failure: SocketFailure) -> None:
        """Break off."""
        self._say(failure)

    def stick(self) -> None:
        """Take nothing more from the network."""
        self.stuck = True

    def unstick(self) -> None:
        """Take what has piled up, and go on."""
        self.stuck = False
        kept, self._kept = self._kept, []
        for text in kept:
            self.send(text)
        if self._listener is not None:
            self._listener.go_on()

    def attend(self, listener: Listener) -> None:
        """See Peer."""
        self._listener = listener
        asyncio.get_running_loop().call_soon(self._tell)

    def send(self, text: bytes) -> bool:
        """See Peer."""
        if self.stuck:
            self._kept.append(text)
        else:
            self.messages.append(json.loads(text))
        return not self.stuck

    def pause(self) -> None:
        """See Peer."""
        self._pauses += 1

    def resume(self) -> None:
        """See Peer."""
        self._pauses -= 1
        asyncio.get_running_loop().call_soon(self._tell)

    def close(self, code: int = 1000) -> None:
        """See Peer."""
        self.close_code = code
        if not self.stuck:
            self.closed = True
            self._say(None)

    def abort(self) -> None:
        """See Peer."""
        self._say(SocketFailure("broken", "aborted"))

    def _say(self, said: str | bytes | SocketFailure | None) -> None:
        self._said.append(said)
        asyncio.get_running_loop().call_soon(self._tell)

    def _tell(self) -> None:
        """Have the switch read one thing."""
        if self._listener is None or self._pauses or not self._said:
            return
        said = self._said.popleft()
        if said is None or isinstance(said, SocketFailure):
            listener, self._listener = self._listener, None
            listener.leave(said)
        else:
            self._listener.hear(said)
            if self._pauses or self._said:
                asyncio.get_running_loop().call_soon(self._tell)


@functools.cache
def _real(allow_private_networks: bool) -> WebSocketDialler:
    return WebSocketDialler(lambda sid: "secret", allow_private_networks=allow_private_networks)


@dataclass
class FakeDialler:
    """Connects to applications that do as they are told."""

    allow_private_networks: bool = True
    seconds: float = 0.05
    """How long connecting takes."""
    refusal: SocketFailure | None = None
    """Why nobody can be reached."""
    peers: list[FakePeer] = field(default_factory=list)
    signers: list[str] = field(default_factory=list)
    """The accounts for which connections were opened."""
    greet: Callable[[FakePeer], None] = lambda peer: None
    """What an application does once it is connected."""

    def check(self, url: str) -> str:
        """See Dialler."""
        return _real(self.allow_private_networks).check(url)

    async def open(self, url: str, account_sid: str = "") -> Peer:
        """See Dialler."""
        await asyncio.sleep(self.seconds)
        if self.refusal is not None:
            raise self.refusal
        peer = FakePeer(url)
        self.peers.append(peer)
        self.signers.append(account_sid)
        self.greet(peer)
        return peer
