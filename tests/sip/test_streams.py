"""Calls of several streams that only send, with a second body (RFC 4574, RFC 7866)."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sip.description import label_streams
from sip.endpoint import Attachment, Invitation
from sip.events import Answered, Ended
from sip.fake import FakeEndpoint
from tests.recording_server import RecordingServer
from tests.sip.conftest import RealNetwork
from tests.sip.near import Near, matrix
from tests.sip.sound import dominant

pytestmark = pytest.mark.asyncio(loop_scope="session")
METADATA = Attachment("application/rs-metadata+xml", "recording-session", "<recording>é&amp;</recording>")
ME = "sip:switch@127.0.0.1"
_rows = itertools.cycle(range(24))


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[RecordingServer]:
    made = await RecordingServer.start()
    yield made
    made.close()


def invitation(uri: str, *labels: str) -> Invitation:
    return Invitation(uri, ME, headers=(("Require", "siprec"),), labels=labels, attachment=METADATA, contact=";+sip.src")


async def test_each_stream_sends_its_own_row(real_network: RealNetwork, server: RecordingServer) -> None:
    near = real_network.near
    one, two = next(near.rows), next(near.rows)
    near.say(one, 700)
    near.say(two, 1100)
    leg = near.endpoint.invite(invitation(server.uri, "1", "2"), one, two)
    call = await server.call()
    await near.event(leg, Answered)
    await call.hears(_1=700, _2=1100)
    assert call.invite.header("require") == "siprec"
    assert "+sip.src" in call.invite.header("contact")
    assert call.invite.header("content-type").startswith("multipart/mixed")
    assert call.metadata == METADATA.text
    assert "content-disposition: recording-session" in call.invite.body.lower()
    assert call.description.count("a=sendonly") == 2
    assert [line for line in call.description.split("\r\n") if line.startswith("a=label:")] == ["a=label:1", "a=label:2"]
    near.say(one, 0)
    near.say(two, 900)
    await call.hears(_1=0, _2=900)
    near.say(two, 0)
    near.endpoint.hang_up(leg)
    await call.ended()
    assert (await near.event(leg, Ended)).code == 200


async def test_a_single_stream(real_network: RealNetwork, server: RecordingServer) -> None:
    near = real_network.near
    row = next(near.rows)
    near.say(row, 700)
    leg = near.endpoint.invite(invitation(server.uri, "caller"), row)
    call = await server.call()
    await call.hears(caller=700)
    near.say(row, 0)
    near.endpoint.hang_up(leg)
    await call.ended()
    await near.event(leg, Ended)


async def test_a_refusal_is_reported(real_network: RealNetwork, server: RecordingServer) -> None:
    server.status = "403 Forbidden"
    near = real_network.near
    leg = near.endpoint.invite(invitation(server.uri, "1", "2"), next(near.rows), next(near.rows))
    assert (await near.event(leg, Ended)).code == 403


async def test_a_usual_call_after_it_is_a_usual_call(real_network: RealNetwork, server: RecordingServer) -> None:
    near = real_network.near
    leg = near.endpoint.invite(Invitation(server.uri, ME), next(near.rows))
    call = await server.call()
    assert "+sip.src" not in call.invite.header("contact")
    assert call.invite.header("content-type") == "application/sdp"
    assert "a=label" not in call.description
    assert "a=sendonly" not in call.description
    near.endpoint.hang_up(leg)
    await near.event(leg, Ended)


async def test_the_fake_keeps_streams_apart_too() -> None:
    rx, tx = matrix(), matrix()
    fake = FakeEndpoint(rx, tx)
    near = Near(fake, rx, tx)
    recorder = fake.phone("sip:recorder@srs")
    near.say(3, 700)
    near.say(4, 1100)
    near.start_clock()
    leg = fake.invite(invitation("sip:recorder@srs", "1", "2"), 3, 4)
    await near.event(leg, Answered)
    await near.ticks(40)
    call = recorder.calls[0]
    assert [dominant(call.heard_on(stream)[-3200:]) for stream in (0, 1)] == [700, 1100]
    assert call.invitation is not None
    assert call.invitation.attachment == METADATA
    fake.hang_up(leg)
    await near.event(leg, Ended)
    near.stop_clock()


@pytest.mark.parametrize(
    ("body", "labelled"),
    [
        ("v=0\r\nm=audio 1 RTP/AVP 0\r\na=x\r\n", "v=0\r\nm=audio 1 RTP/AVP 0\r\na=x\r\na=label:1\r\n"),
        (
            "v=0\nm=audio 1 RTP/AVP 0\na=label:9\nm=audio 2 RTP/AVP 0\n",
            "v=0\r\nm=audio 1 RTP/AVP 0\r\na=label:1\r\nm=audio 2 RTP/AVP 0\r\na=label:2\r\n",
        ),
        (
            "v=0\r\nm=audio 1 RTP/AVP 0\r\nm=audio 2 RTP/AVP 0\r\nm=audio 3 RTP/AVP 0\r\n",
            "v=0\r\nm=audio 1 RTP/AVP 0\r\na=label:1\r\nm=audio 2 RTP/AVP 0\r\na=label:2\r\nm=audio 3 RTP/AVP 0\r\n",
        ),
    ],
)
async def test_streams_get_their_labels(body: str, labelled: str) -> None:
    assert label_streams(body, ("1", "2")) == labelled
