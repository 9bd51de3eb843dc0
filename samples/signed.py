"""What every webhook of these samples does: refuse what the switch did not sign, and answer in XML."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps

from flask import Flask, Response, abort, request
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import VoiceResponse

validator = RequestValidator(os.environ.get("TWILIO_AUTH_TOKEN", ""))


def check_signature() -> None:
    """Refuse a request that the switch did not sign."""
    if not validator.validate(request.url, request.form, request.headers.get("X-Twilio-Signature", "")):
        abort(403)


def webhook(view: Callable[[], VoiceResponse]) -> Callable[[], Response]:
    """Refuse requests that the switch did not sign, and send TwiML as XML."""

    @wraps(view)
    def signed() -> Response:
        check_signature()
        return Response(str(view()), content_type="text/xml")

    return signed


def serve(app: Flask, port: int) -> None:
    """Run a sample on the port that the command line names, or on its usual one."""
    app.run(port=int(sys.argv[1]) if len(sys.argv) > 1 else port)
