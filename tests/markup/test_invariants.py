"""What holds in every history, whatever the document and whatever the world does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from markup import commands, events
from markup.document import Document
from markup.interpreter import Interpreter, Program
from markup.parser import parse

VERBS = [
    "<Say>a</Say>", "<Say/>", "<Play>/a.wav</Play>", "<Play digits='1w2'/>", "<Pause/>", "<Gather numDigits='2'/>",
    "<Gather actionOnEmptyResult='true'><Say>a</Say><Play>/b</Play><Pause/></Gather>", "<Redirect>/next</Redirect>", "<Redirect/>",
    "<Hangup/>", "<Reject/>", "<Record/>", "<Dial>+1555</Dial>", "<Dial action='/done' hangupOnStar='true'><Sip>a@b</Sip></Dial>",
    "<Dial answerOnBridge='true'><Number>1</Number><Number>2</Number></Dial>",
    "<Dial hangupOnStar='true' answerOnBridge='true' sequential='true'><Sip url='/w'>a@b</Sip><Number>2</Number></Dial>",
    "<Dial sequential='true' action='/done'><Sip url='/w'>a@b</Sip><Number sendDigits='1'>2</Number></Dial>", "<Play>ftp://x</Play>",
    "<Record timeout='0' playBeep='false'/>", "<Dial record='record-from-ringing-dual' action='/done'><Number>1</Number></Dial>",
    "<Start><Siprec name='a'/></Start>", "<Stop><Siprec name='a'/></Stop>",
    "<Start><Transcription name='a'/></Start>", "<Stop><Transcription name='a'/></Stop>",
    "<Start><Stream name='a' url='wss://h'/></Start>", "<Stop><Stream name='a'/></Stop>", "<Connect><Stream url='wss://h'/></Connect>",
    "<Connect action='/done'><Stream url='wss://h'/></Connect>", "<Start><Recording name='a'/></Start>", "<Stop><Recording name='a'/></Stop>",
    "<Dial><Conference>r</Conference></Dial>", "<Dial action='/done' hangupOnStar='true'><Conference>r</Conference></Dial>",
    "<Enqueue>q</Enqueue>", "<Enqueue waitUrl=''>q</Enqueue>", "<Enqueue action='/left' waitUrl='/wait'>q</Enqueue>", "<Leave/>",
    "<Dial action='/done' hangupOnStar='true' record='true'><Queue url='/w'>q</Queue></Dial>",
    "<Dial answerOnBridge='true'><Queue>q</Queue></Dial>", "<Enqueue waitUrl='ftp://x' action='/left'>q</Enqueue>",
    "<Gather input='speech' partialResultCallback='/p' action='/said'><Say>a</Say></Gather>",
    "<Gather input='dtmf speech' bargeIn='false' numDigits='1'><Say>a</Say><Pause/></Gather>",
    "<Sms>a</Sms>", "<Sms action='/done' to='+1555'>a</Sms>",
    "<Pay postalCode='false' securityCode='false' action='/paid'><Prompt for='payment-processing'><Play>/b</Play></Prompt></Pay>",
    "<Pay paymentMethod='ach-debit' statusCallback='/told' maxAttempts='3'/>", "<Pay chargeAmount='no'/>",
]  # fmt: skip

documents = st.lists(st.sampled_from(VERBS), max_size=4).map(
    lambda verbs: parse(f"<Response>{''.join(verbs)}</Response>".encode())
)
programs = st.builds(Program, st.just("http://h/voice"), fallback_url=st.sampled_from(["", "http://h/fallback"]))
ids = st.integers(1, 30)
statuses = st.sampled_from(["completed", "busy", "no-answer", "failed", "canceled"])

ENDS = {
    commands.FetchDocument: (events.DocumentFetched, events.FetchFailed),
    commands.StartPlayback: (events.PlaybackEnded, events.PlaybackFailed),
    commands.SetTimer: (events.TimerFired,),
    commands.SendDigits: (events.DigitsSent,),
    commands.StartLeg: (events.LegEnded,),
    commands.StartRecording: (events.RecordingEnded,),
    commands.StopRecording: (events.RecordingEnded,),
    commands.Refer: (events.ReferFailed,),
    commands.StartSiprec: (events.SiprecEnded,),
    commands.StartStream: (events.StreamEnded,),
    commands.StartTranscription: (events.TranscriptionEnded,),
    commands.StartListening: (events.SpeechUnderstood, events.ListeningFailed),
    commands.JoinConference: (events.ConferenceLeft,),
    commands.EnterQueue: (events.QueueLeft,),
    commands.LeaveQueue: (events.QueueLeft,),
    commands.TakeFromQueue: (events.LegEnded,),
    commands.RunAside: (events.AsideEnded,),
    commands.SendMessage: (events.MessageTaken,),
    commands.OpenPayment: (events.PaymentRefused,),
    commands.SendPayment: (events.PaymentSettled, events.PaymentRefused),
}
STOPS = (
    commands.CancelFetch,
    commands.StopPlayback,
    commands.CancelTimer,
    commands.HangupLeg,
    commands.ForgetReferral,
    commands.StopSiprec,
    commands.StopStream,
    commands.StopTranscription,
    commands.StopListening,
    commands.StopAside,
    commands.ForgetMessage,
    commands.ClosePayment,
    commands.ForgetPayment,
)
TOLD = (commands.StopRecording, commands.LeaveQueue)
"""Stops whose end is still told, though not waited for when the call ends."""
MOST_TRIES = 5
"""Wait documents that run out, and members of a queue that are lost, before something else happens."""
CARD = "4111111111111111#1239"
"""What a caller types who pays without mistakes."""
MOST_NEWS = len(CARD) + 2
"""Of one started thing: it opens, the card is typed, and a star."""


@dataclass
class Books:
    """What was started and how it ended."""

    all: list[commands.Command] = field(default_factory=list)
    live: dict[int, commands.Command] = field(default_factory=dict)
    nudged: dict[int, int] = field(default_factory=dict)
    """How often a leg made news."""

    def enter(self, event: events.Event, emitted: list[commands.Command]) -> None:
        started = self.live.get(getattr(event, "id", -1))
        if started is not None and isinstance(event, ENDS[type(started)]):
            del self.live[event.id]  # type: ignore[attr-defined]
        for command in emitted:
            self.all.append(command)
            if isinstance(command, TOLD):
                if command.id in self.live:
                    self.live[command.id] = command  # its end is still told
            elif type(command) in ENDS:
                assert command.id not in self.live, "an id was used twice"  # type: ignore[attr-defined]
                self.live[command.id] = command  # type: ignore[attr-defined]
            elif isinstance(command, STOPS) or (isinstance(command, commands.LeaveConference) and command.interrupted):
                self.live.pop(command.id, None)

    def check(self) -> None:
        ends = [index for index, command in enumerate(self.all) if isinstance(command, commands.EndCall)]
        assert len(ends) <= 1
        assert not ends or ends[0] == len(self.all) - 1
        assert sum(isinstance(command, commands.Answer) for command in self.all) <= 1
        if ends:
            left = [command for command in self.live.values() if not isinstance(command, TOLD)]
            assert not left, "something is still live after the end of the call"
            self._check_verbs()

    def check_outcome(self, answered: bool) -> None:
        """``completed`` is only said after an answer (contract of EndCall)."""
        answered = answered or any(isinstance(command, commands.Answer) for command in self.all)
        end = self.all[-1]
        assert isinstance(end, commands.EndCall)
        assert answered or end.outcome not in ("completed", "released")
        assert not answered or end.outcome not in ("busy", "rejected")

    def _check_verbs(self) -> None:
        entered: list[str] = []
        for command in self.all:
            if isinstance(command, commands.EnterVerb):
                assert entered in ([], ["Dial"]), "a verb began within another that was no transferred Dial"
                entered.append(command.name)
            elif isinstance(command, commands.LeaveVerb):
                assert command.name == entered.pop()
        assert not entered, "a verb was not left"


REFUSALS = (0, 13233, 13240, 16020, 16025)

WHEREABOUTS: list[events.Whereabouts] = ["waiting", "called", "bridged"]
QUEUE_RESULTS: list[events.QueueResult] = ["bridged", "leave", "error", "hangup", "queue-full", "system-error"]
ASIDE_OUTCOMES: list[events.Outcome] = ["released", "left", "hung-up", "failed"]

any_event = st.one_of(
    st.builds(events.Begin),
    st.builds(events.DocumentFetched, ids, st.just("http://h/x"), documents),
    st.builds(events.FetchFailed, ids, st.just(11200), st.just("http://h/x"), st.just("no")),
    st.builds(events.PlaybackEnded, ids),
    st.builds(events.PlaybackFailed, ids, st.just(13420), st.just("no")),
    st.builds(events.DigitReceived, st.sampled_from(["0", "1", "#", "*", "*", "A", "", "12"])),
    st.builds(events.DigitsSent, ids),
    st.builds(events.TimerFired, ids),
    st.builds(events.LegRinging, ids, st.booleans()),
    st.builds(events.LegAnswered, ids),
    st.builds(events.LegScreened, ids, st.booleans()),
    st.builds(events.LegEnded, ids, statuses),
    st.builds(events.SilenceHeard, ids),
    st.builds(events.VoiceHeard, ids),
    st.builds(events.VoicePaused, ids),
    st.builds(events.WordsHeard, ids, st.just("a")),
    st.builds(events.NothingUnderstood, ids),
    st.builds(events.SpeechUnderstood, ids, st.just("a")),
    st.builds(events.ListeningFailed, ids, st.just(13340), st.just("no")),
    st.builds(events.RecordingEnded, ids),
    st.builds(events.SiprecEnded, ids),
    st.builds(events.StreamEnded, ids),
    st.builds(events.TranscriptionEnded, ids),
    st.builds(events.Referred, st.none() | ids, st.just("<sip:carol@h>")),
    st.builds(events.ReferAnswered, ids, st.sampled_from([202, 405])),
    st.builds(events.ReferProgress, ids, st.sampled_from([0, 100, 200, 486]), st.booleans()),
    st.builds(events.ReferFailed, ids, st.just(13243), st.just("no")),
    st.builds(events.ConferenceLeft, ids, st.sampled_from(REFUSALS)),
    st.builds(events.QueueMoved, ids, st.sampled_from(WHEREABOUTS)),
    st.builds(events.QueueLeft, ids, st.sampled_from(QUEUE_RESULTS)),
    st.builds(events.AsideEnded, ids, st.sampled_from(ASIDE_OUTCOMES)),
    st.builds(events.MessageTaken, ids, st.sampled_from(["sending", "failed"]), st.just("SM1"), st.sampled_from([0, 13803])),
    st.builds(events.PaymentOpened, ids, st.just(date(2030, 1, 1))),
    st.builds(events.PaymentRefused, ids, st.just(64004), st.just("no")),
    st.builds(events.PaymentSettled, ids),
    st.builds(events.HungUp),
    st.builds(events.Redirected, st.just("http://h/live")),
    st.builds(events.HangupRequested),
)


@settings(max_examples=300, deadline=None)
@given(programs, st.booleans(), st.sampled_from(["call", "screening", "waiting"]), st.lists(any_event, max_size=40))
def test_any_history_at_all(program: Program, answered: bool, purpose: str, history: list[events.Event]) -> None:
    """Exactly one EndCall, last; at most one Answer; nothing live after it; no event raises."""
    answered = answered or purpose != "call"  # the others are for a leg that answered
    interpreter, books = Interpreter(program, answered, purpose), Books()  # type: ignore[arg-type]
    for event in [events.Begin(), *history, events.HungUp()]:
        books.enter(event, interpreter.receive(event))
        books.check()
    books.check_outcome(answered)
    assert all(interpreter.receive(event) == [] for event in history)


@settings(max_examples=300, deadline=None)
@given(programs, st.booleans(), st.lists(documents, min_size=1, max_size=6), st.data())
def test_a_world_that_answers_sees_every_call_end(
    program: Program, answered: bool, script: list[Document], data: st.DataObject
) -> None:
    """Liveness: when all that is started ends in some way, and documents come to an end, so does the call."""
    interpreter, books = Interpreter(program, answered), Books()
    answers = iter(script)
    event: events.Event = events.Begin()
    for _ in range(1000):
        books.enter(event, interpreter.receive(event))
        books.check()
        if books.all and isinstance(books.all[-1], commands.EndCall):
            books.check_outcome(answered)
            return
        assert books.live, "the call waits for nothing"
        event = _something_happens(books, answers, data)
    raise AssertionError("the call does not end")


UNHAPPY = ["<Play>/broken</Play>", "<Redirect/>", "<Redirect>/next</Redirect>", "<Say/>", "<Play>ftp://x</Play>", "<Shout/>"]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(UNHAPPY), min_size=1, max_size=3),
    st.lists(st.sampled_from(UNHAPPY), min_size=1, max_size=3),
    st.sampled_from(["http://h/voice", "http://h/fallback", "http://h/elsewhere"]),
)
def test_a_customer_who_gets_everything_wrong_for_ever_is_given_up(usual: list[str], fallback: list[str], base: str) -> None:
    """No circle of documents, fallbacks and failures goes on for ever when no verb of it succeeds."""
    program = Program("http://h/voice", fallback_url="http://h/fallback")
    interpreter = Interpreter(program, False)
    served = {
        address: parse(f"<Response>{''.join(verbs)}</Response>".encode())
        for address, verbs in (("voice", usual), ("fallback", fallback))
    }
    emitted = interpreter.receive(events.Begin())
    for _ in range(5000):
        if isinstance(emitted[-1], commands.EndCall):
            return
        match next(command for command in reversed(emitted) if type(command) in ENDS):
            case commands.FetchDocument(id, url):
                document = served["fallback" if url == program.fallback_url else "voice"]
                emitted = interpreter.receive(events.DocumentFetched(id, base, document))
            case commands.StartPlayback(id, commands.AudioFile(url)):
                emitted = interpreter.receive(events.PlaybackFailed(id, 13420, "not audio"))
            case commands.StartPlayback(id):
                emitted = interpreter.receive(events.PlaybackEnded(id))
    raise AssertionError("the call does not end")


HAPPENINGS: dict[type[commands.Command], Callable[[int], list[events.Event]]] = {
    commands.StartPlayback: lambda live: [events.PlaybackEnded(live), events.PlaybackFailed(live, 13420, "no")],
    commands.SetTimer: lambda live: [events.TimerFired(live)],
    commands.SendDigits: lambda live: [events.DigitsSent(live)],
    commands.StartRecording: lambda live: [events.SilenceHeard(live)],
    commands.StopRecording: lambda live: [events.RecordingEnded(live)],
    commands.Refer: lambda live: [
        events.ReferAnswered(live, 202),
        events.ReferAnswered(live, 405),
        events.ReferProgress(live, 486, True),
        events.ReferFailed(live, 13243, "no"),
    ],
    commands.JoinConference: lambda live: [events.ConferenceLeft(live, code) for code in REFUSALS],
    commands.LeaveQueue: lambda live: [events.QueueLeft(live, result) for result in QUEUE_RESULTS],
    commands.SendMessage: lambda live: [
        events.MessageTaken(live, "sending", "SM1"),
        events.MessageTaken(live, "failed", code=13803),
    ],
    commands.StartStream: lambda live: [events.StreamEnded(live)],
    commands.SendPayment: lambda live: [events.PaymentSettled(live), events.PaymentRefused(live, 64008, "no")],
}
"""What can become of a started thing."""


def _something_happens(books: Books, answers: Iterator[Document], data: st.DataObject) -> events.Event:
    waiting = [id for id, command in books.live.items() if not _is_endless(command) and books.nudged.get(id, 0) <= MOST_NEWS]
    assert waiting, "the call waits for something that never ends"
    id = data.draw(st.sampled_from(waiting))
    command = books.live[id]
    if type(command) in HAPPENINGS:
        return data.draw(st.sampled_from(HAPPENINGS[type(command)](id)))
    if isinstance(command, commands.FetchDocument):
        document = next(answers, parse(b"<Response><Hangup/></Response>"))
        return data.draw(
            st.sampled_from([events.DocumentFetched(id, "http://h/x", document), events.FetchFailed(id, 11200, "u", "no")])
        )
    books.nudged[id] = books.nudged.get(id, 0) + 1
    if sum(isinstance(each, type(command)) for each in books.all) > MOST_TRIES and type(command) in LAST_RESORTS:
        return LAST_RESORTS[type(command)](id)
    make = NEWS.get(type(command), _leg_event)
    return make(id, data, books.nudged[id])


def _is_endless(command: commands.Command) -> bool:
    match command:
        case commands.StartPlayback(media=commands.Ringback() | commands.Music()):
            return True
        case commands.StartRecording(silence=0) | commands.StartSiprec() | commands.StartStream(bidirectional=False):
            return True
        case commands.StartTranscription():
            return True
    return False


def _payment_event(id: int, data: st.DataObject, times: int) -> events.Event:
    """It opens, the caller types, and at last gives up."""
    if times == 1:
        return data.draw(st.sampled_from([events.PaymentOpened(id, date(2030, 1, 1)), events.PaymentRefused(id, 64004, "no")]))
    return events.DigitReceived((CARD + "*")[min(times - 2, len(CARD))])


def _leg_event(id: int, data: st.DataObject, times: int) -> events.Event:
    """Anything, but no leg makes news for ever."""
    if times > 4:
        return events.LegEnded(id, "completed")
    happenings: list[events.Event] = [events.Referred(id, "x"), events.Referred(None, "x"), events.LegRinging(id)]
    happenings += [events.LegAnswered(id), events.LegScreened(id, True), events.LegScreened(id, False)]
    return data.draw(st.sampled_from([*happenings, *(events.LegEnded(id, status) for status in ("completed", "busy", "failed"))]))


def _queue_event(id: int, data: st.DataObject, times: int) -> events.Event:
    """The caller is taken, given back, connected, and at last out of the queue."""
    if times > 4:
        return events.QueueLeft(id, data.draw(st.sampled_from(QUEUE_RESULTS)))
    return events.QueueMoved(id, data.draw(st.sampled_from(WHEREABOUTS)))


def _speech_event(id: int, data: st.DataObject, times: int) -> events.Event:
    """Noise, words, and at last an utterance or none."""
    if times > 4:
        return data.draw(st.sampled_from([events.SpeechUnderstood(id, "a"), events.ListeningFailed(id, 13340, "no")]))
    return data.draw(st.sampled_from([events.VoiceHeard(id), events.WordsHeard(id, "a"), events.NothingUnderstood(id)]))


def _aside_event(id: int, data: st.DataObject, times: int) -> events.Event:
    return events.AsideEnded(id, data.draw(st.sampled_from(ASIDE_OUTCOMES)))


NEWS: dict[type[commands.Command], Callable[[int, st.DataObject, int], events.Event]] = {
    commands.OpenPayment: _payment_event,
    commands.EnterQueue: _queue_event,
    commands.StartListening: _speech_event,
    commands.RunAside: _aside_event,
}
"""What started things make news of; the others are legs."""
LAST_RESORTS: dict[type[commands.Command], Callable[[int], events.Event]] = {
    commands.RunAside: lambda live: events.AsideEnded(live, "failed"),
    commands.TakeFromQueue: lambda live: events.LegEnded(live, "failed"),
}
