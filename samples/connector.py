"""A payment connector to try ``<Pay>`` with: it moves no money and keeps no card.

It speaks the contract of Twilio's Generic Pay Connector: one JSON object by POST, one back. A real one would hand the card to
a payment processor where this one looks at its last digits; it must then run where card data may be (PCI DSS).

    CONNECTOR_PASSWORD=secret TWILIO_AUTH_TOKEN=... flask --app samples.connector run --port 9100

and in strowger.toml

    [[payment_connector]]
    url = "http://127.0.0.1:9100/payments"          # https:// anywhere but on the switch's own network
    username = "strowger"
    password = "secret"

Then call ``samples.shop`` and pay with 4111 1111 1111 1111, any month to come, and any security code. 4000 0000 0000 0002 is
declined, 4000 0000 0000 9995 has no money, and 4000 0000 0000 0119 makes the connector fail.
"""

from __future__ import annotations

import hmac
import os
import secrets
from typing import Any

from flask import Flask, Response, abort, jsonify, request
from twilio.request_validator import RequestValidator

PASSWORD = os.environ.get("CONNECTOR_PASSWORD", "")
DECLINED = {
    "4000000000000002": ("card_declined", "The card was declined"),
    "4000000000009995": ("insufficient_funds", "The card has insufficient funds"),
}
BROKEN = "4000000000000119"

app = Flask(__name__)
app.logger.setLevel("INFO")
validator = RequestValidator(os.environ.get("TWILIO_AUTH_TOKEN", ""))


@app.post("/payments")
def pay() -> Response:
    """Charge or tokenise, as ``method`` says."""
    check_sender()
    order: dict[str, Any] = request.get_json()
    number = order.get("cardnumber") or order.get("bankaccountnumber", "")
    if number == BROKEN:
        abort(500)
    # Of what was typed, the log may show the last digits and nothing else.
    app.logger.info("%s %s of …%s", order["transaction_id"], order["method"], number[-2:])
    if number in DECLINED:
        code, message = DECLINED[number]
        return jsonify(charge_id=None, token_id=None, error_code=code, error_message=message)
    made = secrets.token_hex(16)
    if order["method"] == "charge":
        return jsonify(charge_id=f"ch_{made}", error_code=None, error_message=None)
    return jsonify(token_id=f"tok_{made}", profile_id=f"cus_{made[:8]}", error_code=None, error_message=None)


def check_sender() -> None:
    """Only the switch may ask: it knows the password, and it signs the address with the hash of the body in it."""
    given = request.authorization.password if request.authorization else ""
    if not hmac.compare_digest(given or "", PASSWORD):
        abort(401)
    signature = request.headers.get("X-Twilio-Signature", "")
    if not validator.validate(request.url, request.get_data(as_text=True), signature):
        abort(403)
