"""Which elements there are, their attributes and children: the table that the parser follows (spec sections 1.8 and 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from markup import verbs
from markup.readers import (
    Reader,
    anything,
    boolean,
    choice,
    gather_timeout,
    keys,
    matching,
    method,
    record,
    seconds,
    some_of,
    url,
    whole,
)
from markup.vocabulary import UNSUPPORTED_IN_DIAL, UNSUPPORTED_IN_SIP

SCHEMA_WARNING = 12200
NO_TEXT, BAD_NUMBER, BAD_ADDRESS, HEADERS_TOO_LONG = 13520, 13223, 13243, 13253
NESTED_IN_GATHER, NESTED_IN_DIAL = 13320, 13215
LONGEST_NUMBER, LONGEST_ADDRESS, LONGEST_HEADERS = 64, 255, 1024

Fault = tuple[int, str] | None
"""Code and words for an element that makes no sense as a whole."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """Where an attribute goes."""

    field: str
    reader: Reader
    code: int = SCHEMA_WARNING
    """Of the warning for a wrong value."""


@dataclass(frozen=True, slots=True)
class Element:
    """How one element is read."""

    make: type[verbs.Verb] | type[verbs.Noun]
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    text: str = ""
    """The field that takes the element's text; empty: it has none."""
    spoken: bool = False
    """The text is speech: SSML inside it is taken for the words it holds."""
    children: Mapping[str, Element] = field(default_factory=dict)
    children_field: str = ""
    bare_text: Element | None = None
    """What the text stands for when there are no children: ``<Dial>+15550100</Dial>``."""
    unsupported: frozenset[str] = frozenset()
    """Children of TwiML's that are known but not built: error 13750."""
    ignored: frozenset[str] = frozenset()
    """Children that the SDK writes, to no known effect."""
    nesting_code: int = SCHEMA_WARNING
    """Of the warning for a child that does not belong."""
    fault: Callable[[Any], Fault] = lambda made: None
    """What keeps the whole from being run; it is then left out."""


def _say_fault(say: verbs.Say) -> Fault:
    return None if say.text else (NO_TEXT, "<Say> has no text to speak")


def _play_fault(play: verbs.Play) -> Fault:
    return None if play.url or play.digits else (SCHEMA_WARNING, "<Play> has neither a URL nor digits")


def _nested_play_fault(play: verbs.Play) -> Fault:
    return (NESTED_IN_GATHER, "<Play digits> may not stand in <Gather>") if play.digits else _play_fault(play)


def _number_fault(noun: verbs.Number) -> Fault:
    if 0 < len(noun.number) <= LONGEST_NUMBER:
        return None
    return (BAD_NUMBER, f"<Number> needs a telephone number of at most {LONGEST_NUMBER} characters")


def _sip_fault(noun: verbs.Sip) -> Fault:
    address, _, headers = noun.uri.partition("?")
    if not 0 < len(address) <= LONGEST_ADDRESS:
        return (BAD_ADDRESS, f"<Sip> needs a SIP URI of at most {LONGEST_ADDRESS} characters")
    if len(headers) > LONGEST_HEADERS:
        return (HEADERS_TOO_LONG, f"the headers of <Sip> are longer than {LONGEST_HEADERS} characters")
    return None


_LOOP = whole(0, 1000)
_PROGRESS = some_of("initiated", "ringing", "answered", "completed")
_COUNTRIES = (
    "at au bg br be ch cl cn cz de dk ee es fi fr gr hu il in it lt jp mx my nl no nz ph pl pt ru se sg th uk us us-old tw ve za"
)
_MODELS = matching(
    r"default|numbers_and_commands|phone_call|experimental_(conversations|utterances)|googlev2_\w+|deepgram_nova-[23](-\w+)?",
    "a speech model such as default, phone_call or googlev2_telephony",
)

_SAY = Element(
    verbs.Say,
    {
        "voice": Attribute("voice", anything, 13511),
        "language": Attribute("language", matching(r"[A-Za-z]{2,4}(-[A-Za-z0-9]{2,8})*", "a language such as en-US"), 13512),
        "loop": Attribute("loop", _LOOP, 13510),
    },
    text="text",
    spoken=True,
    fault=_say_fault,
)
_PLAY = Element(
    verbs.Play,
    {"loop": Attribute("loop", _LOOP, 13410), "digits": Attribute("digits", keys, 13430)},
    text="url",
    fault=_play_fault,
)
_PAUSE = Element(verbs.Pause, {"length": Attribute("length", seconds, 13910)})

_DETECTION = {
    "machineDetection": Attribute("machine_detection", choice("Enable", "DetectMessageEnd")),
    "machineDetectionTimeout": Attribute("machine_detection_timeout", whole(3, 60)),
    "machineDetectionSpeechThreshold": Attribute("machine_detection_speech_threshold", whole(1000, 6000)),
    "machineDetectionSpeechEndThreshold": Attribute("machine_detection_speech_end_threshold", whole(500, 5000)),
    "machineDetectionSilenceTimeout": Attribute("machine_detection_silence_timeout", whole(2000, 10000)),
    "amdStatusCallback": Attribute("amd_status_callback", url),
    "amdStatusCallbackMethod": Attribute("amd_status_callback_method", method),
}


