"""Connect (spec section 2.13)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markup.execution.relay import connect_agent, connect_relay
from markup.execution.stream import connect_stream
from markup.script import NOT_BUILT, Next, Run, Script
from markup.verbs import (
    AiSession,
    Autopilot,
    Connect,
    Conversation,
    ConversationRelay,
    ConversationRelaySession,
    Noun,
    Room,
    Stream,
    VirtualAgent,
)

NO_NOUN = 12200

SESSIONS: Mapping[type[Noun], Callable[[Script, Connect, Any], Run]] = {
    ConversationRelay: connect_relay,
    Stream: connect_stream,
    AiSession: connect_agent,
    Autopilot: connect_agent,
    Conversation: connect_agent,
    ConversationRelaySession: connect_agent,
    VirtualAgent: connect_agent,
}
"""How each noun runs; one that is neither here nor in ``FOREIGN`` is not built yet."""

FOREIGN: frozenset[type[Noun]] = frozenset({Room})
"""Services of Twilio's that no other switch can reach (section 2.13, "Other Connect nouns")."""

AGENTS: frozenset[type[Noun]] = frozenset(noun for noun, run in SESSIONS.items() if run is connect_agent)
"""Sessions with whoever the operator has put in the place of a service of Twilio's."""


def connect(script: Script, verb: Connect) -> Run:
    """Hand the call to the session that the document names."""
    script.answer()
    noun = verb.noun
    if noun is None:
        script.report(NO_NOUN, "<Connect> names nothing to connect to")
        return None
    if type(noun) in FOREIGN:
        return _refuse(script, verb, noun)
    session = SESSIONS.get(type(noun))
    if session is None:
        script.report(NOT_BUILT, f"<{type(noun).__name__}> of <Connect> is not supported yet", "error")
        script.outcome = "not supported"
        return None
    return (yield from session(script, verb, noun))


def _refuse(script: Script, verb: Connect, noun: Noun) -> Next:
    """Tell the action that the session failed."""
    name = type(noun).__name__
    message = f"<{name}> of <Connect> is a service of Twilio's that this switch cannot reach"
    script.report(NOT_BUILT, message, "error")
    script.outcome = "not supported"
    if not verb.action:
        return None
    return script.jump(verb.action, verb.method, (("ErrorCode", str(NOT_BUILT)), ("ErrorMessage", message)))
