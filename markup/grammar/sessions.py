"""How Connect, Start, Stop and what they begin and end are read (spec sections 2.13 and 2.14)."""

from __future__ import annotations

from dataclasses import replace

from markup import verbs
from markup.grammar.agents import AI_SESSION, AUTOPILOT, CONVERSATION, CONVERSATION_RELAY, RELAY_SESSION, ROOM, VIRTUAL_AGENT
from markup.grammar.attributes import CONFIG, LANGUAGE, PARAMETER, PROVIDER, TRACKS, action, flags, status_callback, text
from markup.grammar.elements import Attribute, Child, Element, Fault, children
from markup.grammar.recording import RECORDING
from markup.readers import callback, choice, matching, method, url

BAD_SCHEME, BAD_TRACK, NO_NOUN = 31922, 31941, 14300
LABEL = matching("[A-Za-z0-9]*", "letters and digits")


def _stream_fault(stream: verbs.Stream) -> Fault | None:
    """Whether ``ws://`` may be used is for the switch to say: it knows its networks."""
    if stream.connector_name or stream.url.startswith(("wss://", "ws://")):
        return None
    return (BAD_SCHEME, f"<Stream> needs a URL that starts with wss://, not {stream.url[:60]!r}")


_STREAM = Element(
    verbs.Stream,
    {
        "url": Attribute("url", url),
        "track": Attribute("track", TRACKS, BAD_TRACK),
        **status_callback(),
        **text("name", "connectorName", "audioFormat", "sampleRate"),
    },
    children={"Parameter": Child(PARAMETER, "parameters")},
    fault=_stream_fault,
)
_STREAM_IN_CONNECT = replace(
    _STREAM, attributes={**_STREAM.attributes, "track": Attribute("track", choice("inbound_track"), BAD_TRACK)}
)
_STREAM_IN_STOP = replace(_STREAM, fault=lambda stream: None)
_SIPREC = Element(
    verbs.Siprec,
    {"track": Attribute("track", TRACKS), **status_callback(), **text("name", "connectorName")},
    children={"Parameter": Child(PARAMETER, "parameters")},
)
_TRANSCRIPTION = Element(
    verbs.Transcription,
    {
        "track": Attribute("track", TRACKS),
        "statusCallbackUrl": Attribute("status_callback_url", callback),
        "statusCallbackMethod": Attribute("status_callback_method", method),
        "inboundTrackLabel": Attribute("inbound_track_label", LABEL),
        "outboundTrackLabel": Attribute("outbound_track_label", LABEL),
        "languageCode": Attribute("language_code", LANGUAGE),
        "transcriptionEngine": Attribute("transcription_engine", PROVIDER),
        **flags("partialResults", "profanityFilter", "enableAutomaticPunctuation", "enableProviderData"),
        **text("name", "speechModel", "hints", "intelligenceService", "conversationConfiguration", "conversationId"),
    },
    children={"Config": Child(CONFIG, "configs"), "Parameter": Child(PARAMETER, "parameters")},
)

CONNECT = Element(
    verbs.Connect,
    action(),
    children={
        name: Child(element, "noun", single=True)
        for name, element in {
            "Stream": _STREAM_IN_CONNECT,
            "ConversationRelay": CONVERSATION_RELAY,
            "Room": ROOM,
            "VirtualAgent": VIRTUAL_AGENT,
            "Conversation": CONVERSATION,
            "AiSession": AI_SESSION,
            "ConversationRelaySession": RELAY_SESSION,
            "Autopilot": AUTOPILOT,
        }.items()
    },
)
START = Element(
    verbs.Start,
    action(),
    children=children("nouns", Stream=_STREAM, Siprec=_SIPREC, Transcription=_TRANSCRIPTION, Recording=RECORDING),
    nesting_code=NO_NOUN,
)
STOP = Element(
    verbs.Stop,
    children=children("nouns", Stream=_STREAM_IN_STOP, Siprec=_SIPREC, Transcription=_TRANSCRIPTION, Recording=RECORDING),
)
