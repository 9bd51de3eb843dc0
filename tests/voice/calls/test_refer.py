"""Refer: whole calls with a fake phone that is referred (spec section 2.12)."""

from __future__ import annotations

from pathlib import Path

import pytest

from sip.fake import FakeCall, accepts, refuses_referral
from tests.voice.exchange import Customer, World, virtual

CAROL = "<Refer action='/done'><Sip>sip:carol@example.com?X-Note=7</Sip></Refer>"


@virtual
async def test_a_referred_phone_reports_to_the_action(tmp_path: Path) -> None:
    customer = Customer({"/voice": CAROL, "/done": "<Say>Bye.</Say>"})
    async with World(tmp_path, customer) as world:
        call = world.call()
        call.referral.behaviour = accepts(100, 486)
        await world.ended(call)
        done = customer.visited("/done")[0]
        assert call.referral.asked == ["sip:carol@example.com?X-Note=7"]
        assert (done["ReferCallStatus"], done["ReferSipResponseCode"], done["NotifySipResponseCode"]) == ("busy", "202", "486")
        assert done["CallStatus"] == "in-progress"


@virtual
async def test_a_phone_that_refuses(tmp_path: Path) -> None:
    customer = Customer({"/voice": CAROL, "/done": "<Hangup/>"})
    async with World(tmp_path, customer) as world:
        call = world.call()
        call.referral.behaviour = refuses_referral(405)
        await world.ended(call)
        done = customer.visited("/done")[0]
        assert (done["ReferCallStatus"], done["ReferSipResponseCode"]) == ("failed", "405")
        assert "NotifySipResponseCode" not in done


@virtual
async def test_a_phone_that_hangs_up_while_the_new_call_rings(tmp_path: Path) -> None:
    customer = Customer({"/voice": CAROL})
    async with World(tmp_path, customer) as world:
        call = world.call()
        call.referral.behaviour = accepts(100, 180)
        await world.until(lambda: bool(call.referral.asked))
        call.later(3.0, call.hang_up)
        await world.ended(call)
        done = customer.visited("/done")[0]
        assert (done["ReferCallStatus"], done["NotifySipResponseCode"]) == ("canceled", "180")
        assert done["CallStatus"] == "completed"


@virtual
async def test_a_phone_that_says_nothing_at_all(tmp_path: Path) -> None:
    customer = Customer({"/voice": CAROL, "/done": "<Hangup/>"})
    async with World(tmp_path, customer) as world:
        call = world.call()
        call.referral.behaviour = lambda referral: None
        await world.ended(call)
        assert not {"ReferCallStatus", "ReferSipResponseCode", "NotifySipResponseCode"} & set(customer.visited("/done")[0])


@pytest.mark.parametrize("uri", ["sip:a b@c", "sip:a@b:99999", "sip:"])
@virtual
async def test_a_target_that_is_no_sip_uri(tmp_path: Path, uri: str) -> None:
    customer = Customer({"/voice": f"<Refer><Sip>{uri}</Sip></Refer><Pause/>"})
    async with World(tmp_path, customer) as world:
        call: FakeCall = world.call()
        await world.ended(call)
        assert call.referral.asked == []
        assert 13243 in world.reports()


@virtual
async def test_a_phone_that_refers_us_in_vain(tmp_path: Path) -> None:
    """13802: REFER received, no referUrl; the call stays as it is (section 6.4)."""
    customer = Customer({"/voice": "<Say>Wait.</Say><Pause length='5'/>"})
    async with World(tmp_path, customer) as world:
        call = world.call()
        await world.until(lambda: call.answered)
        call.referral.ask("<sip:carol@example.com>")
        await world.until(lambda: call.referral.code != 0)
        assert call.referral.code == 603
        await world.ended(call)
        assert world.reports() == [13802]
