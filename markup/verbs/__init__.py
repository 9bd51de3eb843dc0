"""The verbs and nouns of TwiML: one frozen class each, the defaults are TwiML's (spec section 2).

A verb gets its row in ``markup.grammar``, and its generator in ``markup.execution`` once it can be run; nothing else changes.
"""

from __future__ import annotations

from markup.verbs.agents import (
    AiSession,
    Autopilot,
    Conversation,
    ConversationRelay,
    ConversationRelaySession,
    Language,
    Room,
    VirtualAgent,
)
from markup.verbs.callees import (
    Application,
    ApplicationSid,
    Callee,
    Client,
    Header,
    Headers,
    Identity,
    Number,
    Sim,
    Sip,
    Telephone,
    Uri,
    WhatsApp,
)
from markup.verbs.control import Echo, Hangup, Redirect, Refer, ReferSip, Reject, Sms
from markup.verbs.dialling import Dial
from markup.verbs.input import Gather
from markup.verbs.payment import Pay, Prompt
from markup.verbs.recording import Record, Recording
from markup.verbs.rooms import Conference, Enqueue, Leave, Queue, Task
from markup.verbs.roots import Config, Noun, Parameter, Verb
from markup.verbs.sessions import Connect, Siprec, Start, Stop, Stream, Transcription
from markup.verbs.speech import Pause, Play, Say

__all__ = [
    "AiSession",
    "Application",
    "ApplicationSid",
    "Autopilot",
    "Callee",
    "Client",
    "Conference",
    "Config",
    "Connect",
    "Conversation",
    "ConversationRelay",
    "ConversationRelaySession",
    "Dial",
    "Echo",
    "Enqueue",
    "Gather",
    "Hangup",
    "Header",
    "Headers",
    "Identity",
    "Language",
    "Leave",
    "Noun",
    "Number",
    "Parameter",
    "Pause",
    "Pay",
    "Play",
    "Prompt",
    "Queue",
    "Record",
    "Recording",
    "Redirect",
    "Refer",
    "ReferSip",
    "Reject",
    "Room",
    "Say",
    "Sim",
    "Sip",
    "Siprec",
    "Sms",
    "Start",
    "Stop",
    "Stream",
    "Task",
    "Telephone",
    "Transcription",
    "Uri",
    "Verb",
    "VirtualAgent",
    "WhatsApp",
]
