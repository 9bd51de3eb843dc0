"""What is read but not built: error 13750 when its turn comes, never a crash; the check and the README know it from the same tables."""

from __future__ import annotations

from importlib import import_module

import pytest

from markup import support
from markup.commands import Answer, EndCall, FetchDocument, LeaveVerb
from markup.execution import RUNS
from markup.parser import parse
from markup.support import shortcomings, state_of_noun, state_of_verb
from markup.verbs import Connect, Dial, Enqueue, Gather, Number, Pay, Prompt, Room, Sim, Start, Stream, Task
from tests.markup.dialogue import Dialogue

SID = "AP" + "0" * 32
DIALLED = [
    "<Number>1</Number>", "<Sip>a@b</Sip>", "<Client>bob</Client>", "<Conference>a</Conference>", "<Queue>a</Queue>",
    f"<Application>{SID}</Application>",
]  # fmt: skip
STARTED = ["<Stream name='a' url='wss://h'/>", "<Siprec name='a'/>", "<Transcription name='a'/>", "<Recording name='a'/>"]
CONNECTED = ["<Stream url='wss://h'/>", "<ConversationRelay url='wss://h'/>"]


@pytest.mark.parametrize("verb", RUNS, ids=lambda verb: verb.__name__)
def test_a_verb_without_a_generator_is_skipped(verb: type, monkeypatch: pytest.MonkeyPatch) -> None:
    """1.10: 13750, and the next verb runs."""
    monkeypatch.delitem(RUNS, verb)
    content = {"Say": "a", "Play": "/a", "Enqueue": "a", "Refer": "<Sip>a@b</Sip>", "Hangup": ""}.get(verb.__name__, "")
    call = Dialogue(f"<{verb.__name__}>{content}</{verb.__name__}>")
    assert call.reports() == [13750]
    assert LeaveVerb(verb.__name__, "not supported") in call.all
    assert call.asked[-1] == EndCall("completed")


@pytest.mark.parametrize("noun", DIALLED)
def test_a_noun_that_cannot_be_dialled_fails(noun: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("markup.execution.dial"), "RINGING", ())
    monkeypatch.setattr(import_module("markup.execution.dial"), "ALONE", {})
    call = Dialogue(f"<Dial action='/done'>{noun}</Dial>")
    assert call.reports() == [13750]
    assert dict(call.last(FetchDocument).parameters)["DialCallStatus"] == "failed"


@pytest.mark.parametrize("noun", STARTED)
@pytest.mark.parametrize("verb", ["Start", "Stop"])
def test_a_noun_that_cannot_be_started_is_skipped(verb: str, noun: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("markup.execution.start"), "STARTS", {})
    monkeypatch.setattr(import_module("markup.execution.start"), "STOPS", {})
    call = Dialogue(f"<{verb}>{noun}</{verb}><Hangup/>")
    assert call.reports() == [13750]
    assert call.asked[-1] == EndCall("completed")


@pytest.mark.parametrize("noun", CONNECTED)
def test_a_session_that_is_not_built_is_skipped(noun: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("markup.execution.connect"), "SESSIONS", {})
    call = Dialogue(f"<Connect action='/done'>{noun}</Connect><Hangup/>")
    assert call.asked[0] == Answer()
    assert call.reports() == [13750]
    assert call.asked[-1] == EndCall("completed")


def _objections(twiml: str) -> list[str]:
    (verb,) = parse(f"<Response>{twiml}</Response>".encode()).verbs
    return list(shortcomings(verb))


def test_the_check_knows_what_is_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(RUNS, Gather)
    monkeypatch.setattr(support, "_WITHOUT_EFFECT", {Dial: {"trim": "trim"}, Number: {"byoc": "byoc"}})
    monkeypatch.setitem(support._RUNNING, Dial, frozenset({Number}))
    assert _objections("<Gather/>") == ["<Gather> is not supported yet and is skipped"]
    assert _objections("<Dial trim='trim-silence'><Number byoc='BY1'>1</Number><Sim>DE1</Sim><Sip>a@b</Sip></Dial>") == [
        "trim of <Dial> is not supported yet and has no effect",
        "byoc of <Number> is not supported yet and has no effect",
        "<Sim> in <Dial> is a service of Twilio's that this switch cannot reach",
        "<Sip> in <Dial> is not supported yet",
    ]
    assert _objections("<Connect><Room>a</Room></Connect>") == [
        "<Room> in <Connect> is a service of Twilio's that this switch cannot reach"
    ]
    assert _objections("<Say>a</Say>") == []


def test_a_state_is_that_of_the_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(support._RUNNING, Start, frozenset())
    assert (state_of_verb(Start), state_of_noun(Start, Stream)) == ("not built", "not built")
    assert (state_of_noun(Dial, Sim), state_of_noun(Connect, Room)) == ("foreign", "foreign")
    assert state_of_noun(Enqueue, Task) == "foreign"
    monkeypatch.delitem(RUNS, Pay, raising=False)
    assert state_of_noun(Pay, Prompt) == "not built"
