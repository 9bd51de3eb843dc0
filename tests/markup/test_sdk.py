"""Whatever the official SDK can write is understood: every element with every attribute, wherever the SDK lets it stand."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from twilio.twiml import TwiML
from twilio.twiml import voice_response as sdk

from markup.document import Document
from markup.grammar import HOMES, VERBS, Element
from markup.parser import parse
from markup.verbs import Noun, Verb
from markup.vocabulary import PHRASING

EXAMPLES: dict[str, object] = {
    "Application.application_sid": "AP" + "0" * 32, "ApplicationSid.sid": "AP" + "0" * 32, "Conference.beep": "onExit",
    "Conference.coach": "CA" + "0" * 32, "Conference.max_participants": 20, "Conference.record": "record-from-start",
    "Conference.start_conference_on_enter": False, "Conference.status_callback_event": "start speaker", "Conference.trim": "do-not-trim",
    "Conversation.status_callback_event": "call-ringing", "ConversationRelay.debug": "debugging", "ConversationRelay.language": "de-DE",
    "ConversationRelay.speechTimeout": "900", "ConversationRelay.url": "wss://h/x", "Header.name": "X-Some", "Language.code": "de-DE",
    "Enqueue.wait_url_method": "GET", "Pay.input": "dtmf", "Prompt.attempt": "1 2", "Record.trim": "do-not-trim", "Recording.channels": "mono",
    "Recording.trim": "do-not-trim", "Siprec.track": "inbound_track", "Stream.track": "inbound_track", "Stream.url": "wss://h/x",
    "Task.timeout": 7, "Transcription.track": "inbound_track", "Transcription.speech_model": "nova", "Record.finish_on_key": "#",
    "Say.language": "de-DE", "break.strength": "strong", "break.time": "500ms", "emphasis.level": "strong", "lang.xml_lang": "de-DE",
    "phoneme.alphabet": "ipa", "phoneme.ph": "x", "prosody.volume": "loud", "prosody.rate": "slow", "prosody.pitch": "high",
    "say-as.interpret_as": "date", "say-as.format": "mdy", "sub.alias": "x", "w.role": "amazon:VB", "WhatsApp.phone_number": "+1555",
    "action_on_empty_result": True, "answer_on_bridge": True, "application_reconnect": True, "asr_smart_format": True,
    "amd_status_callback_method": "GET", "backgroundNoiseReduction": True, "bank_account_type": "consumer-savings", "barge_in": False,
    "card_type": "visa", "charge_amount": "20.45", "copy_parent_to": True, "currency": "eur", "debug": True, "deepgramSmartFormat": False,
    "digits": "1w2", "dtmf_detection": True, "eager_eot_threshold": "0.5", "echo_prompt_filtering": True, "enhanced": True,
    "elevenlabs_language_text_normalization": True, "elevenlabs_text_normalization": "auto", "enable_automatic_punctuation": False,
    "end_conference_on_exit": True, "error_type": "timeout invalid-date", "events": "speaker-events", "finish_on_key": "*",
    "for_": "postal-code", "hangup_on_star": True, "ignoreBackchannel": True, "inbound_autocreation": True, "inbound_timeout": 9,
    "include_in_prompt": "turn-state", "input": "dtmf speech", "interrupt_sensitivity": "low", "interruptible": "dtmf",
    "jitter_buffer_size": "small", "language": "de-DE", "language_code": "de-DE", "length": 3, "loop": 2, "machine_detection": "Enable",
    "machine_detection_silence_timeout": 3000, "machine_detection_speech_end_threshold": 900, "machine_detection_speech_threshold": 2000,
    "machine_detection_timeout": 20, "max_attempts": 2, "max_length": 90, "max_queue_size": 5, "max_speech_time": 20, "method": "GET",
    "min_postal_code_length": 4, "muted": True, "num_digits": 4, "partial_prompt_on_hangup": True, "partial_prompts": True,
    "partial_result_callback_method": "GET", "partial_results": True, "payment_method": "ach-debit", "play_beep": False,
    "preemptible": True, "priority": 3, "profanity_filter": False, "reason": "busy", "record": "record-from-answer",
    "recording_status_callback_event": "completed absent", "recording_status_callback_method": "GET", "recording_track": "inbound",
    "refer_method": "GET", "region": "de1", "report_input_during_agent_speech": "dtmf", "require_matching_inputs": True, "ring_tone": "de",
    "routing_assignment_timeout": 9, "security_code": False, "send_digits": "1w2", "sentiment_analysis": True, "sequential": True,
    "sip_url": "sip:a@b", "speech_model": "phone_call", "speech_timeout": "auto", "start_conference_on_enter": False,
    "status_callback_event": "ringing answered", "status_callback_method": "GET", "time_limit": 60, "timeout": 9, "token_type": "one-time",
    "track": "inbound", "transcribe": True, "transcription_engine": "deepgram", "transcription_provider": "Google", "trim": "trim-silence",
    "tts_language_text_normalization": True, "tts_provider": "Google", "tts_text_normalization": "on", "turn_detection": True,
    "valid_card_types": "visa jcb", "wait_method": "GET", "weight": 5, "welcome_greeting_interruptible": "dtmf",
}  # fmt: skip
"""Values that differ from the default, by element and argument or by argument alone; any other argument is text."""

ONE_VALUE = {("Pay", "input"), ("Pay", "method"), ("Stream", "track")}
"""Attributes that can only hold their default, at least in one place."""

NOT_WRITTEN = {("VoiceResponse", "prompt"), ("VoiceResponse", "queue")}
"""1.8: the SDK also lets `Prompt` and `Queue` be built here; treat as 12200."""

NO_DIALOGUE_YET = {
    "Client",
    "ConversationRelay",
    "Identity",
    "Language",
}
"""Elements that no dialogue names because they are not built yet: what builds one takes it off."""


def _methods(made: type[TwiML]) -> dict[str, type[TwiML]]:
    """The methods that write a child, with the class they write."""
    found = {}
    for name, method in inspect.getmembers(made, inspect.isfunction):
        writes = re.search(r"return self\.nest\(\s*(\w+)\(", inspect.getsource(method))
        if writes and name not in vars(TwiML) and (made.__name__, name) not in NOT_WRITTEN:
            found[name] = getattr(sdk, writes.group(1))
    return found


METHODS = {made: _methods(made) for _, made in inspect.getmembers(sdk, inspect.isclass) if issubclass(made, TwiML)}


def _name(made: type[TwiML]) -> str:
    wanted = [each for each in inspect.signature(made).parameters.values() if each.default is each.empty]
    element: Any = made(*("x" for each in wanted if each.kind is not each.VAR_KEYWORD))
    name: str = element.name
    return name


def _paths() -> Iterator[tuple[str, ...]]:
    """A way from a response to every element, wherever the SDK lets it stand; below each class is looked once."""
    waiting: list[tuple[type[TwiML], tuple[str, ...]]] = [(sdk.VoiceResponse, ())]
    seen: set[type[TwiML]] = set()
    for made, trail in waiting:
        for method, inner in METHODS[made].items():
            yield (*trail, method)
            if inner not in seen:
                seen.add(inner)
                waiting.append((inner, (*trail, method)))


def _write(owner: TwiML, method: str, following: str) -> TwiML:
    """Write an element with all its arguments; without text where a child stands for it."""
    write = getattr(owner, method)
    made = METHODS[type(owner)][method]
    bodies = set(inspect.signature(made).parameters)
    arguments = {}
    for argument in inspect.signature(write).parameters:
        example = EXAMPLES.get(f"{_name(made)}.{argument}", EXAMPLES.get(argument, "some"))
        replaced = argument in bodies and (following in ("identity", "application_sid") or (method == "dial" and following))
        arguments[argument] = None if replaced else example
    del arguments["kwargs"]
    if isinstance(owner, sdk.Gather):
        arguments.pop("digits", None)  # 2.2: `digits` inside Gather is not allowed
    written: TwiML = write(**arguments)
    if method == "refer" and not following:
        written.sip("sip:a@b")
    return written


def _written(path: tuple[str, ...]) -> tuple[TwiML, str]:
    response = owner = sdk.VoiceResponse()
    for method, following in zip(path, (*path[1:], ""), strict=True):
        owner = _write(owner, method, following)
    return owner, str(response)


def _made(part: object, kind: type) -> Iterator[object]:
    """What the parser made of a class, anywhere in a document."""
    if isinstance(part, kind):
        yield part
    if isinstance(part, tuple):
        for each in part:
            yield from _made(each, kind)
    elif isinstance(part, Verb | Noun | Document):
        for field in dataclasses.fields(part):
            yield from _made(getattr(part, field.name), kind)


def _element(path: tuple[str, ...]) -> Element | None:
    """The grammar's row for what a path writes; None for SSML and for what is ignored."""
    made: type[TwiML] = sdk.VoiceResponse
    found: Element | None = None
    for method in path:
        made = METHODS[made][method]
        if _name(made) in PHRASING or (found is not None and _name(made) in found.ignored):
            return None
        found = VERBS[_name(made)] if found is None else found.children[_name(made)].element
    return found


