"""From the interpreter's commands to the world: one table from command type to the function that starts it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from markup import agents, commands, events
from voice.calls.session import Session
from voice.effects import (
    asides,
    conferencing,
    dialing,
    fetching,
    forking,
    gathering,
    messaging,
    payments,
    playback,
    queueing,
    referral,
    relaying,
    streaming,
    taping,
    transcribing,
)
from voice.story.reports import report

_REFUSALS = {"busy": 486, "rejected": 404, "failed": 500}


def perform(session: Session, command: commands.Command) -> None:
    """Start a command and return at once; what it started reports back by events."""
    _EFFECTS[type(command)](session, command)


def _answer(session: Session, command: commands.Answer) -> None:
    session.line.answer()


def _set_timer(session: Session, command: commands.SetTimer) -> None:
    fired = events.TimerFired(command.id)
    timer = asyncio.get_running_loop().call_later(command.seconds, session.finish, command.id, fired)
    session.live[command.id] = timer.cancel


Cancel = (
    commands.CancelTimer
    | commands.CancelFetch
    | commands.StopPlayback
    | commands.StopEcho
    | commands.StopListening
    | agents.StopRelay
    | commands.ForgetMessage
    | commands.ForgetReferral
    | commands.StopAside
    | commands.ClosePayment
    | commands.ForgetPayment
)


def _cancel(session: Session, command: Cancel) -> None:
    session.stop(command.id)


def _enter_verb(session: Session, command: commands.EnterVerb) -> None:
    session.call.journal.add("verb", name=command.name, attributes=dict(command.attributes))


def _leave_verb(session: Session, command: commands.LeaveVerb) -> None:
    session.call.journal.add("left", name=command.name, outcome=command.outcome)


def _report(session: Session, command: commands.Report) -> None:
    if command.level == "error":
        session.failure = command
    report(session.call, session.resources.metrics, command)


def _end_call(session: Session, command: commands.EndCall) -> None:
    line, outcome = session.line, command.outcome
    if session.purpose == "call":
        if outcome in _REFUSALS and line.call.answered is None:
            line.refuse(_REFUSALS[outcome])
        else:
            line.hang_up()
    session.close(outcome)


_EFFECTS: dict[type[commands.Command], Callable[[Session, Any], None]] = {
    commands.Answer: _answer,
    commands.FetchDocument: fetching.fetch_document,
    commands.CancelFetch: _cancel,
    commands.PrefetchMedia: fetching.prefetch,
    commands.Notify: fetching.notify,
    commands.StartPlayback: playback.start,
    commands.StopPlayback: _cancel,
    commands.HoldPlayback: playback.hold,
    commands.SendDigits: dialing.send_digits,
    commands.StartRecording: taping.start,
    commands.StopRecording: taping.stop,
    agents.StartRelay: relaying.start,
    agents.StartAgent: relaying.start_agent,
    agents.StopRelay: _cancel,
    commands.StartEcho: playback.start_echo,
    commands.StopEcho: _cancel,
    commands.StartListening: gathering.start,
    commands.StopListening: _cancel,
    commands.SendMessage: messaging.send,
    commands.ForgetMessage: _cancel,
    commands.SetTimer: _set_timer,
    commands.CancelTimer: _cancel,
    commands.StartLeg: dialing.start_leg,
    commands.HangupLeg: dialing.hang_up_leg,
    commands.ScreenLeg: asides.screen_leg,
    commands.Join: dialing.join,
    commands.Listen: dialing.listen,
    commands.StartSiprec: forking.start,
    commands.StopSiprec: _cancel,
    commands.StartStream: streaming.start,
    commands.StopStream: _cancel,
    commands.StopNamedStream: streaming.stop_named,
    commands.StartTranscription: transcribing.start,
    commands.StopTranscription: _cancel,
    commands.StopNamedTranscription: transcribing.stop_named,
    commands.Part: dialing.part,
    commands.HandOver: dialing.hand_over,
    commands.AnswerReferral: referral.answer,
    commands.ReportReferral: referral.report,
    commands.Refer: referral.refer,
    commands.ForgetReferral: _cancel,
    commands.JoinConference: conferencing.join,
    commands.LeaveConference: conferencing.leave,
    commands.RunAside: asides.run_aside,
    commands.StopAside: _cancel,
    commands.EnterQueue: queueing.enter_queue,
    commands.LeaveQueue: queueing.leave_queue,
    commands.TakeFromQueue: queueing.take_from_queue,
    commands.OpenPayment: payments.open_payment,
    commands.ClosePayment: _cancel,
    commands.SendPayment: payments.send_payment,
    commands.ForgetPayment: _cancel,
    commands.EnterVerb: _enter_verb,
    commands.LeaveVerb: _leave_verb,
    commands.Report: _report,
    commands.EndCall: _end_call,
}
