"""A shop that takes money over the telephone: ``<Pay>`` asks for the card, and the application never sees it.

TWILIO_AUTH_TOKEN=... flask --app samples.shop run --port 9000
"""

from __future__ import annotations

from flask import Flask, request
from twilio.twiml.voice_response import Pay, VoiceResponse

from samples.signed import webhook

PRICE = "20.45"

app = Flask(__name__)


@app.post("/voice")
@webhook
def offer() -> VoiceResponse:
    """What a caller hears first."""
    response = VoiceResponse()
    response.say("One telephone exchange, twenty dollars and forty five cents.")
    pay = Pay(charge_amount=PRICE, action="/paid", description="One telephone exchange", max_attempts=3)
    prompt = pay.prompt(for_="security-code", card_type="amex")
    prompt.say("Please enter the four digits on the front of your card.")
    response.append(pay)
    return response


@app.post("/paid")
@webhook
def paid() -> VoiceResponse:
    """How it went."""
    response = VoiceResponse()
    match request.form["Result"]:
        case "success":
            digits = " ".join(request.form["PaymentCardNumber"][-4:])
            response.say(f"Thank you. Your card ending in {digits} was charged.")
        case "caller-interrupted-with-star":
            response.say("Nothing was charged.")
        case _:
            response.say(f"That did not work. {request.form.get('PaymentError', '')}. Nothing was charged.")
    response.say("Goodbye.")
    return response
