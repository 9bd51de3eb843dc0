"""REFER and NOTIFY as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.events import DialogId
from sip.message import Message, parse_message
from sip.referral import Issuer, Notice, Recipient, Referral, read_refer, read_replaces, refer_headers
from sip.requests import Reply

CONTACT = "<sip:switch@127.0.0.1>"


def refer(*fields: str, cseq: int = 1) -> Message:
    return parse_message("\r\n".join(["REFER sip:us@127.0.0.1 SIP/2.0", f"CSeq: {cseq} REFER", *fields, "", ""]))


def notify(
    status: str, state: str = "active", cseq: int = 1, event: str = "refer", kind: str = "message/sipfrag;version=2.0"
) -> Message:
    lines = ["NOTIFY sip:us@127.0.0.1 SIP/2.0", f"CSeq: {cseq} NOTIFY", f"Event: {event}", f"Subscription-State: {state}"]
    return parse_message("\r\n".join([*lines, f"Content-Type: {kind}", "", status]))


@pytest.mark.parametrize(
    "value",
    [
        "<sip:carol@example.com>",
        "sip:carol@example.com",
        '"Carol" <sips:carol@example.com;transport=tls>;x=y',
        "<tel:+15550100>",
        "<sip:carol@example.com;method=INVITE>",
        "<sip:carol@example.com?Replaces=" + "a" * 600 + "%3Bto-tag%3D1%3Bfrom-tag%3D2>",
    ],
)
@pytest.mark.parametrize("name", ["Refer-To", "r"])
def test_target_is_told_as_it_was_written(value: str, name: str) -> None:
    found = read_refer(refer(f"{name}: {value}"))
    assert isinstance(found, Referral)
    assert found.target == value


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ((), 400),
        (("Refer-To:",), 400),
        (("Refer-To: <>",), 400),
        (("Refer-To: <sip:>",), 400),
        (("Refer-To: nobody",), 400),
        (("Refer-To: <sip:a@b> <sip:c@d", "X: 1"), 400),
        (("Refer-To: <sip:a@b>", "r: <sip:c@d>"), 400),
        (("Refer-To: <sip:a b@c>",), 400),
        (("Refer-To: <sip:a@b\x07>",), 400),
        ((f"Refer-To: <sip:{'a' * 300}@b>",), 400),
        ((f"Refer-To: <sip:a@b?{'x' * 1100}>",), 400),
        (("Refer-To: <http://example.com/>",), 416),
        (("Refer-To: <javascript:alert(1)>",), 416),
        (("Refer-To: <sip:a@b;method=BYE>",), 501),
    ],
)
def test_target_that_cannot_be_called_is_refused(fields: tuple[str, ...], code: int) -> None:
    found = read_refer(refer(*fields))
    assert isinstance(found, Reply)
    assert found.code == code


def test_referred_by_is_kept_unless_it_is_absurd() -> None:
    found = read_refer(refer("Refer-To: <sip:a@b>", "Referred-By: <sip:me@c>"))
    assert isinstance(found, Referral)
    assert found.referred_by == "<sip:me@c>"
    found = read_refer(refer("Refer-To: <sip:a@b>", f"Referred-By: <sip:{'m' * 2000}@c>"))
    assert isinstance(found, Referral)
    assert found.referred_by == ""


@pytest.mark.parametrize(
    ("uri", "named"),
    [
        ("sip:a@b?Replaces=12%40x%3Bto-tag%3D7%3Bfrom-tag%3D8", DialogId("12@x", "7", "8")),
        ("sip:a@b?X=1&replaces=12%3Bfrom-tag%3D8%3Bto-tag%3D7%3Bearly-only&Require=replaces", DialogId("12", "7", "8")),
        ("sip:a@b?Replaces=12%3Bto-tag%3D7", None),
        ("sip:a@b?Replaces=%3Bto-tag%3D7%3Bfrom-tag%3D8", None),
        ("sip:a@b?Replaces=", None),
        ("sip:a@b", None),
    ],
)
def test_replaced_dialog_is_read(uri: str, named: DialogId | None) -> None:
    assert read_replaces(uri) == named


@given(st.text(max_size=1500))
def test_no_target_is_too_strange(value: str) -> None:
    found = read_refer(refer(f"Refer-To: {value}"))
    assert isinstance(found, Reply) or len(found.target) <= 1024


@given(st.text(max_size=1500))
def test_no_target_of_ours_breaks_out_of_its_line(target: str) -> None:
    for _, value in refer_headers(target, CONTACT, ()) or ():
        assert value.isprintable() or "\n" not in value


def test_repeated_refer_is_told_once_and_answered_alike() -> None:
    recipient, request = Recipient(), refer("Refer-To: <sip:a@b>", cseq=5)
    assert isinstance(recipient.take(request), Referral)
    assert recipient.take(request) is None
    answer = recipient.answer(202, CONTACT)
    assert answer is not None
    assert ("Contact", CONTACT) in answer.headers
    assert recipient.take(request) is answer
    assert recipient.answer(603, CONTACT) is None


def test_second_refer_has_to_wait_for_the_first() -> None:
    recipient = Recipient()
    recipient.take(refer("Refer-To: <sip:a@b>", cseq=5))
    assert recipient.take(refer("Refer-To: <sip:a@b>", cseq=6)) == Reply(491)
    recipient.answer(202, CONTACT)
    assert recipient.take(refer("Refer-To: <sip:a@b>", cseq=7)) == Reply(491)
    recipient.notify(200)
    assert isinstance(recipient.take(refer("Refer-To: <sip:a@b>", cseq=8)), Referral)
    assert recipient.take(refer("Refer-To: <sip:a@b>", cseq=6)) == Reply(500)


def test_notices_end_with_a_final_status() -> None:
    recipient = Recipient()
    assert recipient.notify(200) is None
    recipient.take(refer("Refer-To: <sip:a@b>"))
    recipient.answer(202, CONTACT)
    assert recipient.notify(100) == (
        (("Event", "refer"), ("Subscription-State", "active;expires=3600")),
        "SIP/2.0 100 Trying\r\n",
    )
    assert recipient.notify(486) == (
        (("Event", "refer"), ("Subscription-State", "terminated;reason=noresource")),
        "SIP/2.0 486 Busy Here\r\n",
    )
    assert recipient.notify(200) is None


def test_second_subscription_is_told_apart_by_its_id() -> None:
    recipient = Recipient()
    for cseq, event in ((4, "refer"), (9, "refer;id=9")):
        recipient.take(refer("Refer-To: <sip:a@b>", cseq=cseq))
        recipient.answer(202, CONTACT)
        notice = recipient.notify(200)
        assert notice is not None
        assert notice[0][0] == ("Event", event)


def test_nobody_is_told_who_does_not_want_it() -> None:
    recipient = Recipient()
    recipient.take(refer("Refer-To: <sip:a@b>", "Refer-Sub: false"))
    answer = recipient.answer(202, CONTACT)
    assert answer is not None
    assert ("Refer-Sub", "false") in answer.headers
    assert recipient.notify(100) is None


def test_notice_is_read() -> None:
    issuer = Issuer()
    assert issuer.begin()
    assert not issuer.begin()
    assert issuer.answer(202, quiet=False)
    assert not issuer.answer(202, quiet=False)
    assert issuer.take(notify("SIP/2.0 100 Trying\r\n")) == (Reply(200), Notice(100, last=False))
    assert issuer.take(notify("SIP/2.0 100 Trying\r\n")) == (Reply(200), None)
    assert issuer.take(notify("SIP/2.0 486 Busy\r\n", "terminated;reason=noresource", 2)) == (Reply(200), Notice(486, last=True))
    assert issuer.take(notify("SIP/2.0 200 OK\r\n", cseq=3)) == (Reply(481), None)
    assert issuer.begin()


def test_notice_may_overtake_the_answer() -> None:
    issuer = Issuer()
    issuer.begin()
    assert issuer.take(notify("SIP/2.0 200 OK\r\n", "terminated"))[1] == Notice(200, last=True)
    assert issuer.answer(202, quiet=False)
    assert issuer.begin()


@pytest.mark.parametrize("code", [405, 603])
def test_refused_refer_gets_no_notice(code: int) -> None:
    issuer = Issuer()
    issuer.begin()
    assert issuer.answer(code, quiet=False)
    assert issuer.take(notify("SIP/2.0 200 OK\r\n")) == (Reply(481), None)


@pytest.mark.parametrize(
    ("message", "code", "notice"),
    [
        (notify("", "terminated;reason=timeout", kind=""), 200, Notice(0, last=True)),
        (notify("", kind=""), 200, Notice(0, last=False)),
        (notify("nonsense"), 200, Notice(0, last=False)),
        (notify("SIP/2.0 999 Strange\r\n"), 200, Notice(0, last=False)),
        (notify("<xml/>", kind="application/xml"), 415, None),
        (notify("SIP/2.0 200 OK", event="presence"), 489, None),
    ],
)
def test_strange_notice_is_survived(message: Message, code: int, notice: Notice | None) -> None:
    issuer = Issuer()
    issuer.begin()
    reply, found = issuer.take(message)
    assert (reply.code, found) == (code, notice)
