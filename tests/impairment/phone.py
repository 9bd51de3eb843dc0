"""A telephone that calls, says a file, keeps what it hears, and hangs up after a while if the far end does not.

usage: python -m tests.impairment.phone ADDRESS PORT TARGET CODEC RATE SAID HEARD SECONDS

It prints ``answered``, and ``ended`` with the status and who has ended the call: ``they`` or ``we``.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import threading
import time
from pathlib import Path

import numpy as np

from sip.addresses import Addresses
from sip.endpoint import Invitation
from sip.events import Answered, Ended, Event
from sip.pjsua import PjsuaEndpoint
from tests.impairment import speech

ROW = 0


class Conversation:
    """The audio of the call; the clock turns on a thread of its own."""

    def __init__(self, said: Path, rate: int) -> None:
        samples = rate // 50
        self.rx, self.tx = np.zeros((1, samples), np.int16), np.zeros((1, samples), np.int16)
        self.talking = False
        self.heard: list[np.ndarray[tuple[int], np.dtype[np.int16]]] = []
        whole = speech.read(said, rate)
        self._frames = iter(whole[: len(whole) // samples * samples].reshape(-1, samples))
        self._silence = itertools.repeat(np.zeros(samples, np.int16))
        self._stopping = threading.Event()
        self._thread: threading.Thread

    def start(self, endpoint: PjsuaEndpoint) -> None:
        """Turn the clock."""
        self._thread = threading.Thread(target=self._keep_time, args=(endpoint,))
        self._thread.start()

    def stop(self) -> None:
        """Stand still."""
        self._stopping.set()
        self._thread.join()

    def _keep_time(self, endpoint: PjsuaEndpoint) -> None:
        endpoint.register_thread("media")
        due = time.monotonic()
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            if self.talking:
                self.tx[ROW] = next(self._frames, next(self._silence))
            endpoint.exchange()
            if self.talking:
                self.heard.append(self.rx[ROW].copy())
            due += 0.02


async def call(endpoint: PjsuaEndpoint, conversation: Conversation, sender: str, target: str, seconds: float) -> Ended:
    """The whole of it."""
    events: asyncio.Queue[Event] = asyncio.Queue()
    endpoint.start(events.put_nowait)
    conversation.start(endpoint)
    leg = endpoint.invite(Invitation(target, f"sip:{sender}@telephones.invalid"), ROW)
    ending: asyncio.TimerHandle | None = None
    while not isinstance(event := await events.get(), Ended):
        if isinstance(event, Answered):
            conversation.talking = True
            print("answered", flush=True)
            ending = asyncio.get_running_loop().call_later(seconds, endpoint.hang_up, leg)
    if ending is not None:
        ending.cancel()
    conversation.stop()
    return event


async def main(address: str, port: str, target: str, codec: str, rate: str, said: str, heard: str, seconds: str) -> None:
    """Call once."""
    conversation = Conversation(Path(said), int(rate))
    endpoint = PjsuaEndpoint(
        conversation.rx,
        conversation.tx,
        rate=int(rate),
        addresses=Addresses((address,)),
        port=int(port),
        codecs=(codec,),
        max_calls=4,
    )
    ended = await call(endpoint, conversation, codec, target, float(seconds))
    speech.write(Path(heard), np.concatenate([*conversation.heard, np.zeros(0, np.int16)]), int(rate))
    print("ended", ended.code, "they" if ended.by_peer else "we", flush=True)
    await asyncio.to_thread(endpoint.close)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
