"""The commands of ConversationRelay and of agents: the caller talks with an application in text."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from markup import agents, commands, events
from markup.verbs import Conversation as ConversationNoun
from markup.verbs import ConversationRelay, VirtualAgent
from voice.calls.session import Session
from voice.errors import RelayFailed
from voice.relay.agents import name_of
from voice.relay.conversation import Conversation, Outcome
from voice.relay.link import Connect, dial
from voice.web.parameters import Pairs, timestamp

Tell = Callable[[str], None]


def start(session: Session, command: agents.StartRelay) -> None:
    """Talk from now on, until either leaves."""
    noun = command.noun
    _start(session, command.id, noun, partial(dial, session.resources.dialler, noun.url), lambda outcome: [])


def start_agent(session: Session, command: agents.StartAgent) -> None:
    """The same with an agent of the operator's, if there is one of that name."""
    noun, id = command.noun, command.id
    tell = partial(_tell, session, command)
    try:
        engagement = session.resources.agents.engage(noun)
    except RelayFailed as failure:
        outcome = Outcome("failed", code=failure.code, message=str(failure))
        session.perform(session, commands.Report(failure.code, str(failure), "error"))
        tell("session-failed")
        tell("call-completed")
        session.deliver(events.RelayEnded(id, (*_own(noun, outcome), *_error(outcome))))
        return
    tell("call-initiated")
    _start(session, id, engagement.relay, engagement.connect, partial(_own, noun), tell)


def _start(
    session: Session,
    id: events.OperationId,
    noun: ConversationRelay,
    connect: Connect,
    own: Callable[[Outcome], Pairs],
    tell: Tell = lambda event: None,
) -> None:
    line = session.line
    if line.call.row is None:
        return  # the far end is gone and its HungUp is on the way

    def began() -> None:
        tell("session-started")
        tell("call-answered")

    def ended(outcome: Outcome) -> None:
        tell("session-failed" if outcome.status == "failed" else "session-ended")
        tell("call-completed")

    def over(outcome: Outcome) -> None:
        ended(outcome)
        session.finish(id, events.RelayEnded(id, tuple(parameters(outcome))))

    def stop() -> None:
        ended(Outcome("completed"))
        talk.stop()

    def parameters(outcome: Outcome) -> Pairs:
        pairs = [("SessionId", talk.sid), ("SessionStatus", outcome.status), ("SessionDuration", str(talk.seconds))]
        if outcome.handoff is not None:
            pairs.append(("HandoffData", outcome.handoff))
        return [*own(outcome), *pairs, *_error(outcome)]

    talk = Conversation(line, noun, session.resources, connect, over, began)
    session.parting[id] = lambda: parameters(Outcome("completed"))
    session.live[id] = stop
    talk.start()


def _error(outcome: Outcome) -> Pairs:
    return [("ErrorCode", str(outcome.code)), ("ErrorMessage", outcome.message)] if outcome.code else []


def _own(noun: agents.AgentNoun, outcome: Outcome) -> Pairs:
    """What only the action of this noun is told."""
    if not isinstance(noun, VirtualAgent):
        return []
    handed_over = outcome.status == "ended" and outcome.handoff is not None
    status = "failed" if outcome.status == "failed" else "live-agent-handoff" if handed_over else "completed"
    pairs = [("VirtualAgentStatus", status), ("VirtualAgentProvider", name_of(noun))]
    if outcome.handoff is not None:
        pairs.append(("VirtualAgentProviderData", outcome.handoff))
    if outcome.code:
        pairs += [("VirtualAgentErrorCode", str(outcome.code)), ("VirtualAgentError", outcome.message)]
    return pairs


def _tell(session: Session, command: agents.StartAgent, event: str) -> None:
    """Tell the status callback, if it wants to hear that."""
    told, call, resources = command.callback, session.call, session.resources
    if not told.url or event not in told.events:
        return
    pairs = [
        ("AccountSid", call.account_sid),
        ("CallSid", call.sid),
        ("CallStatus", call.status),
        ("From", call.party.from_),
        ("To", call.party.to),
        ("Direction", call.direction),
        ("StatusCallbackEvent", event),
        ("Timestamp", timestamp(resources.wall())),
    ]
    match command.noun:
        case VirtualAgent(connector_name=name):
            pairs.append(("ConnectorName", name))
        case ConversationNoun(service_instance_sid=sid):
            pairs.append(("ServiceInstanceSid", sid))
    resources.callbacks.send(call.sid, told.url, told.method, pairs, journal=call.journal)
