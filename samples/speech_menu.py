"""A telephone menu that is spoken with: it understands departments by name or by key, and asks again.

    TWILIO_AUTH_TOKEN=... python -m samples.speech_menu 9400

and in strowger.toml

    [[number]]
    phone_number = "+15550103"
    voice_url = "http://127.0.0.1:9400/voice"

or, with a switch of its own, ``python -m samples speech_menu``.
"""

from __future__ import annotations

from flask import Flask, request
from twilio.twiml.voice_response import Gather, VoiceResponse

from samples.signed import check_signature, serve, webhook

DEPARTMENTS = {
    "sales": "Our prices have never been lower than today. Nobody is in the office to tell you so.",
    "support": "Have you tried to turn it off and on again?",
    "opening hours": "We are open from nine to five, Monday to Friday.",
}
"""What is said about each; a key is the number of its place."""
GOODBYE = "goodbye"
MOST_ATTEMPTS = 3

app = Flask(__name__)
app.logger.setLevel("INFO")


@app.post("/voice")
@webhook
def ask() -> VoiceResponse:
    """Ask what the call is about, again when that was not understood, but not for ever."""
    attempt = request.args.get("attempt", 1, type=int)
    response = VoiceResponse()
    gather = Gather(
        input="speech dtmf",
        action=f"/answer?attempt={attempt}",
        hints=", ".join([*DEPARTMENTS, GOODBYE]),
        speech_timeout="auto",
        num_digits=1,
        timeout=6,
        partial_result_callback="/partial",
    )
    named = ", ".join(f"{name}, or press {key}" for key, name in enumerate(DEPARTMENTS, 1))
    gather.say(f"{'Welcome.' if attempt == 1 else 'I am listening.'} Say {named}. To end the call, say {GOODBYE}.")
    response.append(gather)
    if attempt < MOST_ATTEMPTS:
        response.say("I have not heard anything.")
        response.redirect(f"/voice?attempt={attempt + 1}")
    else:
        response.say("I cannot hear you. Goodbye.")
    return response


@app.post("/answer")
@webhook
def answer() -> VoiceResponse:
    """Do what was said or pressed."""
    attempt = request.args.get("attempt", 1, type=int)
    said = understood(request.form.get("SpeechResult", ""), request.form.get("Digits", ""))
    app.logger.info("%s wants %s", request.form["CallSid"], said or "something else")
    response = VoiceResponse()
    if said == GOODBYE:
        response.say("Thank you for your call. Goodbye.")
    elif said:
        response.say(f"{said.capitalize()}. {DEPARTMENTS[said]}")
        response.redirect("/voice?attempt=2")
    elif attempt < MOST_ATTEMPTS:
        response.say("I have not understood that.")
        response.redirect(f"/voice?attempt={attempt + 1}")
    else:
        response.say("I do not understand you. Please write to us. Goodbye.")
    return response


@app.post("/partial")
def partial() -> tuple[str, int]:
    """Takes note of what is understood while the caller still speaks."""
    check_signature()
    app.logger.info("%s … %s", request.form["CallSid"], request.form["UnstableSpeechResult"])
    return "", 204


def understood(speech: str, digits: str) -> str:
    """What is wanted; empty when that is not known."""
    if digits.isdecimal():
        return dict(enumerate(DEPARTMENTS, 1)).get(int(digits), "")
    return next((name for name in [*DEPARTMENTS, GOODBYE] if name in speech.lower()), "")


if __name__ == "__main__":
    serve(app, 9400)
