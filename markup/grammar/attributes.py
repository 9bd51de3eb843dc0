"""Attributes that several elements share."""

from __future__ import annotations

from markup.grammar.elements import SCHEMA_WARNING, Attribute, Element
from markup.readers import anything, boolean, callback, choice, matching, method, some_of, url
from markup.verbs import Config, Parameter

TRACKS = choice("inbound_track", "outbound_track", "both_tracks")
TRIM = choice("trim-silence", "do-not-trim")

PARAMETER = Element(Parameter, {"name": Attribute("name", anything), "value": Attribute("value", anything)})
CONFIG = Element(Config, {"name": Attribute("name", anything), "value": Attribute("value", anything)})

LANGUAGE = matching(r"[A-Za-z]{2,4}(-[A-Za-z0-9]{2,8})*", "a language such as en-US")


def action(method_code: int = SCHEMA_WARNING) -> dict[str, Attribute]:
    """Where a verb's result goes."""
    return {"action": Attribute("action", url), "method": Attribute("method", method, method_code)}


def text(*names: str) -> dict[str, Attribute]:
    """Attributes that hold any text."""
    return {name: Attribute(field_of(name), anything) for name in names}


PROVIDER = matching(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}", "the name of a provider or of an engine")


def flags(*names: str) -> dict[str, Attribute]:
    """Attributes that are true or false."""
    return {name: Attribute(field_of(name), boolean) for name in names}


def status_callback(*events: str) -> dict[str, Attribute]:
    """Where progress is told, and which of it when there is a choice."""
    found = {
        "statusCallback": Attribute("status_callback", callback),
        "statusCallbackMethod": Attribute("status_callback_method", method),
    }
    if events:
        found["statusCallbackEvent"] = Attribute("status_callback_event", some_of(*events))
    return found


def recording_status_callback(event_code: int = SCHEMA_WARNING) -> dict[str, Attribute]:
    """Where the progress of a recording is told (spec section 3.7)."""
    events = some_of("in-progress", "completed", "absent")
    return {
        "recordingStatusCallback": Attribute("recording_status_callback", callback, 13256),
        "recordingStatusCallbackMethod": Attribute("recording_status_callback_method", method),
        "recordingStatusCallbackEvent": Attribute("recording_status_callback_event", events, event_code),
        "recordingConfigurationId": Attribute("recording_configuration_id", anything),
    }


def field_of(name: str) -> str:
    """The field of an attribute: ``callerId`` is ``caller_id``."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
