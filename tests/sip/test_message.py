"""Reading SIP text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.guard import check_body, check_sdp, takes_events, uses_srtp
from sip.headers import clean_headers
from sip.message import find_call_id, join_address, parse_message, split_address
from sip.phrases import phrase_of
from sip.requests import Standing, is_hostile_response, judge, read_info

REQUEST = (
    "INVITE sip:bob@b.test;user=phone SIP/2.0\r\n"
    'f: "Al \\"Ace\\" Bell" <sip:al@a.test>;tag=1\r\n'
    "t: <sip:bob@b.test>\r\n"
    "i: 7@a.test\r\n"
    "Subject: long\r\n  story\r\n"
    "\r\n"
    "v=0\r\n"
)


def test_request_is_taken_apart() -> None:
    message = parse_message(REQUEST)
    assert (message.method, message.request_uri, message.code) == ("INVITE", "sip:bob@b.test;user=phone", 0)
    assert message.header("call-id") == find_call_id(REQUEST) == "7@a.test"
    assert message.header("subject") == "long story"
    assert message.body == "v=0\r\n"
    assert not message.in_dialog


def test_response_has_code_and_phrase() -> None:
    message = parse_message("SIP/2.0 486 Busy Here\r\nTo: <sip:b@b>;tag=2\r\n\r\n")
    assert (message.code, message.phrase, message.in_dialog) == (486, "Busy Here", True)


@pytest.mark.parametrize(
    ("value", "display", "uri"),
    [
        ('"Al \\"Ace\\" Bell" <sip:al@a.test>;tag=1', 'Al "Ace" Bell', "sip:al@a.test"),
        ("Al <sip:al@a.test;user=phone>", "Al", "sip:al@a.test;user=phone"),
        ("sip:al@a.test;tag=1", "", "sip:al@a.test"),
        ("", "", ""),
    ],
)
def test_address_is_split(value: str, display: str, uri: str) -> None:
    assert split_address(value) == (display, uri)


@given(st.text().filter(str.isprintable))
def test_address_survives_the_round_trip(display: str) -> None:
    assert split_address(join_address(display, "sip:al@a.test")) == (display, "sip:al@a.test")


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    message = parse_message(text)
    judge(message, Standing())
    is_hostile_response(message)
    read_info(message)
    split_address(text)
    assert find_call_id(text) is not None


@given(st.text(alphabet="vocmabt= /:0159\r\naudioptimeRTPAVP"))
def test_no_description_is_too_strange(body: str) -> None:
    message = parse_message(f"INVITE sip:b@b SIP/2.0\r\nContent-Type: application/sdp\r\n\r\n{body}")
    assert check_body(message) in (0, 488)
    assert uses_srtp(body) in (True, False)
    assert takes_events(body) in (True, False)


def test_ordinary_description_passes() -> None:
    body = "v=0\r\nm=audio 9 RTP/SAVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\na=maxptime:150\r\n"
    message = parse_message(f"INVITE sip:b@b SIP/2.0\r\nContent-Type: application/sdp\r\n\r\n{body}")
    assert check_body(message) == 0
    assert uses_srtp(body)
    assert takes_events(body)
    assert not uses_srtp(body.replace("SAVP", "AVP"))


@pytest.mark.parametrize(
    "line", ["c=IN IP4 192.0.2.1", "c=IN IP4 224.2.1.1/127", "c=IN IP6 2001:db8::1", "a=rtcp:9 IN IP4 192.0.2.1", "a=rtcp:9"]
)
def test_addresses_pass(line: str) -> None:
    assert check_sdp(f"v=0\r\nm=audio 9 RTP/AVP 0\r\n{line}\r\n") == 0


@pytest.mark.parametrize("line", ["c=IN IP4 a.example", "c = XX IP6 a", "a=rtcp:9 IN IP4 a.example", "a=rtcp: 9 x ip4 a"])
def test_names_of_hosts_are_looked_up_by_nobody(line: str) -> None:
    assert check_sdp(f"v=0\r\nm=audio 9 RTP/AVP 0\r\n{line}\r\n") == 488


def test_reasonable_multipart_passes() -> None:
    body = "--b1\r\nContent-Type: application/sdp\r\n\r\nv=0\r\nm=audio 9 RTP/AVP 0\r\n--b1--\r\n"
    message = parse_message(f'INVITE sip:b@b SIP/2.0\r\nContent-Type: multipart/mixed;boundary="b1"\r\n\r\n{body}')
    assert check_body(message) == 0


def test_full_library_refuses_calls_with_503() -> None:
    reply = judge(parse_message("INVITE sip:b@b SIP/2.0\r\nTo: <sip:b@b>\r\n\r\n"), Standing(full=True))
    assert reply is not None
    assert reply.code == 503
    assert dict(reply.headers)["Retry-After"].isdigit()


@pytest.mark.parametrize("method", ["ACK", "BYE", "CANCEL", "INVITE", "PRACK", "UPDATE"])
def test_methods_of_a_call_go_on(method: str) -> None:
    assert judge(parse_message(f"{method} sip:b@b SIP/2.0\r\nTo: <sip:b@b>\r\n\r\n"), Standing()) is None


@pytest.mark.parametrize(
    ("kind", "body", "code", "key"),
    [
        ("application/dtmf-relay", "Signal=5\r\nDuration=160", 200, "5"),
        ("application/dtmf-relay", "Signal= *", 200, "*"),
        ("application/dtmf-relay", "Signal=11", 200, "#"),
        ("application/dtmf-relay", "Duration=160", 400, ""),
        ("application/dtmf", "d", 200, "D"),
        ("application/dtmf", "77", 400, ""),
        ("text/plain", "5", 415, ""),
        ("", "", 200, ""),
    ],
)
def test_info_is_read(kind: str, body: str, code: int, key: str) -> None:
    reply, found = read_info(parse_message(f"INFO sip:b@b SIP/2.0\r\nContent-Type: {kind}\r\n\r\n{body}"))
    assert (reply.code, found) == (code, key)


def test_headers_stay_on_their_line() -> None:
    assert clean_headers((("X-A", "b\r\nX-C: d"), ("no token", "e"), ("", "f"))) == (("X-A", "b  X-C: d"),)


@pytest.mark.parametrize(("code", "phrase"), [(200, "OK"), (486, "Busy Here"), (603, "Decline"), (699, "Unknown")])
def test_statuses_have_phrases(code: int, phrase: str) -> None:
    assert phrase_of(code) == phrase


def test_a_request_that_requires_what_nobody_knows_is_told_so() -> None:
    reply = judge(parse_message("OPTIONS sip:b@b SIP/2.0\r\nRequire: timer, wings\r\nRequire: fins\r\n\r\n"), Standing())
    assert reply is not None
    assert (reply.code, reply.headers) == (420, (("Unsupported", "wings, fins"),))
    assert judge(parse_message("REGISTER sip:b SIP/2.0\r\nRequire: path\r\n\r\n"), Standing()) is None


@pytest.mark.parametrize("field", ["CSeq: 1 INVITE", "Content-Length: 9"])
def test_a_request_that_contradicts_itself_is_refused(field: str) -> None:
    reply = judge(parse_message(f"OPTIONS sip:b@b SIP/2.0\r\n{field}\r\n\r\nhello"), Standing())
    assert reply is not None
    assert reply.code == 400
