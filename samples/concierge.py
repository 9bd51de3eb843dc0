"""A concierge: it talks with callers about a hotel, by ConversationRelay, until they say goodbye or press 0.

Webhook and WebSocket in one process, as small as they get on the official ``twilio`` package and ``websockets``; the brain is
a table, where yours would be a language model that streams its answer token by token:

    TWILIO_AUTH_TOKEN=... python -m samples.concierge 9300

and in strowger.toml

    [[number]]
    phone_number = "+15550102"
    voice_url = "http://127.0.0.1:9300/voice"
    voice_method = "GET"

or, with a switch of its own, ``python -m samples concierge``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from http import HTTPStatus

from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Connect, VoiceResponse
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

TOPICS = {
    "breakfast": "Breakfast is served from seven to ten, in the garden when it does not rain.",
    "checkout": "You can stay in your room until noon.",
    "parking": "There is a garage below the house. It costs nothing.",
}
"""The brain."""
GOODBYE = "goodbye"
QUESTION = "Ask me about breakfast, checkout or parking."

validator = RequestValidator(os.environ.get("TWILIO_AUTH_TOKEN", ""))


def document(host: str, path: str) -> str:
    """What the switch is to do with a caller, before and after the conversation."""
    response = VoiceResponse()
    if path == "/over":
        response.say("It was a pleasure.")
        return str(response)
    connect = Connect(action="/over", method="GET")
    connect.conversation_relay(
        url=f"ws://{host}/talk",
        welcome_greeting=f"Good day. {QUESTION}",
        dtmf_detection=True,
        hints=",".join([*TOPICS, GOODBYE]),
    )
    response.append(connect)
    return str(response)


def answer(connection: ServerConnection, request: Request) -> Response | None:
    """Serve the documents, let the WebSocket of ``/talk`` through, and refuse what the switch did not sign."""
    host, path = request.headers.get("Host", ""), request.path.partition("?")[0]
    url = f"{'ws' if path == '/talk' else 'http'}://{host}{request.path}"
    if not validator.validate(url, {}, request.headers.get("X-Twilio-Signature", "")):
        return connection.respond(HTTPStatus.FORBIDDEN, "not signed by the switch\n")
    if path == "/talk":
        return None
    response = connection.respond(HTTPStatus.OK, document(host, path))
    del response.headers["Content-Type"]
    response.headers["Content-Type"] = "text/xml"
    return response


def think(words: str) -> str:
    """What there is to say."""
    return next((told for topic, told in TOPICS.items() if topic in words.lower()), f"I am sorry. {QUESTION}")


async def talk(connection: ServerConnection) -> None:
    """Talk with one caller."""
    async for text in connection:
        message = json.loads(text)
        match message["type"]:
            case "setup":
                print(f"{message['callSid']} is a call from {message['from']}", flush=True)
            case "prompt" if GOODBYE in message["voicePrompt"].lower():
                await _end(connection)
            case "prompt":
                print(f"asked: {message['voicePrompt']}", flush=True)
                for token in think(message["voicePrompt"]).split(" "):
                    await connection.send(json.dumps({"type": "text", "token": token + " ", "last": False}))
                await connection.send(json.dumps({"type": "text", "token": "", "last": True}))
            case "interrupt":
                print(f"heard until: {message['utteranceUntilInterrupt']}", flush=True)
            case "dtmf" if message["digit"] == "0":
                await _end(connection)


async def _end(connection: ServerConnection) -> None:
    await connection.send(json.dumps({"type": "end", "handoffData": json.dumps({"satisfied": True})}))
    await connection.wait_closed()


async def main(port: int) -> None:
    """Serve until Ctrl-C."""
    async with serve(talk, "127.0.0.1", port, process_request=answer) as server:
        print(f"the concierge listens on port {port}", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 9300))
