"""Every real-time transcription of one server: started by a document or by the REST API, found by its SID or its name."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from markup.commands import TranscriptionPlan
from voice.calls.line import Line
from voice.errors import TranscriptionRefused
from voice.listening.live_transcription import PROVIDER_ERROR, Bureau, LiveTranscription
from voice.listening.recognizers import Recognizers

MOST_TRACKS = 2
"""Of one call; there are ears for so many."""
LAST_SECONDS = 3.0
"""How long the last words may take when the server ends."""
BAD_PLAN = 32650


class LiveTranscriptions:
    """The transcriptions that run; its methods belong to the event loop."""

    def __init__(self, recognizers: Recognizers, bureau: Bureau) -> None:
        self._recognizers = recognizers
        self._bureau = bureau
        self._live: dict[str, LiveTranscription] = {}
        """Those that have something to tell: some of them are stopped already."""
        self._idle = asyncio.Event()

    def __len__(self) -> int:
        return len(self._live)

    def start(self, line: Line, plan: TranscriptionPlan, over: Callable[[], None] = lambda: None) -> LiveTranscription:
        """Write down what is said on a live line until that is stopped; ``over`` is told its end.

        Raises TranscriptionRefused, after the customer has been told.
        """

        def ended(transcription: LiveTranscription) -> None:
            del self._live[transcription.sid]
            if not self._live:
                self._idle.set()
            over()

        transcription = LiveTranscription(line, plan, self._bureau, ended)
        try:
            self._admit(transcription)
            chosen = self._recognizers.choose(plan.language, plan.model, plan.engine)
            if chosen.language != plan.language:
                raise TranscriptionRefused(PROVIDER_ERROR, f"no recogniser of this switch understands {plan.language[:60]!r}")
        except TranscriptionRefused as refusal:
            transcription.fail(refusal.code, str(refusal))
            raise
        self._live[transcription.sid] = transcription
        self._idle.clear()
        transcription.start(chosen)
        return transcription

    def find(self, call_sid: str, which: str) -> LiveTranscription | None:
        """A transcription of a call that runs, by its SID or its name; an empty name is the latest one that has none."""
        for each in reversed(self._running(call_sid)):
            if which in (each.sid, each.plan.name):
                return each
        return None

    async def close(self) -> None:
        """Stop all, and wait a moment for the last words."""
        for each in list(self._live.values()):
            each.stop()
        if self._live:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_SECONDS):
                    await self._idle.wait()
        for each in list(self._live.values()):
            each.abandon()

    def _running(self, call_sid: str) -> list[LiveTranscription]:
        return [each for each in self._live.values() if each.call.sid == call_sid and each.status == "in-progress"]

    def _admit(self, transcription: LiveTranscription) -> None:
        """Whether it may begin. Raises TranscriptionRefused."""
        call, name = transcription.call, transcription.plan.name
        if not call.live or call.row is None:
            raise TranscriptionRefused(BAD_PLAN, f"the call is {call.status}")
        if name and self.find(call.sid, name) is not None:
            raise TranscriptionRefused(BAD_PLAN, f"a transcription named {name!r} is running already")
        tracks = sum(len(each.tracks) for each in self._running(call.sid)) + len(transcription.tracks)
        if tracks > MOST_TRACKS:
            raise TranscriptionRefused(BAD_PLAN, f"{tracks} tracks of one call; at most {MOST_TRACKS} are transcribed at a time")
