"""A switch with an API key and an application for pages, and pages that have signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from media.frame import Samples
from tests.voice.exchange import ACCOUNT, HOST, Answer, Customer, World
from tests.voice.pages import FakePeer, Page
from voice.accounts.accounts import Key
from voice.settings import Application

KEY = Key("SK" + "1" * 32, ACCOUNT.sid, "k" * 32)
APPLICATION = "AP" + "1" * 32


@asynccontextmanager
async def switch(folder: Path, answers: Mapping[str, Answer], **settings: Any) -> AsyncIterator[World]:
    """A running switch."""
    application = Application(sid=APPLICATION, voice_url=f"{HOST}/app", status_callback=f"{HOST}/status")
    async with World(folder, Customer({"/status": "", **answers}), application=(application,), **settings) as world:
        world.accounts.load([], [KEY])
        yield world


def token(
    world: World, identity: str, *, ttl: int = 3600, incoming: bool = True, application: str = APPLICATION, key: Key = KEY
) -> str:
    """As the official SDK makes it."""
    now = int(world.wall().timestamp())
    made = AccessToken(key.account_sid, key.sid, key.secret, identity=identity, nbf=now, valid_until=now + ttl)
    parameters = {"team": "blue"} if application else None
    made.add_grant(VoiceGrant(incoming, application or None, parameters))
    return str(made.to_jwt())


def page(world: World, identity: str, *, register: bool = True, **token_with: Any) -> Page:
    """A page that has signed in."""
    made = Page(world.exchange.reception, identity)
    made.listen(token(world, identity, **token_with), register)
    return made


def peer(world: World, number: int = -1) -> FakePeer:
    """One of the connections of pages, the newest unless told otherwise."""
    return list(world.media.peers.values())[number]


async def talking(world: World, alice: Page, parameters: str = "") -> str:
    """Let a page call, and wait for the answer; returns the CallSid."""
    alice.dial(parameters)
    await world.until(lambda: bool(alice.told("answer")))
    return str(alice.last("answer")["callsid"])


@asynccontextmanager
async def conversation(folder: Path, answers: Mapping[str, Answer]) -> AsyncIterator[tuple[World, Page, str]]:
    """A running switch, a page that talks with it, and the CallSid."""
    async with switch(folder, answers) as world:
        alice = page(world, "alice")
        yield world, alice, await talking(world, alice)


async def rung(world: World, *pages: Page) -> str:
    """Wait until pages are called; returns the CallSid."""
    await world.until(lambda: all(page.told("invite") for page in pages))
    return str(pages[0].last("invite")["callsid"])


async def over(world: World) -> None:
    """Wait until no call is left."""
    await world.until(lambda: not len(world.registry))


def tone(hertz: float) -> Samples:
    """One frame that can be said over and over."""
    return np.round(8000 * np.sin(2 * np.pi * hertz * np.arange(160) / 8000)).astype(np.int16)


def strongest(samples: Samples) -> float:
    """The strongest tone in what was heard, in Hz; 0 in silence."""
    spectrum = np.abs(np.fft.rfft(samples.astype(float) * np.hanning(len(samples))))
    return float(np.argmax(spectrum)) * 8000 / len(samples) if spectrum.max() > 1000 else 0.0


def heard(peer: FakePeer, frames: int = 40) -> Samples:
    """The last that a page has heard."""
    return np.concatenate(peer.heard[-frames:])
