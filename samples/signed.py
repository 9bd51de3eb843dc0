"""What every webhook of these samples does: refuse what the switch did not sign, and answer in XML."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps

from flask import Response, abort, request
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import VoiceResponse

validator = RequestValidator(os.environ.get("TWILIO_AUTH_TOKEN", ""))


def webhook(view: Callable[[], VoiceResponse]) -> Callable[[], Response]:
    """Refuse requests that the switch did not sign, and send TwiML as XML."""

    @wraps(view)
    def signed() -> Response:
        if not validator.validate(request.url, request.form, request.headers.get("X-Twilio-Signature", "")):
            abort(403)
        return Response(str(view()), content_type="text/xml")

    return signed
