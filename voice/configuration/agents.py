"""Who answers where a document names an agent of Twilio's."""

from __future__ import annotations

from pydantic import Field, field_validator

from markup.grammar.agents import relay_of
from voice.configuration.section import Section


class Agent(Section):
    """An application that talks in the place of a service of Twilio's: ``<Connect>`` with ``<VirtualAgent>``, ``<AiSession>``,
    ``<ConversationRelaySession>``, ``<Conversation>`` or ``<Autopilot>``."""

    name: str = Field(min_length=1, max_length=200)
    """``connectorName``, ``aiConnector``, ``connector``, ``serviceInstanceSid``, or the text of ``<Autopilot>``; ``*`` is any."""
    url: str = Field(pattern=r"^(wss?|https?)://\S+$")
    """A WebSocket of the protocol of ConversationRelay; or http, which gets each message by POST and answers with others."""
    relay: dict[str, str] = Field(default_factory=dict)
    """Attributes of ``<ConversationRelay>``, as a document would write them."""

    @field_validator("relay")
    @classmethod
    def _check_relay(cls, relay: dict[str, str]) -> dict[str, str]:
        _, faults = relay_of(relay)
        if "url" in relay:
            faults = (*faults, "url belongs to the agent itself")
        if faults:
            raise ValueError("; ".join(faults))
        return relay
