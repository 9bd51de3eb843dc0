"""The command of ConversationRelay: the caller talks with an application in text."""

from __future__ import annotations

from markup import agents, events
from voice.calls.session import Session
from voice.relay.conversation import Conversation, Outcome
from voice.web.parameters import Pairs


def start(session: Session, command: agents.StartRelay) -> None:
    """Talk from now on, until either leaves."""
    line, id = session.line, command.id
    if line.call.row is None:
        return  # the far end is gone and its HungUp is on the way

    def over(outcome: Outcome) -> None:
        session.finish(id, events.RelayEnded(id, tuple(parameters(outcome))))

    def parameters(outcome: Outcome) -> Pairs:
        pairs = [("SessionId", talk.sid), ("SessionStatus", outcome.status), ("SessionDuration", str(talk.seconds))]
        if outcome.handoff is not None:
            pairs.append(("HandoffData", outcome.handoff))
        if outcome.code:
            pairs += [("ErrorCode", str(outcome.code)), ("ErrorMessage", outcome.message)]
        return pairs

    talk = Conversation(line, command.noun, session.resources, over)
    session.parting[id] = lambda: parameters(Outcome("completed"))
    session.live[id] = talk.stop
    talk.start()
