"""A telephone menu: press 1 for a tune, 2 to be connected to a second phone, 3 to hear who you are.

Written on the official ``twilio`` package as any Twilio application is; it checks the signature of each request.

    TWILIO_AUTH_TOKEN=... SECOND_PHONE=sip:second@127.0.0.1:5070 python -m samples.menu 9000
"""

from __future__ import annotations

import os

from flask import Flask, Response, request
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from samples.signed import serve, webhook
from samples.tune import wav

SECOND_PHONE = os.environ.get("SECOND_PHONE", "sip:second@127.0.0.1:5070")

app = Flask(__name__)


@app.post("/voice")
@webhook
def menu() -> VoiceResponse:
    """What a caller hears first."""
    response = VoiceResponse()
    gather = Gather(num_digits=1, timeout=5, action="/choice")
    gather.say("Welcome to Strowger. For a tune, press 1. To talk to the second phone, press 2. To hear your number, press 3.")
    response.append(gather)
    response.say("You pressed nothing. Once more.")
    response.redirect("/voice")
    return response


@app.post("/choice")
@webhook
def choice() -> VoiceResponse:
    """What the pressed key does."""
    response = VoiceResponse()
    match request.form.get("Digits"):
        case "1":
            response.play("/tune.wav")
        case "2":
            response.say("One moment.")
            dial = Dial(timeout=20, action="/talked")
            dial.sip(SECOND_PHONE)
            response.append(dial)
            return response
        case "3":
            response.say(f"You are calling from {spoken(request.form['From'])}.")
        case _:
            response.say("There is nothing behind that key.")
    response.redirect("/voice")
    return response


@app.post("/talked")
@webhook
def talked() -> VoiceResponse:
    """How the conversation with the second phone ended."""
    response = VoiceResponse()
    if request.form.get("DialCallStatus") == "completed":
        response.say("The second phone hung up. Goodbye.")
    else:
        response.say(f"The second phone did not answer. It said {request.form.get('DialCallStatus')}.")
        response.redirect("/voice")
    return response


@app.post("/fallback")
@webhook
def fallback() -> VoiceResponse:
    """What is said when one of the other documents fails."""
    response = VoiceResponse()
    response.say(f"The application failed with error {request.form.get('ErrorCode')}. Goodbye.")
    return response


@app.post("/status")
def status() -> tuple[str, int]:
    """Takes note of the end of each call."""
    app.logger.info("%s %s", request.form["CallSid"], request.form["CallStatus"])
    return "", 204


@app.get("/tune.wav")
def tune() -> Response:
    """The tune behind key 1."""
    response = Response(wav(), content_type="audio/wav")
    response.set_etag("tune-1")
    response.make_conditional(request)
    return response


def spoken(party: str) -> str:
    """A caller as a voice should read it: digits one by one, a SIP address by its user."""
    if party.startswith("+"):
        return " ".join(party.lstrip("+"))
    return party.removeprefix("sip:").partition("@")[0]


if __name__ == "__main__":
    serve(app, 9000)
