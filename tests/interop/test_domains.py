"""Domains that the official SDK makes over HTTP, and real phones that register and call there at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tests.interop import baresip
from tests.interop.switch import SID, TOKEN, RunningSwitch
from tests.ports import free_port
from tests.sip.far import PhoneProcess, hears
from tests.webhook import Webhook

NAME = "office.sip.twilio.com"
PASSWORDS = {"alice": "Correct-horse-1", "bob": "Another-horse-2"}
CONTACTS = "strowger_contacts_registered"


def sdk(switch: RunningSwitch) -> Client:
    """A client that asks the switch instead of Twilio."""
    http = TwilioHttpClient(pool_connections=False)
    http.session = None
    client = Client(SID, TOKEN, http_client=http)
    client.api.base_url = f"http://127.0.0.1:{switch.http_port}"
    return client


def make_domain(client: Client, voice_url: str) -> tuple[str, str]:
    """A domain in which the users of a new list may register and call; the SIDs of both."""
    users = client.sip.credential_lists.create(friendly_name="Staff")
    for username, password in PASSWORDS.items():
        client.sip.credential_lists(users.sid).credentials.create(username=username, password=password)
    domain = client.sip.domains.create(domain_name=NAME, voice_url=voice_url, sip_registration=True)
    auth = client.sip.domains(domain.sid).auth
    auth.calls.credential_list_mappings.create(credential_list_sid=users.sid)
    auth.registrations.credential_list_mappings.create(credential_list_sid=users.sid)
    offices = client.sip.ip_access_control_lists.create(friendly_name="Here")
    client.sip.ip_access_control_lists(offices.sid).ip_addresses.create(friendly_name="Loopback", ip_address="127.0.0.1")
    client.sip.domains(domain.sid).ip_access_control_list_mappings.create(ip_access_control_list_sid=offices.sid)
    return domain.sid, users.sid


def tell(client: Client, domain_sid: str, users_sid: str) -> tuple[object, ...]:
    """What the SDK reads of them."""
    domain = client.sip.domains(domain_sid).fetch()
    auth = client.sip.domains(domain_sid).auth
    lists = [auth.calls.credential_list_mappings, auth.registrations.credential_list_mappings]
    mapped = [[(each.sid, each.friendly_name) for each in mappings.list()] for mappings in lists]
    names = {each.username for each in client.sip.credential_lists(users_sid).credentials.stream(page_size=1)}
    return domain.domain_name, domain.auth_type, domain.sip_registration, mapped, names


def delete_mapped(client: Client, users_sid: str) -> None:
    """Try to."""
    client.sip.credential_lists(users_sid).delete()


async def test_phones_register_and_call_in_a_domain_that_the_sdk_has_made(
    switch: RunningSwitch, webhook: Webhook, tmp_path: Path
) -> None:
    client = sdk(switch)
    domain_sid, users_sid = await asyncio.to_thread(make_domain, client, webhook.url("/domain"))
    mapped = [(users_sid, "Staff")]
    told = await asyncio.to_thread(tell, client, domain_sid, users_sid)
    assert told == (NAME, "IP_ACL,CREDENTIAL_LIST", True, [mapped, mapped], set(PASSWORDS))
    with pytest.raises(TwilioRestException) as refused:
        await asyncio.to_thread(delete_mapped, client, users_sid)
    assert refused.value.code == 21241
    webhook.answers["/domain"] = f"<Dial><Sip>sip:bob@{NAME}</Sip></Dial>"
    tone = 8000 * np.sin(2 * np.pi * 900 * np.arange(8000 * 30) / 8000)
    account, proxy = f"bob:{PASSWORDS['bob']}@{NAME}", f"sip:{switch.address}"
    phone = PhoneProcess(switch.address, free_port(), lambda user: "")
    await phone.start()
    try:
        async with baresip.registered(tmp_path / "baresip", account, proxy, tone.astype(np.int16), 40):
            assert await phone.register("alice", PASSWORDS["alice"], NAME) == 200
            async with asyncio.timeout(15):
                while await switch.metric(CONTACTS) != 2:
                    await asyncio.sleep(0.1)
            call = phone.dial_as("alice", f"sip:desk@{NAME}")
            await hears(call, 900)
            call.hang_up()
            await call.ended()
            form = (await webhook.wait_for("/domain")).form
            assert (form["SipDomain"], form["SipDomainSid"], form["SipAuthUsername"]) == (NAME, domain_sid, "alice")
            await asyncio.to_thread(client.sip.domains(domain_sid).delete)
            assert await switch.metric(CONTACTS) == 0
            assert await phone.dial_as("alice", f"sip:desk@{NAME}").ended() == 404
    finally:
        await phone.stop()
