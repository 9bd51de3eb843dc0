"""An application and a caller who talk with each other by ConversationRelay, on a whole call under a virtual clock."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from media.speech.passage import Passage
from media.speech.voices import Cast
from sip.fake import FakeCall
from tests.voice.exchange import Customer, World
from tests.voice.parrot import parrot
from tests.voice.socket import FakePeer
from voice.listening.recognizers import Recognizer

URL = "wss://app.example/relay"


def relay(attributes: str = "", children: str = "", action: str = "/after") -> Customer:
    return Customer(
        {
            "/voice": f"<Connect action='{action}'><ConversationRelay url='{URL}' {attributes}>{children}</ConversationRelay></Connect>",
            "/after": "<Hangup/>",
        }
    )


@contextlib.asynccontextmanager
async def talk(
    folder: Path, customer: Customer, engines: Sequence[Recognizer] = (), **settings: Any
) -> AsyncIterator[tuple[World, FakeCall, FakePeer]]:
    """A conversation that goes on until the caller hangs up at the end; without ``engines`` nobody is understood."""
    async with World(folder, customer, engines=engines or [parrot()], **settings) as world:
        call, peer = await connected(world)
        yield world, call, peer
        call.hang_up()
        await world.ended(call)


async def connected(world: World) -> tuple[FakeCall, FakePeer]:
    """A new call, when the application has been told of it."""
    call = world.call()
    await world.until(lambda: bool(world.dialler.peers) and bool(of(world.dialler.peers[-1], "setup")))
    return call, world.dialler.peers[-1]


def of(peer: FakePeer, kind: str) -> list[dict[str, Any]]:
    """The messages of one kind that the application got."""
    return [message for message in peer.messages if message["type"] == kind]


def say(peer: FakePeer, token: str, last: bool = True, **more: object) -> None:
    tell(peer, "text", token=token, last=last, **more)


def tell(peer: FakePeer, kind: str, **content: object) -> None:
    peer.put(json.dumps({"type": kind, **content}))


def notes(world: World, event: str) -> list[dict[str, Any]]:
    """What the journal has of one kind."""
    return [dict(entry.data) for entry in world.journal() if entry.kind == "relay" and entry.data["event"] == event]


def spoken(world: World) -> list[str]:
    """The texts that were heard to their ends."""
    return [str(note["text"]) for note in notes(world, "spoken")]


def is_loud(call: FakeCall, seconds: float = 0.2) -> bool:
    return bool(np.abs(call.heard[-int(8000 * seconds) :].astype(int)).max(initial=0) > 500)


def overhear(world: World) -> list[tuple[str, Cast]]:
    """What is given to be spoken from now on, and to whom."""
    given = []
    speak = world.studio.speaker.speak

    def listen(passages: list[Passage], cast: Cast, loop: int = 1):  # type: ignore[no-untyped-def]
        given.append((passages[0].text, cast))
        return speak(passages, cast, loop)

    world.studio.speaker.speak = listen  # type: ignore[method-assign, assignment]
    return given
