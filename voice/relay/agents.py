"""The agents of one server: who talks in the place of a service that a document names (spec section 2.13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from markup.agents import AgentNoun
from markup.grammar.agents import relay_of
from markup.verbs import AiSession, Autopilot, Conversation, ConversationRelay, ConversationRelaySession, Parameter, VirtualAgent
from voice.configuration.agents import Agent
from voice.errors import RelayFailed
from voice.relay.channel import Channel
from voice.relay.http_peer import HttpPeer
from voice.relay.link import Connect, dial
from voice.web.peer import Dialler
from voice.web.webhook import WebhookClient

NO_AGENT = 13750
ANY = "*"


@dataclass(frozen=True, slots=True)
class Engagement:
    """A conversation with an agent: how it goes, and how the agent is reached."""

    relay: ConversationRelay
    connect: Connect


class Agents:
    """Finds agents by what a noun calls them; upper and lower case are the same."""

    def __init__(self, agents: Iterable[Agent], client: WebhookClient, dialler: Dialler) -> None:
        self._agents = {agent.name.lower(): agent for agent in agents}
        self._client = client
        self._dialler = dialler

    def engage(self, noun: AgentNoun) -> Engagement:
        """Raises RelayFailed when nobody has that name."""
        name = name_of(noun)
        agent = self._agents.get(name.lower()) or self._agents.get(ANY)
        if agent is None:
            message = f"<{type(noun).__name__}> of <Connect> is a service of Twilio's that this switch cannot reach"
            raise RelayFailed(NO_AGENT, f"{message}, and no [[agent]] is named {name[:60]!r}")
        relay = _relay(agent, noun)
        if agent.url.startswith("http"):
            return Engagement(relay, partial(self._open, agent.url))
        return Engagement(relay, partial(dial, self._dialler, agent.url))

    async def _open(self, url: str, account_sid: str) -> Channel:
        return HttpPeer(self._client, url, account_sid)


def name_of(noun: AgentNoun) -> str:
    """What a noun calls its agent."""
    match noun:
        case VirtualAgent():
            return noun.connector_name
        case AiSession():
            return noun.ai_connector
        case ConversationRelaySession():
            return noun.connector
        case Conversation():
            return noun.service_instance_sid
        case Autopilot():
            return noun.name


def _relay(agent: Agent, noun: AgentNoun) -> ConversationRelay:
    """The conversation that a document asks for; what is not of it is passed on to the agent."""
    attributes, parameters = dict(agent.relay), []
    match noun:
        case VirtualAgent():
            attributes |= {"language": noun.language} if noun.language else {}
            for config in noun.configs:
                said = {config.name: config.value}
                _, faults = relay_of(said)
                if faults or config.name == "url":
                    parameters.append(Parameter(config.name, config.value))
                else:
                    attributes |= said
            if noun.sentiment_analysis:
                parameters.append(Parameter("sentimentAnalysis", "true"))
            parameters += noun.parameters
        case AiSession(ai_session_configuration=configuration) | ConversationRelaySession(session_configuration=configuration):
            parameters += [Parameter("configuration", configuration)] if configuration else []
    relay, _ = relay_of(attributes)
    return replace(relay, url=agent.url, parameters=tuple(parameters))
