"""A WebSocket server built on pipecat, run by an interpreter of its own: python pipecat_server.py

It prints its port, then a JSON object for each thing of note. A caller who is heard is answered with a tone; a key cuts that off.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import struct
from typing import Any

from loguru import logger
from pipecat.frames.frames import InputAudioRawFrame, InputDTMFFrame, InterruptionFrame, OutputAudioRawFrame
from pipecat.runner.utils import parse_telephony_websocket
from pipecat.serializers.twilio import TwilioFrameSerializer
from websockets.asyncio.server import ServerConnection, serve

RATE, HZ, SECONDS = 16_000, 900, 30
PIECE = RATE // 25
STEADY_HZ = 8
"""How far two parts of one tone may seem to be apart."""


class Accepted:
    """A connection with the methods that pipecat's reader of the first messages wants."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection

    async def iter_text(self) -> Any:
        """The messages."""
        async for text in self._connection:
            yield text


def tell(**facts: object) -> None:
    """Print something of note."""
    print(json.dumps(facts), flush=True)


async def talk(connection: ServerConnection) -> None:
    """One call."""
    transport, call = await parse_telephony_websocket(Accepted(connection))
    tell(transport=transport, stream=call["stream_id"], call=call["call_id"], body=call.get("body", {}))
    params = TwilioFrameSerializer.InputParams(auto_hang_up=False, sample_rate=RATE)
    serializer = TwilioFrameSerializer(call["stream_id"], params=params)
    await serializer.setup(None)
    speaking: asyncio.Task[None] | None = None
    heard = b""
    async for text in connection:
        frame = await serializer.deserialize(text)
        match frame:
            case InputAudioRawFrame():
                heard += frame.audio
                if speaking is None and len(heard) >= 2 * RATE and (pitch := _steady_pitch(heard[-RATE:])):
                    tell(heard=pitch, rate=frame.sample_rate)
                    speaking = asyncio.create_task(_speak(connection, serializer))
            case InputDTMFFrame():
                tell(key=frame.button.value)
                await connection.send(str(await serializer.serialize(InterruptionFrame())))
                if speaking is not None:
                    speaking.cancel()
    tell(over=connection.close_code)


async def _speak(connection: ServerConnection, serializer: TwilioFrameSerializer) -> None:
    for number in range(SECONDS * RATE // PIECE):
        at = range(number * PIECE, (number + 1) * PIECE)
        pcm = struct.pack(f"<{PIECE}h", *(round(8000 * math.sin(2 * math.pi * HZ * place / RATE)) for place in at))
        text = await serializer.serialize(OutputAudioRawFrame(audio=pcm, sample_rate=RATE, num_channels=1))
        if text is not None:
            await connection.send(str(text))


def _steady_pitch(pcm: bytes) -> int:
    """Hertz; 0 while there is no tone, or one that a busy machine has torn."""
    first, second = _pitch(pcm[: len(pcm) // 2]), _pitch(pcm[len(pcm) // 2 :])
    return (first + second) // 2 if abs(first - second) <= STEADY_HZ else 0


def _pitch(pcm: bytes) -> int:
    """Hertz, by the times that a tone crosses zero."""
    samples: tuple[int, ...] = struct.unpack(f"<{len(pcm) // 2}h", pcm)
    crossings = sum(before < 0 <= after for before, after in itertools.pairwise(samples))
    return round(crossings * RATE / len(samples))


async def main() -> None:
    """Serve until the end."""
    logger.remove()
    async with serve(talk, "127.0.0.1", 0) as server:
        tell(port=next(iter(server.sockets)).getsockname()[1])
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
