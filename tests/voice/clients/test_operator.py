"""Who sits at the console calls whom it likes; nobody else does by saying so."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from tests.voice.clients.world import switch
from tests.voice.exchange import NUMBER, World, virtual
from tests.voice.pages import Page


def operator(world: World) -> Page:
    made = Page(world.exchange.reception, "console-admin")
    made.listen(world.exchange.tokens.issue("console-admin"), True)
    return made


@virtual
async def test_a_number_of_ours_is_answered_by_its_application(tmp_path: Path) -> None:
    async with switch(tmp_path, {"/voice": "<Say>Hello</Say>"}) as world:
        page = operator(world)
        assert [kind for kind, _ in page.said] == ["connected", "ready"]
        page.dial(f"To=%2B{NUMBER[1:]}")
        await world.until(lambda: bool(page.told("answer")))
        (form,) = world.customer.visited("/voice")
        assert (form["From"], form["To"], form["Direction"]) == ("client:console-admin", NUMBER, "inbound")
        assert "ApplicationSid" not in form


@virtual
async def test_an_address_is_rung_and_answered_when_it_answers(tmp_path: Path) -> None:
    async with switch(tmp_path, {}) as world:
        bob = world.fake.phone("sip:bob@carrier")
        page = operator(world)
        page.dial("To=sip%3Abob%40carrier")
        await world.until(lambda: bool(page.told("answer")))
        assert bob.calls[0].answered


@pytest.mark.parametrize("to", ["", "nonsense", "mailto:bob", "client:", "sip:" + "x" * 300])
def test_what_is_no_address_is_refused_with_a_reason(tmp_path: Path, to: str) -> None:
    @virtual
    async def dial() -> None:
        async with switch(tmp_path, {}) as world:
            page = operator(world)
            page.dial(f"To={to}")
            await world.until(lambda: bool(page.told("hangup")))
            assert page.last("hangup")["error"]["code"] == 31404

    dial()


@virtual
async def test_a_token_that_only_says_it_is_the_consoles_opens_nothing(tmp_path: Path) -> None:
    async with switch(tmp_path, {}) as world:
        head, claims, signature = world.exchange.tokens.issue("console-admin").split(".")
        changed = json.loads(base64.urlsafe_b64decode(claims + "=="))
        changed["grants"]["identity"] = "eve"
        forged = base64.urlsafe_b64encode(json.dumps(changed).encode()).rstrip(b"=").decode()
        page = Page(world.exchange.reception, "eve")
        page.listen(f"{head}.{forged}.{signature}", False)
        assert [kind for kind, _ in page.said] == ["error", "close"]
