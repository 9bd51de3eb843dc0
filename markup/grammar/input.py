"""How Gather is read (spec section 2.4)."""

from __future__ import annotations

from dataclasses import replace

from markup import verbs
from markup.grammar.attributes import LANGUAGE, action
from markup.grammar.elements import Attribute, Element, children
from markup.grammar.speech import NESTED_IN_GATHER, PAUSE, PLAY_IN_GATHER, SAY
from markup.readers import boolean, callback, gather_timeout, hints, matching, method, seconds, some_of, whole

_MODELS = matching(
    r"default|numbers_and_commands|phone_call|experimental_(conversations|utterances)|googlev2_\w+|deepgram_nova-[23](-\w+)?",
    "a speech model such as default, phone_call or googlev2_telephony",
)

_SAY = replace(
    SAY,
    attributes={
        **SAY.attributes,
        "voice": replace(SAY.attributes["voice"], code=13321),
        "loop": replace(SAY.attributes["loop"], code=13322),
    },
)

GATHER = Element(
    verbs.Gather,
    {
        **action(13312),
        "input": Attribute("input", some_of("dtmf", "speech"), 13326),
        "timeout": Attribute("timeout", gather_timeout, 13313),
        "finishOnKey": Attribute("finish_on_key", matching(r"[0-9#*]?", "one of 0-9 # * or nothing"), 13310),
        "numDigits": Attribute("num_digits", seconds, 13314),
        "actionOnEmptyResult": Attribute("action_on_empty_result", boolean, 13338),
        "speechTimeout": Attribute(
            "speech_timeout", matching(r"0*[1-9][0-9]{0,8}|auto", "a whole number of seconds or auto"), 13327
        ),
        "maxSpeechTime": Attribute("max_speech_time", whole(1, 60), 13328),
        "partialResultCallback": Attribute("partial_result_callback", callback),
        "partialResultCallbackMethod": Attribute("partial_result_callback_method", method, 13329),
        "language": Attribute("language", LANGUAGE, 13331),
        "hints": Attribute("hints", hints, 13330),
        "profanityFilter": Attribute("profanity_filter", boolean, 13333),
        "bargeIn": Attribute("barge_in", boolean, 13332),
        "speechModel": Attribute("speech_model", _MODELS, 13334),
        "enhanced": Attribute("enhanced", boolean),
        "debug": Attribute("debug", boolean),
    },
    children=children("children", Say=_SAY, Play=PLAY_IN_GATHER, Pause=PAUSE),
    nesting_code=NESTED_IN_GATHER,
)
