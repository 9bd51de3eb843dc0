"""The frames of the SDK: what it sends is read as recorded, everything else is refused by a sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.clients.edge import edge_of
from voice.clients.messages import (
    LONGEST_FRAME,
    Answer,
    Digits,
    HangUp,
    Invite,
    Listen,
    Message,
    MessageInvalid,
    Register,
    Reinvite,
    Reject,
    UserMessage,
    read,
    write,
)


@pytest.mark.parametrize(
    ("kind", "payload", "expected"),
    [
        ("listen", {"browserinfo": {"v": "2.18.5"}, "reconnectTimeout": 30, "token": "eyJ"}, Listen("eyJ", 30)),
        ("listen", {"token": "eyJ"}, Listen("eyJ")),
        ("listen", {"token": "eyJ", "reconnectTimeout": 1e9}, Listen("eyJ", 30)),
        ("register", {"media": {"audio": True}}, Register(True)),
        ("register", {"media": {"audio": False}}, Register(False)),
        (
            "invite",
            {"callsid": "TJS1", "sdp": "v=0", "twilio": {"params": "To=%2B1"}, "preflight": False},
            Invite("TJS1", "v=0", "To=%2B1"),
        ),
        ("invite", {"callsid": "CA1", "reconnect": "4e26", "sdp": "v=0", "twilio": {}}, Invite("CA1", "v=0", "", "4e26")),
        ("answer", {"callsid": "CA1", "sdp": "v=0"}, Answer("CA1", "v=0")),
        ("reject", {"callsid": "CA1"}, Reject("CA1")),
        ("hangup", {"callsid": "CA1", "message": "left"}, HangUp("CA1")),
        ("dtmf", {"callsid": "CA1", "dtmf": "12w#*"}, Digits("CA1", "12w#*")),
        ("reinvite", {"callsid": "CA1", "sdp": "v=0"}, Reinvite("CA1", "v=0")),
        (
            "message",
            {
                "callsid": "CA1",
                "content": {"a": 1},
                "contenttype": "application/json",
                "messagetype": "m",
                "voiceeventsid": "KX1",
            },
            UserMessage("CA1", "KX1", {"a": 1}, "application/json", "m"),
        ),
        ("presence", {"anything": 1}, None),
    ],
)
def test_what_the_sdk_sends(kind: str, payload: dict[str, Any], expected: Message | None) -> None:
    assert read(json.dumps({"type": kind, "version": "1.6", "payload": payload})) == expected


def test_a_sign_of_life_is_no_message() -> None:
    assert read("\n") is None


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "hello",
        "[]",
        "7",
        "null",
        "[" * 100_000,
        '{"type": 1}',
        '{"payload": {}}',
        '{"type": "listen", "payload": []}',
        '{"type": "listen", "payload": {"token": null}}',
        '{"type": "listen", "payload": {"token": "x", "reconnectTimeout": "30"}}',
        '{"type": "listen", "payload": {"token": "x", "reconnectTimeout": NaN}}',
        '{"type": "register", "payload": {"media": 1}}',
        '{"type": "invite", "payload": {"callsid": "TJS1"}}',
        '{"type": "invite", "payload": {"callsid": "TJS1", "sdp": "v=0", "twilio": {"params": 7}}}',
        '{"type": "dtmf", "payload": {"callsid": "CA1", "dtmf": "abc"}}',
        '{"type": "hangup", "payload": {}}',
        json.dumps({"type": "answer", "payload": {"callsid": "CA1", "sdp": "x" * 70_000}}),
        " " * (LONGEST_FRAME + 1),
    ],
)
def test_what_no_sdk_sends(frame: str) -> None:
    with pytest.raises(MessageInvalid):
        read(frame)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["callsid", "sdp", "media", "audio", "twilio", "params", "token", "dtmf"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@given(st.sampled_from(["listen", "register", "invite", "answer", "reject", "hangup", "dtmf", "reinvite", "message"]), _json)
def test_no_payload_breaks_it(kind: str, payload: Any) -> None:
    try:
        read(json.dumps({"type": kind, "payload": payload}))
    except MessageInvalid as error:
        assert str(error)


def test_what_we_send_leaves_out_what_there_is_not() -> None:
    assert json.loads(write("hangup", callsid="CA1", error=None)) == {
        "type": "hangup",
        "version": "1.6",
        "payload": {"callsid": "CA1"},
    }


@pytest.mark.parametrize(
    ("host", "path", "query", "edge"),
    [
        ("pbx.example.com:8443", "/signal", "", "local"),
        ("voice-js.dublin.twilio.com", "/signal", "", "dublin"),
        ("pbx.example.com:8443", "/signal", ".twilio.com/signal", "@pbx.example.com:8443/signal?"),
        ("voice-js.example.com:8443", "/pbx/signal", ".twilio.com/signal", "example.com:8443/pbx/signal?"),
    ],
)
def test_a_page_is_told_an_edge_that_leads_back(host: str, path: str, query: str, edge: str) -> None:
    assert edge_of(host, path, query) == edge
