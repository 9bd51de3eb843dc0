"""Making SIP domains and lists by REST."""

from __future__ import annotations

from typing import Any

import httpx

from tests.voice.exchange import ACCOUNT, World
from voice.accounts.accounts import Account

PASSWORD = "Correct-horse-1"
OTHER = Account("AC" + "2" * 32, "other-secret", owner_sid=ACCOUNT.sid)
"""A subaccount."""


def client_of(world: World, account: Account = ACCOUNT) -> httpx.AsyncClient:
    """Who uses what is below ``/SIP`` of an account."""
    world.accounts.put(account)
    address = f"http://switch/2010-04-01/Accounts/{account.sid}/SIP"
    return httpx.AsyncClient(transport=httpx.ASGITransport(world.app()), base_url=address, auth=(account.sid, account.auth_token))


async def make(client: httpx.AsyncClient, path: str, **form: str) -> dict[str, Any]:
    """Make something."""
    answer = await client.post(f"{path}.json", data=form)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def refused(client: httpx.AsyncClient, path: str, **form: str) -> tuple[int, int]:
    """The status and the code of an attempt to make or change something."""
    answer = await client.post(f"{path}.json", data=form)
    return answer.status_code, answer.json().get("code", 0)


async def all_of(client: httpx.AsyncClient, path: str, key: str) -> list[dict[str, Any]]:
    """The records of a list."""
    answer = await client.get(f"{path}.json")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()[key]
    return found


async def make_users(client: httpx.AsyncClient, name: str = "Staff", **passwords: str) -> str:
    """A credential list; its SID."""
    sid: str = (await make(client, "/CredentialLists", FriendlyName=name))["sid"]
    for username, password in passwords.items():
        await make(client, f"/CredentialLists/{sid}/Credentials", Username=username, Password=password)
    return sid


async def make_networks(client: httpx.AsyncClient, *networks: str) -> str:
    """An IP list of ``address/prefix``; its SID."""
    sid: str = (await make(client, "/IpAccessControlLists", FriendlyName="Offices"))["sid"]
    for network in networks:
        address, _, prefix = network.partition("/")
        form = {"FriendlyName": network, "IpAddress": address, "CidrPrefixLength": prefix}
        await make(client, f"/IpAccessControlLists/{sid}/IpAddresses", **form)
    return sid


async def make_domain(client: httpx.AsyncClient, name: str, list_sid: str = "", **form: str) -> str:
    """A domain in which the users of a list may register and call; its SID."""
    sid: str = (await make(client, "/Domains", DomainName=name, **{"SipRegistration": "true", **form}))["sid"]
    if list_sid:
        for purpose in ("Calls", "Registrations"):
            await make(client, f"/Domains/{sid}/Auth/{purpose}/CredentialListMappings", CredentialListSid=list_sid)
    return sid
