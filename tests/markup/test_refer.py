"""Section 2.12."""

from __future__ import annotations

import pytest

from markup import events
from markup.commands import Answer, EndCall, FetchDocument, ForgetReferral, LeaveVerb, Notify, Refer, SetTimer
from tests.markup.dialogue import Dialogue

ACTION = "<Refer action='/done'><Sip>sip:carol@example.com</Sip></Refer><Say>x</Say>"


def begun(twiml: str = ACTION) -> Dialogue:
    """A call that refers its telephone."""
    return Dialogue(twiml, answered=True)


def answered(call: Dialogue, code: int) -> None:
    call.tell(events.ReferAnswered(call.last(Refer).id, code))


def told(call: Dialogue, code: int, last: bool = False) -> None:
    call.tell(events.ReferProgress(call.last(Refer).id, code, last))


def requested(call: Dialogue) -> dict[str, str]:
    """What the action is told."""
    request = call.last(FetchDocument)
    assert request.url == "http://app.example/done"
    return dict(request.parameters)


def test_an_unanswered_call_is_answered_first() -> None:
    call = Dialogue("<Refer><Sip>carol@example.com?X-Note=7</Sip></Refer>")
    assert call.kinds() == ["Answer", "Refer", "SetTimer"]
    assert call.asked[0] == Answer()
    assert call.last(Refer).uri == "carol@example.com?X-Note=7"


@pytest.mark.parametrize(
    ("code", "status"),
    [(200, "in-progress"), (486, "busy"), (600, "busy"), (480, "no-answer"), (487, "canceled"), (404, "failed"), (503, "failed")],
)
def test_the_action_hears_what_the_telephone_told(code: int, status: str) -> None:
    """Success 202/200: in-progress; target busy 202/486: busy."""
    call = begun()
    answered(call, 202)
    told(call, 100)
    told(call, code, last=True)
    assert requested(call) == {
        "ReferCallStatus": status,
        "ReferSipResponseCode": "202",
        "NotifySipResponseCode": str(code),
    }
    assert LeaveVerb("Refer", status) in call.all
    assert call.every(ForgetReferral) == [ForgetReferral(call.last(Refer).id)]


def test_a_refused_refer_has_failed() -> None:
    """REFER refused 405: failed. NotifySipResponseCode is omitted."""
    call = begun()
    answered(call, 405)
    assert requested(call) == {"ReferCallStatus": "failed", "ReferSipResponseCode": "405"}


def test_nothing_is_said_of_a_call_that_nobody_tells_of() -> None:
    """ReferCallStatus is omitted when the REFER failed without NOTIFY."""
    call = begun()
    answered(call, 202)
    call.timer()
    assert requested(call) == {"ReferSipResponseCode": "202"}


def test_a_subscription_that_ends_without_a_word() -> None:
    call = begun()
    answered(call, 202)
    told(call, 0, last=True)
    assert requested(call) == {"ReferSipResponseCode": "202"}


def test_each_word_renews_the_patience() -> None:
    call = begun()
    answered(call, 202)
    told(call, 180)
    assert [timer.seconds for timer in call.every(SetTimer)] == [32.0, 180.0]
    call.timer()
    assert requested(call) == {"ReferCallStatus": "no-answer", "ReferSipResponseCode": "202", "NotifySipResponseCode": "180"}


def test_the_telephone_may_tell_before_it_answers() -> None:
    """RFC 3515: a NOTIFY may overtake the 202."""
    call = begun()
    told(call, 100)
    answered(call, 202)
    told(call, 200, last=True)
    assert requested(call)["ReferCallStatus"] == "in-progress"


def test_a_caller_who_hangs_up_first_is_reported() -> None:
    """Caller hung up first: canceled with 180."""
    call = begun()
    answered(call, 202)
    told(call, 180)
    call.tell(events.HungUp())
    notify = call.last(Notify)
    assert notify.url == "http://app.example/done"
    assert dict(notify.parameters) == {
        "ReferCallStatus": "canceled",
        "ReferSipResponseCode": "202",
        "NotifySipResponseCode": "180",
    }
    assert call.asked[-1] == EndCall("hung-up")


def test_a_redirected_call_tells_the_action_nothing() -> None:
    call = begun()
    call.tell(events.Redirected("http://app.example/live"))
    assert call.every(Notify) == []
    assert call.every(ForgetReferral)


def test_without_an_action_the_next_verb_runs() -> None:
    call = begun("<Refer><Sip>sip:carol@example.com</Sip></Refer><Say>Still there?</Say>")
    answered(call, 202)
    told(call, 200, last=True)
    assert call.kinds()[-1] == "StartPlayback"


def test_as_last_verb_it_ends_the_call() -> None:
    """As last verb without action the leg is ended."""
    call = begun("<Refer><Sip>sip:carol@example.com</Sip></Refer>")
    answered(call, 202)
    told(call, 200, last=True)
    assert call.asked[-1] == EndCall("completed")


@pytest.mark.parametrize("code", [13801, 13243])
def test_a_leg_that_cannot_be_referred_goes_on(code: int) -> None:
    """13801 E on a leg that is not SIP: next verb."""
    call = begun("<Refer><Sip>sip:carol@example.com</Sip></Refer><Say>x</Say>")
    call.tell(events.ReferFailed(call.last(Refer).id, code, "no"))
    assert call.reports() == [code]
    assert call.kinds()[-1] == "StartPlayback"
