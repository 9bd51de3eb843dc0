"""ConversationRelay, and the sessions with agents that the switch knows by name (spec sections 2.13 and 5.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from markup import agents, commands, events
from markup.commands import StatusCallback
from markup.events import OperationId
from markup.execution.recording import DialRecording
from markup.script import Interruption, News, Run, Script
from markup.verbs import Connect, Conversation, ConversationRelay, Dial, Language, Noun, Verb, VirtualAgent

RELAY: News = (events.RelayEnded,)
SESSION_EVENTS = ("session-started", "session-ended", "session-failed")
CALL_EVENTS = ("call-initiated", "call-answered", "call-completed")
"""What the status callbacks of VirtualAgent and of Conversation tell."""

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
    Conversation: {
        "inbound_autocreation": "inboundAutocreation",
        "routing_assignment_timeout": "routingAssignmentTimeout",
        "inbound_timeout": "inboundTimeout",
        "url": "url",
    },
    Language: {
        "asr_smart_format": "asrSmartFormat",
        "tts_language_text_normalization": "ttsLanguageTextNormalization",
    },
}
"""Attributes that are read and can have no effect, by the names of their fields: switches of engines and services of others."""


def connect_relay(script: Script, verb: Connect, noun: ConversationRelay) -> Run:
    """Let caller and application talk until either leaves, and tell the action how that went, also when it could not begin."""
    return (yield from _converse(script, verb, lambda number: agents.StartRelay(number, noun)))


def connect_agent(script: Script, verb: Connect, noun: agents.AgentNoun) -> Run:
    """The same with an agent that the switch knows by the noun's name for it."""
    callback = StatusCallback()
    recording: DialRecording | None = None
    match noun:
        case VirtualAgent():
            callback = StatusCallback(script.callback(noun.status_callback), noun.status_callback_method, SESSION_EVENTS)
        case Conversation():
            url = script.callback(noun.status_callback)
            callback = StatusCallback(url, noun.status_callback_method, noun.status_callback_event or CALL_EVENTS)
            recording = DialRecording(script, _recorded(noun))
            recording.ringing()
            recording.connected()
    return (yield from _converse(script, verb, lambda number: agents.StartAgent(number, noun, callback), recording))


def _converse(
    script: Script, verb: Connect, start: Callable[[OperationId], commands.Command], recording: DialRecording | None = None
) -> Run:
    action = script.resolve(verb.action) if verb.action else ""
    relay = script.start(start, agents.StopRelay, RELAY)
    if action:
        script.farewell = lambda cause: _say_farewell(verb, action, relay, cause)
    while True:
        match (yield):
            case events.RelayEnded(id=id, parameters=parameters) if id == relay:
                break
    script.farewell = None
    script.outcome = dict(parameters).get("SessionStatus", "")
    if recording is not None:
        parameters = (*parameters, *(yield from recording.finish()))
    return script.jump(action, verb.method, parameters) if action else None


def _recorded(noun: Conversation) -> Dial:
    """A Dial that is recorded in the same way."""
    return Dial(
        record=noun.record,
        trim=noun.trim,
        recording_status_callback=noun.recording_status_callback,
        recording_status_callback_method=noun.recording_status_callback_method,
        recording_status_callback_event=noun.recording_status_callback_event,
    )


def _say_farewell(verb: Connect, action: str, relay: OperationId, cause: Interruption) -> commands.Notify | None:
    """The action hears of a caller who hung up (section 1.6, rule 5), and nothing of a live change (section 4.6)."""
    return commands.Notify(action, verb.method, about=relay) if cause == "hung-up" else None
