"""Every element that the official SDK can write is known, and every attribute of the verbs that are built finds its field."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from twilio.twiml import TwiML
from twilio.twiml import voice_response as sdk

from markup.grammar import VERBS, Element
from markup.parser import parse
from markup.vocabulary import HOMES, UNSUPPORTED_VERBS

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
    body = {"message": "Hello", "number": "+1555", "phone_number": "+1555", "sip_url": "sip:a@b", "url": "http://h/x"}
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
    assert [each for each in fields if getattr(made, each) == getattr(plain, each) and each in names] == []
    assert {type(getattr(made, each)) for each in fields} <= {str, int, bool, tuple}


def _body(name: str) -> set[str]:
    return {
        "Say": {"message"},
        "Play": {"url"},
        "Redirect": {"url"},
        "Dial": {"number"},
        "Number": {"phone_number"},
        "Sip": {"sip_url"},
    }.get(name, set())


def _elements() -> dict[str, type[TwiML]]:
    """Every element that the SDK can write, by its class; the class knows its name once it is made."""
    found = {}
    for made in vars(sdk).values():
        if inspect.isclass(made) and issubclass(made, TwiML) and made not in (TwiML, sdk.VoiceResponse):
            wanted = [each for each in inspect.signature(made).parameters.values() if each.default is each.empty]
            element: Any = made(*("x" for each in wanted if each.kind is not each.VAR_KEYWORD))
            found[element.name] = made
    return found


def test_every_element_of_the_sdk_is_known() -> None:
    assert set(_elements()) - {*VERBS, *HOMES} == set()


@pytest.mark.parametrize("name", sorted(UNSUPPORTED_VERBS))
def test_a_verb_that_is_not_built_is_not_called_unknown(name: str) -> None:
    assert [each.code for each in parse(f"<Response><{name}/></Response>".encode()).diagnostics] == [13750]


def test_every_verb_of_the_sdk_may_stand_in_a_response() -> None:
    """1.8: the SDK also lets `Prompt` and `Queue` be built here; treat as 12200."""
    inherited = {name for name, _ in inspect.getmembers(TwiML, inspect.isfunction)}
    methods = {name for name, _ in inspect.getmembers(sdk.VoiceResponse, inspect.isfunction) if not name.startswith("_")}
    known = {name.lower() for name in (*VERBS, *UNSUPPORTED_VERBS)}
    assert methods - inherited - known == {"prompt", "queue"}


def test_every_noun_of_dial_in_the_sdk_is_known() -> None:
    inherited = {name for name, _ in inspect.getmembers(TwiML, inspect.isfunction)}
    methods = {name for name, _ in inspect.getmembers(sdk.Dial, inspect.isfunction) if not name.startswith("_")}
    known = {name.lower() for name in (*VERBS["Dial"].children, *VERBS["Dial"].unsupported)}
    assert {name.replace("_", "") for name in methods - inherited} <= known