@pytest.mark.parametrize("path", list(_paths()), ids="-".join)
def test_what_the_sdk_writes_is_read(path: tuple[str, ...]) -> None:
    owner, twiml = _written(path)
    document = parse(twiml.encode())
    assert document.diagnostics == ()
    element = _element(path)
    if element is None:
        return
    for made in _made(document, element.make):
        plain = element.make()
        for name in owner.attrs:
            field = element.attributes[name].field
            assert getattr(made, field) != getattr(plain, field) or (owner.name, name) in ONE_VALUE, name


def test_every_class_of_the_sdk_is_reached() -> None:
    reached = set()
    for path in _paths():
        made: type[TwiML] = sdk.VoiceResponse
        for method in path:
            made = METHODS[made][method]
        reached.add(made)
    classes = {each for _, each in inspect.getmembers(sdk, inspect.isclass) if issubclass(each, TwiML)}
    assert classes - reached == {TwiML, sdk.VoiceResponse}


def test_every_class_has_a_dialogue() -> None:
    """Each element stands in the TwiML of at least one dialogue with the interpreter, except those that are still to be built."""
    named: set[str] = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        text = path.read_text()
        if "Dialogue(" in text and path.name not in ("test_bad_documents.py", "test_not_built.py"):
            named |= set(re.findall(r"<([A-Za-z][\w-]*)", text))
    assert {*HOMES} - named == NO_DIALOGUE_YET
