"""A parrot: it says what it hears two seconds later. Any key silences it, and # lets it say goodbye.

Webhook and Media Stream in one process, as small as they get on the official ``twilio`` package and ``websockets``:

    TWILIO_AUTH_TOKEN=... python -m samples.parrot 9200

and in strowger.toml

    [[number]]
    phone_number = "+15550101"
    voice_url = "http://127.0.0.1:9200/voice"
    voice_method = "GET"

or, with a switch of its own, ``python -m samples parrot``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import deque
from http import HTTPStatus
from typing import Any

from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Connect, VoiceResponse
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

DELAY = 100
"""Messages of 20 ms."""

validator = RequestValidator(os.environ.get("TWILIO_AUTH_TOKEN", ""))


def document(host: str) -> str:
    """What the switch is to do with a caller."""
    response = VoiceResponse()
    response.say("Talk to the parrot.")
    connect = Connect()
    connect.stream(url=f"ws://{host}/audio").parameter(name="bird", value="parrot")
    response.append(connect)
    response.say("The parrot has flown away. Goodbye.")
    return str(response)


def answer(connection: ServerConnection, request: Request) -> Response | None:
    """Serve the document, let the WebSocket of ``/audio`` through, and refuse what the switch did not sign."""
    host, streams = request.headers.get("Host", ""), request.path == "/audio"
    url = f"{'ws' if streams else 'http'}://{host}{request.path}"
    if not validator.validate(url, {}, request.headers.get("X-Twilio-Signature", "")):
        return connection.respond(HTTPStatus.FORBIDDEN, "not signed by the switch\n")
    if streams:
        return None
    response = connection.respond(HTTPStatus.OK, document(host))
    del response.headers["Content-Type"]
    response.headers["Content-Type"] = "text/xml"
    return response


async def talk(connection: ServerConnection) -> None:
    """Repeat one caller until # or the end of the call."""
    remembered: deque[str] = deque()
    async for text in connection:
        message: dict[str, Any] = json.loads(text)
        sid = message.get("streamSid", "")
        match message["event"]:
            case "start":
                print(f"{sid} is a call with a {message['start']['customParameters']['bird']}", flush=True)
            case "media":
                remembered.append(message["media"]["payload"])
                if len(remembered) > DELAY:
                    await connection.send(_message("media", sid, payload=remembered.popleft()))
            case "dtmf" if message["dtmf"]["digit"] == "#":
                return
            case "dtmf":
                remembered.clear()
                await connection.send(json.dumps({"event": "clear", "streamSid": sid}))
                await connection.send(_message("mark", sid, name="silent"))
            case "mark" | "stop":
                print(f"{sid}: {message['event']}", flush=True)


def _message(event: str, sid: str, **content: str) -> str:
    return json.dumps({"event": event, "streamSid": sid, event: content})


async def main(port: int) -> None:
    """Serve until Ctrl-C."""
    async with serve(talk, "127.0.0.1", port, process_request=answer) as server:
        print(f"the parrot listens on port {port}", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 9200))
