"""What applications and numbers have in common: where the documents of calls and messages come from (spec section 4.13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voice.api.errors import ApiError
from voice.api.parameters import BOOLEAN, METHOD, URL, Parameter, text
from voice.api.shapes import Property, flag, maybe
from voice.api.shapes import text as string

BAD_URL = 21402
BAD_METHOD = 21403
FALLBACK_ALONE = {"voice": 21405, "sms": 21406}

FRIENDLY_NAME = Parameter("FriendlyName", text(64))
SERVICE = (
    FRIENDLY_NAME,
    Parameter("ApiVersion", text(10)),
    Parameter("VoiceUrl", URL, BAD_URL),
    Parameter("VoiceMethod", METHOD, BAD_METHOD),
    Parameter("VoiceFallbackUrl", URL, BAD_URL),
    Parameter("VoiceFallbackMethod", METHOD, BAD_METHOD),
    Parameter("StatusCallback", URL, BAD_URL),
    Parameter("StatusCallbackMethod", METHOD, BAD_METHOD),
    Parameter("VoiceCallerIdLookup", BOOLEAN),
    Parameter("SmsUrl", URL, BAD_URL),
    Parameter("SmsMethod", METHOD, BAD_METHOD),
    Parameter("SmsFallbackUrl", URL, BAD_URL),
    Parameter("SmsFallbackMethod", METHOD, BAD_METHOD),
)
SERVICE_PROPERTIES: Mapping[str, Property] = {
    "friendly_name": string(nullable=True),
    "api_version": string("2010-04-01"),
    "voice_url": maybe(),
    "voice_method": string("POST"),
    "voice_fallback_url": maybe(),
    "voice_fallback_method": string("POST"),
    "status_callback": maybe(),
    "status_callback_method": string("POST"),
    "voice_caller_id_lookup": flag(),
    "sms_url": maybe(),
    "sms_method": string("POST"),
    "sms_fallback_url": maybe(),
    "sms_fallback_method": string("POST"),
}


def check_fallbacks(form: Mapping[str, Any], row: Mapping[str, Any] | None = None) -> None:
    """Refuse a fallback of something that has no address itself; ``row`` is what the form changes. Raises ApiError."""
    whole = {**(row or {}), **form}
    for kind, code in FALLBACK_ALONE.items():
        if form.get(f"{kind}_fallback_url") and not (whole.get(f"{kind}_url") or whole.get(f"{kind}_application_sid")):
            name = kind.capitalize()
            raise ApiError(400, code, f"{name}FallbackUrl cannot be set without {name}Url")
