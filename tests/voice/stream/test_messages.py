"""Every field of every message of Media Streams, as section 5.1 has them in its tables and examples."""

from __future__ import annotations

import json
from typing import Any

import pytest

from voice.stream.messages import CONNECTED, Audio, BadMessage, Clear, End, Frame, Incoming, Key, Mark, Outgoing, Writer, read

SID, ACCOUNT, CALL = "MZ" + "1" * 32, "AC" + "2" * 32, "CA" + "3" * 32

FIELDS: dict[str, dict[str, Any]] = {
    "media": {"track": str, "chunk": str, "timestamp": str, "payload": str},
    "dtmf": {"track": str, "digit": str},
    "mark": {"name": str},
    "stop": {"accountSid": str, "callSid": str},
}


def writer() -> Writer:
    return Writer(SID, ACCOUNT, CALL)


def written(message: Outgoing) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(writer().write(message))
    return made


def test_connected() -> None:
    """`sequenceNumber` is absent in `connected`."""
    assert json.loads(CONNECTED) == {"event": "connected", "protocol": "Call", "version": "1.0.0"}


def test_start() -> None:
    made = json.loads(writer().start(("inbound", "outbound"), (("tenant", "t42"), ("tenant", "t43"))))
    assert made == {
        "event": "start",
        "sequenceNumber": "1",
        "streamSid": SID,
        "start": {
            "streamSid": SID,
            "accountSid": ACCOUNT,
            "callSid": CALL,
            "tracks": ["inbound", "outbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": {"tenant": "t43"},
        },
    }


def test_start_without_parameters() -> None:
    """`{}` when none."""
    assert json.loads(writer().start(("inbound",), ()))["start"]["customParameters"] == {}


@pytest.mark.parametrize(
    ("message", "content"),
    [
        (
            Frame("outbound", 3, 40, b"\xff\xfe\x7f"),
            {"media": {"track": "outbound", "chunk": "3", "timestamp": "40", "payload": "//5/"}},
        ),
        (Key("#"), {"dtmf": {"track": "inbound_track", "digit": "#"}}),
        (Mark('a "quoted" name\n'), {"mark": {"name": 'a "quoted" name\n'}}),
        (End(), {"stop": {"accountSid": ACCOUNT, "callSid": CALL}}),
    ],
)
def test_the_later_messages(message: Outgoing, content: dict[str, Any]) -> None:
    made = written(message)
    (event,) = content
    assert made == {"event": event, "sequenceNumber": "1", "streamSid": SID, **content}
    assert {name: type(value) for name, value in made[event].items()} == FIELDS[event]


def test_each_message_has_the_next_number() -> None:
    one = writer()
    texts = [one.start(("inbound",), ()), one.write(Key("1")), one.write(Mark("a")), one.write(End())]
    assert [json.loads(text)["sequenceNumber"] for text in texts] == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ({"event": "media", "media": {"payload": "//5/"}}, Audio(b"\xff\xfe\x7f")),
        ({"event": "media", "media": {"payload": ""}}, Audio(b"")),
        ({"event": "mark", "mark": {"name": "greeting-end"}}, Mark("greeting-end")),
        ({"event": "mark", "mark": {"name": ""}}, Mark("")),
        ({"event": "clear"}, Clear()),
    ],
)
def test_what_an_application_may_send(text: dict[str, Any], message: Incoming) -> None:
    reading = read(json.dumps({**text, "streamSid": SID}), SID)
    assert reading.message == message
    assert not reading.surplus


@pytest.mark.parametrize(
    ("text", "surplus"),
    [
        ({"event": "media", "media": {"payload": "", "track": "outbound"}}, {"track"}),
        ({"event": "clear", "sequenceNumber": "3", "clear": {"all": True}}, {"sequenceNumber", "clear", "all"}),
        ({"event": "mark", "mark": {"name": "a"}, "media": {}}, {"media"}),
    ],
)
def test_fields_that_should_not_be_there(text: dict[str, Any], surplus: set[str]) -> None:
    assert read(json.dumps({**text, "streamSid": SID}), SID).surplus == surplus


def test_a_complaint_is_short_however_long_the_message() -> None:
    for text in ("x" * 100_000, json.dumps({"event": "x" * 100_000}), json.dumps({"event": "clear", "streamSid": "x" * 100_000})):
        with pytest.raises(BadMessage) as error:
            read(text, SID)
        assert len(str(error.value)) < 300
