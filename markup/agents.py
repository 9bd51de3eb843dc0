"""The commands that let a caller talk with an agent; see ``markup.commands``."""

from __future__ import annotations

from dataclasses import dataclass

from markup.commands import Command, StatusCallback
from markup.events import OperationId
from markup.verbs import AiSession, Autopilot, Conversation, ConversationRelay, ConversationRelaySession, VirtualAgent

AgentNoun = AiSession | Autopilot | Conversation | ConversationRelaySession | VirtualAgent
"""The nouns that name an agent and do not say where it is."""


@dataclass(frozen=True, slots=True)
class StartRelay(Command):
    """Let the caller talk with an application in text; ends with ``RelayEnded`` (spec section 5.2)."""

    id: OperationId
    noun: ConversationRelay


@dataclass(frozen=True, slots=True)
class StartAgent(Command):
    """Let the caller talk with an agent that the operator has configured; ends with ``RelayEnded``."""

    id: OperationId
    noun: AgentNoun
    callback: StatusCallback


@dataclass(frozen=True, slots=True)
class StopRelay(Command):
    """End a conversation."""

    id: OperationId
