"""The unmodified SDK with its own HTTP client, over a real connection to the real server."""

from __future__ import annotations

import asyncio
from pathlib import Path

from twilio.rest import Client

from tests.serving import serving
from tests.voice.exchange import ACCOUNT, HOST, Customer, World
from tests.voice.sdk import Elsewhere
from voice.settings import AvailableNumber, Trunk


def administer(main: Client, port: int) -> list[str]:
    """What an operator does who sets up a tenant; returns the numbers that it has in the end."""
    tenant = main.api.v2010.accounts.create(friendly_name="Tenant & Sons")
    key = main.api.v2010.accounts(tenant.sid).new_keys.create(friendly_name="app")
    own = Client(key.sid, key.secret, tenant.sid, http_client=Elsewhere(port))
    application = own.applications.create(friendly_name="Menü", voice_url=f"{HOST}/voice")
    offered = own.available_phone_numbers("US").local.list(area_code="415", limit=5)
    for each in offered:
        own.incoming_phone_numbers.create(phone_number=each.phone_number, voice_application_sid=application.sid)
    for number in own.incoming_phone_numbers.stream(page_size=2):
        number.update(friendly_name=f"{number.friendly_name} ☎")
    own.incoming_phone_numbers.list(phone_number="+14155550104")[0].delete()
    own.validation_requests.create(phone_number="+14155550199", call_delay=60)
    assert own.tokens.create().username
    assert own.balance.fetch().currency == "USD"
    assert len(own.usage.records.daily.list(limit=20, page_size=7)) == 20
    assert own.applications.get(application.sid).fetch().friendly_name == "Menü"
    names = [each.friendly_name for each in own.incoming_phone_numbers.list()]
    assert all(name.endswith("☎") for name in names)
    main.api.v2010.accounts(tenant.sid).update(status="closed")
    own.http_client.close()
    return names


async def test_a_tenant_is_set_up_by_the_sdk(tmp_path: Path) -> None:
    pool = (AvailableNumber(phone_number="+14155550100", count=50),)
    trunk = (Trunk(name="carrier", uri="sip:carrier"),)
    async with World(tmp_path, Customer(), available_number=pool, trunk=trunk) as world, serving(world.app()) as port:
        main = Client(ACCOUNT.sid, ACCOUNT.auth_token, http_client=Elsewhere(port))
        names = await asyncio.to_thread(administer, main, port)
        main.http_client.close()
    assert len(names) == 4
