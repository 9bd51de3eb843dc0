"""Who answers a call, and who may be shown as the caller (spec section 4.13)."""

from __future__ import annotations

from sqlalchemy import Column, Index

from voice.store.columns import flag, maybe, resource, sid, text


def _voice() -> list[Column[str]]:
    return [
        maybe("voice_url"),
        text("voice_method", "POST"),
        maybe("voice_fallback_url"),
        text("voice_fallback_method", "POST"),
        maybe("status_callback"),
        text("status_callback_method", "POST"),
    ]


def _sms() -> list[Column[str]]:
    return [maybe("sms_url"), text("sms_method", "POST"), maybe("sms_fallback_url"), text("sms_fallback_method", "POST")]


APPLICATIONS = resource(
    "applications",
    text("friendly_name"),
    text("api_version", "2010-04-01"),
    *_voice(),
    *_sms(),
    maybe("sms_status_callback"),
    maybe("message_status_callback"),
    flag("voice_caller_id_lookup"),
    flag("public_application_connect_enabled"),
)

INCOMING_PHONE_NUMBERS = resource(
    "incoming_phone_numbers",
    text("phone_number"),
    text("friendly_name"),
    text("api_version", "2010-04-01"),
    text("kind", "local"),
    *_voice(),
    *_sms(),
    sid("voice_application_sid"),
    sid("sms_application_sid"),
    sid("trunk_sid"),
    flag("voice_caller_id_lookup"),
    text("voice_receive_mode", "voice"),
    text("origin", "twilio"),
    sid("address_sid"),
    sid("identity_sid"),
    sid("bundle_sid"),
    text("emergency_status", "Inactive"),
    sid("emergency_address_sid"),
    flag("configured"),
    Index("uq_incoming_phone_numbers_phone_number", "phone_number", unique=True),
)
"""A number belongs to one account of all. ``kind`` is local, mobile or toll-free; ``configured`` ones come from the settings,
which win at each start."""

OUTGOING_CALLER_IDS = resource("outgoing_caller_ids", text("phone_number"), text("friendly_name"), unique=("phone_number",))
