"""Section 3.6: status callbacks are ordered per call, retried, bounded, and wait for nobody."""

from __future__ import annotations

import httpx

from tests.voice.exchange import virtual
from voice.callbacks import MOST_WAITING, RETRY_SECONDS, CallbackSender
from voice.webhook import WebhookClient

URL = "http://h/status"


def _sender(answers: list[httpx.Response]) -> tuple[CallbackSender, list[str]]:
    seen: list[str] = []

    async def serve(request: httpx.Request) -> httpx.Response:
        seen.append(request.content.decode())
        return answers.pop(0) if answers else httpx.Response(204)

    return CallbackSender(WebhookClient("", transport=httpx.MockTransport(serve))), seen


@virtual
async def test_a_receiver_that_was_down_gets_all_in_order() -> None:
    sender, seen = _sender([httpx.Response(503), httpx.Response(500)])
    for step in ("1", "2", "3"):
        sender.send("CA1", URL, "POST", [("Step", step)])
    await sender.drain(60)
    assert seen == ["Step=1", "Step=1", "Step=1", "Step=2", "Step=3"]
    assert (sender.waiting, sender.dropped) == (0, 0)


@virtual
async def test_one_call_does_not_wait_for_another() -> None:
    sender, seen = _sender([httpx.Response(503)])
    sender.send("CA1", URL, "POST", [("Call", "1")])
    sender.send("CA2", URL, "POST", [("Call", "2")])
    await sender.drain(60)
    assert seen == ["Call=1", "Call=2", "Call=1"]


@virtual
async def test_a_receiver_that_does_not_want_it_is_not_asked_again() -> None:
    sender, seen = _sender([httpx.Response(404)])
    sender.send("CA1", URL, "POST", [])
    await sender.drain(60)
    assert (len(seen), sender.dropped) == (1, 1)


@virtual
async def test_a_receiver_that_stays_down_is_given_up() -> None:
    sender, seen = _sender([httpx.Response(500)] * 20)
    sender.send("CA1", URL, "POST", [])
    await sender.drain(sum(RETRY_SECONDS) + 10)
    assert (len(seen), sender.dropped) == (len(RETRY_SECONDS) + 1, 1)


@virtual
async def test_too_many_waiting_are_dropped_and_counted() -> None:
    sender, _ = _sender([])
    for number in range(MOST_WAITING + 5):
        sender.send(f"CA{number}", URL, "POST", [])
    assert (sender.waiting, sender.dropped) == (MOST_WAITING, 5)
    await sender.close()
    assert sender.waiting == 0
