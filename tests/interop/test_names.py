"""Names that lead somewhere only by NAPTR and SRV: of addresses that are dialled, of trunks over TLS, and of registrars."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme

from tests.interop import baresip
from tests.interop.kamailio import REALM, running_carrier
from tests.interop.switch import running_switch
from tests.interop.test_encryption import Carrier
from tests.interop.test_trunks import metric_is, telephone, trunk
from tests.nameserver import nameserver
from tests.ports import free_port
from tests.sip.far import Policy, hears
from tests.sip.natives import needs_natives
from tests.webhook import Webhook

NUMBER = "+15550100"
HERE = {("here.test", "A"): ("127.0.0.1",)}


async def test_an_address_that_is_dialled_is_found_by_its_services(tmp_path: Path, webhook: Webhook) -> None:
    """The server that is to be tried first says nothing; the second one is that of the telephone."""
    webhook.answers["/voice"] = "<Dial timeout='20'><Sip>sip:bob@home.test;secret=no</Sip></Dial>"
    port, nobody = free_port(), free_port()
    naptr = ('10 1 "s" "SIP+D2U" "" _sip._udp.home.test.',)
    service = (f"10 1 {nobody} here.test.", f"20 1 {port} here.test.")
    async with (
        nameserver({**HERE, ("home.test", "NAPTR"): naptr, ("_sip._udp.home.test", "SRV"): service}) as (_, address),
        running_switch(tmp_path, {NUMBER: webhook.url("/voice")}, sip=f'nameservers = ["{address}"]') as switch,
        telephone(switch.address, port) as phone,
    ):
        phone.target("bob", Policy("answer", tone=1200))
        calling = phone.dial(NUMBER)
        called = await phone.called("bob")
        await hears(calling, 1200)
        names = [name.lower() for name, _ in called.headers]
        assert "route" not in names
        assert any(name.lower() == "to" and "@home.test" in value for name, value in called.headers)
        called.hang_up()
        await calling.ended()


@needs_natives
@pytest.mark.parametrize("proves", ["carrier.test", "here.test"])
async def test_a_trunk_over_tls_is_found_by_its_services_and_proves_its_own_name(
    tmp_path: Path, webhook: Webhook, proves: str
) -> None:
    webhook.answers["/voice"] = "<Dial action='/next'>+15550199</Dial>"
    webhook.answers["/next"] = "<Hangup/>"
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "carriers.pem")
    async with Carrier(authority.issue_cert(proves)).running() as carrier:
        zone = {**HERE, ("_sips._tcp.carrier.test", "SRV"): (f"1 1 {carrier.port} here.test.",)}
        async with nameserver(zone) as (_, address):
            sip = f'tls_ca = "{tmp_path}/carriers.pem"\nnameservers = ["{address}"]'
            tables = '[[trunk]]\nname = "carrier"\nuri = "sips:carrier.test"'
            async with running_switch(tmp_path, {NUMBER: webhook.url("/voice")}, tables, sip=sip) as switch:
                await baresip.call(f"sip:{NUMBER}@{switch.address}", tmp_path / "baresip", 3)
                action = (await webhook.wait_for("/next")).form
    assert action["DialCallStatus"] == ("busy" if proves == "carrier.test" else "failed")
    assert bool(carrier.invited) is (proves == "carrier.test")
    assert not any("Route:" in invite for invite in carrier.invited)


async def test_a_registrar_is_found_by_its_services_and_the_next_one_is_asked(tmp_path: Path, webhook: Webhook) -> None:
    port, nobody = free_port(), free_port()
    async with running_carrier(tmp_path, port) as carrier:
        service = (f"10 1 {nobody} here.test.", f"20 1 {carrier.port} here.test.")
        async with nameserver({**HERE, ("_sip._tcp.registrar.test", "SRV"): service}) as (_, address):
            more = f'register = true\nregistrar = "sip:registrar.test;transport=tcp"\nfrom_domain = "{REALM}"'
            sip = f'nameservers = ["{address}"]'
            tables = trunk(carrier.uri, more)
            async with running_switch(tmp_path, {NUMBER: webhook.url("/voice")}, tables, sip=sip) as switch:
                await metric_is(switch, 'strowger_trunk_registered{trunk="carrier"}', 1)
