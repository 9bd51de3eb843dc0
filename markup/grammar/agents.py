"""How ConversationRelay, and the sessions that only Twilio has, are read (spec section 2.13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markup import verbs
from markup.grammar.attributes import CONFIG, PARAMETER, PROVIDER, TRIM, flags, recording_status_callback, status_callback, text
from markup.grammar.elements import Attribute, Child, Element, Fault
from markup.readers import choice, decimal, interruption, method, milliseconds_or_auto, record, some_of, url, whole

BAD_RELAY_URL = 64101
_NORMALISATION = choice("auto", "on", "off")


def _relay_fault(relay: verbs.ConversationRelay) -> Fault | None:
    if relay.url.startswith(("wss://", "ws://")):
        return None
    return (BAD_RELAY_URL, f"<ConversationRelay> needs a URL that starts with wss://, not {relay.url[:60]!r}")


def _language_fault(language: verbs.Language) -> Fault | None:
    return None if language.code else (64101, "<Language> needs a code")


_LANGUAGE = Element(
    verbs.Language,
    {
        **text("code", "voice", "speechModel", "hints"),
        "ttsProvider": Attribute("tts_provider", PROVIDER),
        "transcriptionProvider": Attribute("transcription_provider", PROVIDER),
        **flags("asrSmartFormat", "ttsLanguageTextNormalization"),
        "ttsTextNormalization": Attribute("tts_text_normalization", _NORMALISATION),
    },
    fault=_language_fault,
)
CONVERSATION_RELAY = Element(
    verbs.ConversationRelay,
    {
        "url": Attribute("url", url),
        **text("welcomeGreeting", "language", "ttsLanguage", "transcriptionLanguage", "voice", "speechModel", "hints"),
        "ttsProvider": Attribute("tts_provider", PROVIDER),
        "transcriptionProvider": Attribute("transcription_provider", PROVIDER),
        "welcomeGreetingInterruptible": Attribute("welcome_greeting_interruptible", interruption),
        "interruptible": Attribute("interruptible", interruption),
        "reportInputDuringAgentSpeech": Attribute("report_input_during_agent_speech", interruption),
        "interruptSensitivity": Attribute("interrupt_sensitivity", choice("low", "medium", "high")),
        "speechTimeout": Attribute("speech_timeout", milliseconds_or_auto(600, 5000)),
        **flags("dtmfDetection", "preemptible", "partialPrompts", "partialPromptOnHangup", "profanityFilter", "asrSmartFormat"),
        **flags("ignoreBackchannel", "backgroundNoiseReduction", "deepgramSmartFormat", "ttsLanguageTextNormalization"),
        **flags("elevenlabsLanguageTextNormalization", "applicationReconnect", "echoPromptFiltering", "turnDetection"),
        "elevenlabsTextNormalization": Attribute("elevenlabs_text_normalization", _NORMALISATION),
        "ttsTextNormalization": Attribute("tts_text_normalization", _NORMALISATION),
        "debug": Attribute("debug", some_of("debugging", "speaker-events", "tokens-played")),
        "events": Attribute("events", some_of("speaker-events", "tokens-played")),
        "includeInPrompt": Attribute("include_in_prompt", some_of("turn-state", "prompt-segments")),
        "eotThreshold": Attribute("eot_threshold", decimal(0.5, 0.9)),
        "eagerEotThreshold": Attribute("eager_eot_threshold", decimal(0.3, 0.9)),
        **text("customerName", "intelligenceService", "conversationConfiguration", "conversationId"),
    },
    children={"Language": Child(_LANGUAGE, "languages"), "Parameter": Child(PARAMETER, "parameters")},
    fault=_relay_fault,
)


def relay_of(attributes: Mapping[str, str]) -> tuple[verbs.ConversationRelay, tuple[str, ...]]:
    """A ConversationRelay from its attributes as TwiML writes them, and what is wrong with those that were left out."""
    fields: dict[str, Any] = {}
    faults = []
    for name, said in attributes.items():
        known = CONVERSATION_RELAY.attributes.get(name)
        value = known.reader.read(said) if known is not None else None
        if known is None:
            faults.append(f"<ConversationRelay> has no attribute {name[:60]!r}")
        elif value is None:
            faults.append(f"{name} is {said[:60]!r}, not {known.reader.expected}")
        else:
            fields[known.field] = value
    return verbs.ConversationRelay(**fields), tuple(faults)


ROOM = Element(verbs.Room, text("participantIdentity"), text="name")
VIRTUAL_AGENT = Element(
    verbs.VirtualAgent,
    {**text("connectorName", "language"), **flags("sentimentAnalysis"), **status_callback()},
    children={"Config": Child(CONFIG, "configs"), "Parameter": Child(PARAMETER, "parameters")},
)
CONVERSATION = Element(
    verbs.Conversation,
    {
        **text("serviceInstanceSid"),
        **flags("inboundAutocreation"),
        "routingAssignmentTimeout": Attribute("routing_assignment_timeout", whole(0)),
        "inboundTimeout": Attribute("inbound_timeout", whole(0)),
        "url": Attribute("url", url),
        "method": Attribute("method", method),
        "record": Attribute("record", record),
        "trim": Attribute("trim", TRIM),
        **{name: attribute for name, attribute in recording_status_callback().items() if name != "recordingConfigurationId"},
        **status_callback("call-initiated", "call-ringing", "call-answered", "call-completed"),
    },
)
AI_SESSION = Element(verbs.AiSession, text("aiConnector", "aiSessionConfiguration"))
RELAY_SESSION = Element(verbs.ConversationRelaySession, text("connector", "sessionConfiguration"))
AUTOPILOT = Element(verbs.Autopilot, text="name")