def _noun(method_code: int, digits_code: int) -> dict[str, Attribute]:
    return {
        "url": Attribute("url", url),
        "method": Attribute("method", method, method_code),
        "sendDigits": Attribute("send_digits", keys, digits_code),
        "statusCallback": Attribute("status_callback", url),
        "statusCallbackMethod": Attribute("status_callback_method", method),
        "statusCallbackEvent": Attribute("status_callback_event", _PROGRESS),
        **_DETECTION,
    }


_NUMBER = Element(
    verbs.Number,
    {**_noun(13221, 13222), "byoc": Attribute("byoc", anything), "phoneNumberSid": Attribute("phone_number_sid", anything)},
    text="number",
    fault=_number_fault,
)
_SIP = Element(
    verbs.Sip,
    {
        **_noun(13241, 13242),
        "username": Attribute("username", anything, 13249),
        "password": Attribute("password", anything, 13249),
    },
    text="uri",
    unsupported=UNSUPPORTED_IN_SIP,
    fault=_sip_fault,
)

_GATHER = Element(
    verbs.Gather,
    {
        "action": Attribute("action", url),
        "method": Attribute("method", method, 13312),
        "input": Attribute("input", some_of("dtmf", "speech"), 13326),
        "timeout": Attribute("timeout", gather_timeout, 13313),
        "finishOnKey": Attribute("finish_on_key", matching(r"[0-9#*]?", "one of 0-9 # * or nothing"), 13310),
        "numDigits": Attribute("num_digits", seconds, 13314),
        "actionOnEmptyResult": Attribute("action_on_empty_result", boolean, 13338),
        "speechTimeout": Attribute("speech_timeout", matching(r"[0-9]+|auto", "a whole number of seconds or auto"), 13327),
        "maxSpeechTime": Attribute("max_speech_time", whole(1, 60), 13328),
        "partialResultCallback": Attribute("partial_result_callback", url),
        "partialResultCallbackMethod": Attribute("partial_result_callback_method", method, 13329),
        "language": Attribute("language", anything, 13331),
        "hints": Attribute("hints", anything, 13330),
        "profanityFilter": Attribute("profanity_filter", boolean, 13333),
        "bargeIn": Attribute("barge_in", boolean, 13332),
        "speechModel": Attribute("speech_model", _MODELS, 13334),
        "enhanced": Attribute("enhanced", boolean),
        "debug": Attribute("debug", boolean),
    },
    children={"Say": _SAY, "Play": replace(_PLAY, fault=_nested_play_fault), "Pause": _PAUSE},
    children_field="children",
    nesting_code=NESTED_IN_GATHER,
)

_DIAL = Element(
    verbs.Dial,
    {
        "action": Attribute("action", url),
        "method": Attribute("method", method, 13210),
        "timeout": Attribute("timeout", whole(1, 600, nearest=5), 13212),
        "timeLimit": Attribute("time_limit", whole(1, 86400), 13216),
        "callerId": Attribute("caller_id", anything, 13214),
        "hangupOnStar": Attribute("hangup_on_star", boolean, 13213),
        "answerOnBridge": Attribute("answer_on_bridge", boolean, 13219),
        "ringTone": Attribute("ring_tone", choice(*_COUNTRIES.split()), 13220),
        "sequential": Attribute("sequential", boolean, 13218),
        "record": Attribute("record", record, 13217),
        "trim": Attribute("trim", choice("trim-silence", "do-not-trim")),
        "recordingTrack": Attribute("recording_track", choice("inbound", "outbound", "both")),
        "recordingStatusCallback": Attribute("recording_status_callback", url, 13256),
        "recordingStatusCallbackMethod": Attribute("recording_status_callback_method", method),
        "recordingStatusCallbackEvent": Attribute(
            "recording_status_callback_event", some_of("in-progress", "completed", "absent")
        ),
        "recordingConfigurationId": Attribute("recording_configuration_id", anything),
        "referUrl": Attribute("refer_url", url),
        "referMethod": Attribute("refer_method", method),
        "callReason": Attribute("call_reason", anything),
        "events": Attribute("events", anything),
        "passports": Attribute("passports", anything),
    },
    children={"Number": _NUMBER, "Sip": _SIP},
    children_field="nouns",
    bare_text=_NUMBER,
    unsupported=UNSUPPORTED_IN_DIAL,
    nesting_code=NESTED_IN_DIAL,
)

VERBS: dict[str, Element] = {
    "Say": _SAY,
    "Play": _PLAY,
    "Pause": _PAUSE,
    "Gather": _GATHER,
    "Dial": _DIAL,
    "Redirect": Element(verbs.Redirect, {"method": Attribute("method", method, 13710)}, text="url"),
    "Reject": Element(
        verbs.Reject, {"reason": Attribute("reason", choice("rejected", "busy"), 13810)}, ignored=frozenset({"Parameter"})
    ),
    "Hangup": Element(verbs.Hangup, ignored=frozenset({"Parameter"})),
}
"""The verbs that are built; those of ``markup.vocabulary`` are only known."""
