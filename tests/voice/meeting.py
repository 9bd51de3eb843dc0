"""What the tests of conferences say and hear: calls that join, tones that tell whom a phone hears, and who was told."""

from __future__ import annotations

import asyncio
import io
import wave

import httpx
import numpy as np

from media.music import hold_music
from sip.fake import FakeCall
from tests.voice.exchange import Customer, World
from voice.conference.conference import Conference
from voice.conference.participant import Participant

PITCH = {"alice": 500, "bob": 900, "carol": 1300, "dave": 1700}
EVENTS = "statusCallback='/room' statusCallbackEvent='start end join leave mute hold modify announcement'"


def meeting_customer() -> Customer:
    """A customer who hears of everything at ``/room`` and hangs up at ``/after``."""
    customer = Customer()
    customer.answers["/room"] = ""
    customer.answers["/after"] = "<Hangup/>"
    return customer


def dial(attributes: str = "", dial_attributes: str = "action='/after'", name: str = "Room 1") -> str:
    return f"<Dial {dial_attributes}><Conference beep='false' {attributes}>{name}</Conference></Dial>"


async def enter(world: World, name: str, document: str, *, talks: bool = True) -> FakeCall:
    """Call, wait until the call is in a conference, and say a tone for ever."""
    world.customer.answers["/voice"] = document
    before = world.conferences.participants
    call = world.call(from_=f"sip:{name}@carrier")
    await world.until(lambda: world.conferences.participants > before or call.ended, 5)
    if talks:
        call.say(tone(PITCH[name]))
    return call


def tone(hertz: float, seconds: float = 600) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return (4000 * np.sin(2 * np.pi * hertz * np.arange(int(8000 * seconds)) / 8000)).astype(np.int16)


def hears(call: FakeCall) -> list[str]:
    """Whose tones were in the last half second that a phone heard."""
    samples = call.heard[-4000:].astype(float)
    if len(samples) < 4000:
        return []
    spectrum = np.abs(np.fft.rfft(samples)) / len(samples)
    return [name for name, hertz in PITCH.items() if spectrum[hertz // 2] > 200]


async def settled(world: World) -> None:
    """Let as much time pass as ``hears`` looks back on, and what is on its way arrive."""
    await asyncio.sleep(0.6)


def plays_music(call: FakeCall) -> bool:
    """Whether a phone has just heard a piece of our music."""
    music, heard = hold_music(8000), call.heard[-1600:]
    return any(np.array_equal(music[at : at + 1600], heard) for at in range(0, 8000 * 30, 160))


def silent(call: FakeCall) -> bool:
    return not call.heard[-4000:].any()


def conference(world: World) -> Conference:
    (only,) = world.conferences
    return only


def participant(world: World, number: int) -> Participant:
    return list(conference(world).participants.values())[number]


def told(customer: Customer) -> list[str]:
    return [form["StatusCallbackEvent"].removeprefix("participant-") for form in customer.visited("/room")]


def holds(heard: np.ndarray[tuple[int], np.dtype[np.int16]], sound: np.ndarray[tuple[int], np.dtype[np.int16]]) -> bool:
    """Whether a whole sound is in a recording, from some frame on."""
    return any(np.array_equal(heard[at : at + sound.size], sound) for at in range(0, heard.size - sound.size, 160))


def wav(hertz: float, seconds: float) -> httpx.Response:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(tone(hertz, seconds).tobytes())
    return httpx.Response(200, headers={"Content-Type": "audio/wav", "Cache-Control": "max-age=600"}, content=file.getvalue())
