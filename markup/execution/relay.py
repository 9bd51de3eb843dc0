"""ConversationRelay (spec sections 2.13 and 5.2)."""

from __future__ import annotations

from collections.abc import Mapping

from markup import agents, commands, events
from markup.events import OperationId
from markup.script import Interruption, News, Run, Script
from markup.verbs import Connect, ConversationRelay, Language, Noun, Verb

RELAY: News = (events.RelayEnded,)

MEANINGLESS: Mapping[type[Verb | Noun], Mapping[str, str]] = {
    ConversationRelay: {
        "background_noise_reduction": "backgroundNoiseReduction",
        "deepgram_smart_format": "deepgramSmartFormat",
        "asr_smart_format": "asrSmartFormat",
        "tts_language_text_normalization": "ttsLanguageTextNormalization",
        "elevenlabs_language_text_normalization": "elevenlabsLanguageTextNormalization",
        "include_in_prompt": "includeInPrompt",
        "eager_eot_threshold": "eagerEotThreshold",
        "customer_name": "customerName",
        "intelligence_service": "intelligenceService",
        "conversation_configuration": "conversationConfiguration",
        "conversation_id": "conversationId",
    },
    Language: {
        "asr_smart_format": "asrSmartFormat",
        "tts_language_text_normalization": "ttsLanguageTextNormalization",
    },
}
"""Attributes that are read and can have no effect, by the names of their fields: switches of engines and services of others."""


def connect_relay(script: Script, verb: Connect, noun: ConversationRelay) -> Run:
    """Let caller and application talk until either leaves, and tell the action how that went, also when it could not begin."""
    action = script.resolve(verb.action) if verb.action else ""
    relay = script.start(lambda number: agents.StartRelay(number, noun), agents.StopRelay, RELAY)
    if action:
        script.farewell = lambda cause: _say_farewell(verb, action, relay, cause)
    while True:
        match (yield):
            case events.RelayEnded(id=id, parameters=parameters) if id == relay:
                break
    script.farewell = None
    script.outcome = dict(parameters).get("SessionStatus", "")
    return script.jump(action, verb.method, parameters) if action else None


def _say_farewell(verb: Connect, action: str, relay: OperationId, cause: Interruption) -> commands.Notify | None:
    """The action hears of a caller who hung up (section 1.6, rule 5), and nothing of a live change (section 4.6)."""
    return commands.Notify(action, verb.method, about=relay) if cause == "hung-up" else None
