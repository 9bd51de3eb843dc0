"""A page on which can be read what is said on the telephone, word by word as it is said.

    TWILIO_AUTH_TOKEN=... python -m samples.live_transcript 9500

and in strowger.toml

    [[number]]
    phone_number = "+15550104"
    voice_url = "http://127.0.0.1:9500/voice"

or, with a switch of its own, ``python -m samples live_transcript``. Call the number and look at http://127.0.0.1:9500/.
"""

from __future__ import annotations

import json
import queue
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from flask import Flask, Response, request, send_file
from twilio.twiml.voice_response import Start, VoiceResponse

from samples.signed import check_signature, serve, webhook

PAGE = Path(__file__).parent / "live_transcript.html"
MOST_REMEMBERED = 500
"""Events that a page is told which is opened late."""
MOST_WAITING = 1_000
"""Events that wait for a page which takes none: it is given up."""
KEEP_ALIVE_SECONDS = 15

Event = dict[str, object]

app = Flask(__name__)


class Audience:
    """The pages that are open."""

    def __init__(self) -> None:
        self._told: deque[Event] = deque(maxlen=MOST_REMEMBERED)
        self._pages: list[queue.Queue[Event]] = []

    def tell(self, event: Event) -> None:
        """Tell every page."""
        self._told.append(event)
        for page in list(self._pages):
            try:
                page.put_nowait(event)
            except queue.Full:
                self._pages.remove(page)

    def attend(self) -> Iterator[str]:
        """What one page is told, as server-sent events."""
        page: queue.Queue[Event] = queue.Queue(MOST_WAITING)
        for event in list(self._told):
            page.put_nowait(event)
        self._pages.append(page)
        yield ": welcome\n\n"  # with which the headers go out
        try:
            while page in self._pages:
                try:
                    yield f"data: {json.dumps(page.get(timeout=KEEP_ALIVE_SECONDS))}\n\n"
                except queue.Empty:
                    yield ": still here\n\n"
        finally:
            if page in self._pages:
                self._pages.remove(page)


audience = Audience()


@app.post("/voice")
@webhook
def voice() -> VoiceResponse:
    """Write down what both sides say, and let the caller talk."""
    response = VoiceResponse()
    start = Start()
    start.transcription(
        status_callback_url="/transcription",
        partial_results=True,
        inbound_track_label="caller",
        outbound_track_label="switch",
    )
    response.append(start)
    response.say("What you say now can be read on the page.")
    response.pause(length=300)
    return response


@app.post("/transcription")
def transcription() -> tuple[str, int]:
    """Tell the pages what was said, or is being said."""
    check_signature()
    form = request.form
    event: Event = {"call": form["CallSid"], "time": form["Timestamp"], "event": form["TranscriptionEvent"]}
    if form["TranscriptionEvent"] == "transcription-content":
        said = json.loads(form["TranscriptionData"])
        event |= {
            "track": form["Track"],
            "text": said["transcript"],
            "confidence": said.get("confidence"),
            "final": form["Final"] == "true",
        }
    elif form["TranscriptionEvent"] == "transcription-error":
        event["text"] = form["TranscriptionError"]
    audience.tell(event)
    return "", 204


@app.get("/")
def page() -> Response:
    """The page."""
    return send_file(PAGE)


@app.get("/events")
def events() -> Response:
    """What it is told."""
    return Response(audience.attend(), content_type="text/event-stream", headers={"Cache-Control": "no-store"})


if __name__ == "__main__":
    serve(app, 9500)
