"""A number is verified over the network: the switch calls it, and whoever answers keys in the code (RFC 4733)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from twilio.rest import Client

from tests.interop.switch import SID, TOKEN, running_switch
from tests.voice.sdk import Elsewhere
from tests.webhook import Webhook

OWN = "+15550101"


async def test_a_number_is_verified_by_the_keys_of_whoever_answers_it(webhook: Webhook, tmp_path: Path) -> None:
    webhook.answers["/verified"] = ""
    async with running_switch(tmp_path, {"+15550100": webhook.url("/voice"), OWN: webhook.url("/owner")}) as switch:
        client = Client(SID, TOKEN, http_client=Elsewhere(switch.http_port))

        def ask() -> Any:
            return client.validation_requests.create(phone_number=OWN, call_delay=1, status_callback=webhook.url("/verified"))

        request = await asyncio.to_thread(ask)
        webhook.answers["/owner"] = f"<Say>Hello.</Say><Play digits='{request.validation_code}'/><Pause length='30'/>"
        await webhook.wait_for("/verified", 1)
        (found,) = await asyncio.to_thread(client.outgoing_caller_ids.list)
        await switch.wait_until_idle()
        client.http_client.close()
    told = webhook.visited("/verified")[0].form
    assert (told["VerificationStatus"], told["OutgoingCallerIdSid"]) == ("success", found.sid)
    assert (found.phone_number, told["CallSid"]) == (OWN, request.call_sid)
