"""Every element that the official SDK can write is known, and every attribute of the verbs that are built finds its field."""

from __future__ import annotations

import inspect

import pytest
from twilio.twiml import voice_response as sdk

from markup.grammar import UNSUPPORTED, UNSUPPORTED_NOUNS, VERBS, Element
from markup.parser import parse

EXAMPLES = {
    "action_on_empty_result": True, "answer_on_bridge": True, "barge_in": False, "debug": True, "enhanced": True, "hangup_on_star": True,
    "profanity_filter": False, "sequential": True, "amd_status_callback_method": "GET", "method": "GET", "status_callback_method": "GET",
    "partial_result_callback_method": "GET", "recording_status_callback_method": "GET", "refer_method": "GET", "finish_on_key": "*",
    "input": "dtmf speech", "language": "de-DE", "length": 3, "loop": 2, "machine_detection": "Enable", "max_speech_time": 20,
    "machine_detection_silence_timeout": 3000, "machine_detection_speech_end_threshold": 900, "machine_detection_speech_threshold": 2000,
    "machine_detection_timeout": 20, "num_digits": 4, "reason": "busy", "record": "record-from-answer", "recording_track": "inbound",
    "recording_status_callback_event": "completed absent", "ring_tone": "de", "send_digits": "1w2", "digits": "1w2", "speech_timeout": "auto",
    "speech_model": "phone_call", "status_callback_event": "ringing answered", "time_limit": 60, "timeout": 9, "trim": "trim-silence",
}  # fmt: skip


def _writer(name: str) -> tuple[object, Element]:
    response = sdk.VoiceResponse()
    if name in VERBS:
        return getattr(response, {"Hangup": "hangup"}.get(name, name.lower())), VERBS[name]
    dial = response.dial()
    return getattr(dial, name.lower()), VERBS["Dial"].children[name]


@pytest.mark.parametrize("name", [*VERBS, "Number", "Sip"])
def test_every_attribute_the_sdk_writes_is_read(name: str) -> None:
    write, element = _writer(name)
    names = [each for each in inspect.signature(write).parameters if each != "kwargs"]  # type: ignore[arg-type]
    body = {"message": "Hello", "number": "+1555", "sip_url": "sip:a@b", "url": "http://h/x"}
    arguments = {each: body.get(each) if each in _body(name) else EXAMPLES.get(each, "some") for each in names}
    response = sdk.VoiceResponse()
    owner = response if name in VERBS else response.dial()
    getattr(owner, name.lower())(**arguments)
    document = parse(str(response).encode())
    assert document.diagnostics == ()
    verb = document.verbs[0]
    made = verb if name in VERBS else verb.nouns[0]  # type: ignore[attr-defined]
    fields = {attribute.field for attribute in element.attributes.values()}
    plain = type(made)()
    unchanged = [each for each in fields if getattr(made, each) == getattr(plain, each) and _written(each, names)]
    assert unchanged in ([], ["debug"])


def _body(name: str) -> set[str]:
    return {
        "Say": {"message"},
        "Play": {"url"},
        "Redirect": {"url"},
        "Dial": {"number"},
        "Number": {"phone_number"},
        "Sip": {"sip_url"},
    }.get(name, set())


def _written(field: str, names: list[str]) -> bool:
    return field in names and EXAMPLES.get(field, "some") not in ("POST",)


def test_every_other_verb_of_the_sdk_is_known() -> None:
    known = {*VERBS, *UNSUPPORTED}
    methods = {name for name, _ in inspect.getmembers(sdk.VoiceResponse, inspect.isfunction) if not name.startswith("_")}
    inherited = {name for name, _ in inspect.getmembers(sdk.TwiML, inspect.isfunction)}
    lower = {name.lower() for name in known}
    assert {name.replace("_", "") for name in methods - inherited} <= lower


def test_every_noun_of_dial_in_the_sdk_is_known() -> None:
    methods = {name for name, _ in inspect.getmembers(sdk.Dial, inspect.isfunction) if not name.startswith("_")}
    inherited = {name for name, _ in inspect.getmembers(sdk.TwiML, inspect.isfunction)}
    known = {name.lower() for name in (*VERBS["Dial"].children, *UNSUPPORTED_NOUNS)}
    assert {name.replace("_", "") for name in methods - inherited} <= known
