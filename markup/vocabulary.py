"""Every element of TwiML that the grammar does not build yet, and where it belongs (spec section 1.8).

With this a document's author is told "not supported yet" or "belongs in <Dial>" rather than "unknown".
"""

from __future__ import annotations

UNSUPPORTED_VERBS = frozenset({"Connect", "Echo", "Enqueue", "Leave", "Pay", "Record", "Refer", "Sms", "Start", "Stop"})
"""Verbs that are known but not run: error 13750. What stands inside them is not looked at."""

UNSUPPORTED_IN_DIAL = frozenset({"Application", "Client", "Conference", "Queue", "Sim", "WhatsApp"})
UNSUPPORTED_IN_SIP = frozenset({"Headers", "Uri"})

PHRASING = frozenset({"break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"})
"""The SSML elements that Say may hold (section 2.1)."""

HOMES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("Number", *UNSUPPORTED_IN_DIAL), ("Dial",)),
    **dict.fromkeys(UNSUPPORTED_IN_SIP, ("Sip",)),
    **dict.fromkeys(PHRASING, ("Say",)),
    **dict.fromkeys(("Siprec", "Transcription", "Recording"), ("Start", "Stop")),
    **dict.fromkeys(
        ("ConversationRelay", "Room", "VirtualAgent", "Conversation", "AiSession", "ConversationRelaySession", "Autopilot"),
        ("Connect",),
    ),
    "Sip": ("Dial", "Refer"),
    "Stream": ("Connect", "Start", "Stop"),
    "Identity": ("Client",),
    "ApplicationSid": ("Application",),
    "Header": ("Headers",),
    "Task": ("Enqueue",),
    "Prompt": ("Pay",),
    "Language": ("ConversationRelay",),
    "Config": ("Transcription", "VirtualAgent"),
    "Parameter": ("Client", "Application", "Stream", "Siprec", "Transcription", "VirtualAgent", "ConversationRelay", "Pay"),
    **dict.fromkeys(UNSUPPORTED_VERBS, ("Response",)),
}
"""Element to where it may stand; the verbs that are built stand in ``<Response>`` and in what the grammar says."""
