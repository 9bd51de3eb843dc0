"""Names of carriers, asked of a real name server."""

from __future__ import annotations

import pytest

from sip.addresses import Version
from tests.nameserver import TTL, Zone, nameserver
from voice.trunks.resolver import LATEST, MOST_SERVERS, UNKNOWN_AGAIN, Place, Resolver

ADDRESSES: Zone = {
    ("one.test", "A"): ("192.0.2.1",),
    ("two.test", "A"): ("192.0.2.2", "192.0.2.3"),
    ("carrier.test", "A"): ("192.0.2.9",),
}
SERVICE = {("_sip._udp.carrier.test", "SRV"): ("20 5 5070 two.test.", "10 5 5060 one.test.")}
OVER_TCP = {("_sip._tcp.carrier.test", "SRV"): ("1 1 5080 one.test.",)}


async def lead(zone: Zone, uri: str = "sip:carrier.test", versions: tuple[Version, ...] = (4,)) -> tuple[list[Place], float]:
    async with nameserver({**ADDRESSES, **zone}) as (_, address):
        places, seconds = await Resolver([address], versions).places(uri)
        return list(places), seconds


async def test_srv_records_give_address_port_priority_and_share() -> None:
    places, seconds = await lead(SERVICE)
    assert sorted(places, key=lambda place: place.hop) == [
        Place("sip:192.0.2.1:5060;transport=udp", 20, 1.0),
        Place("sip:192.0.2.2:5070;transport=udp", 40, 0.5),
        Place("sip:192.0.2.3:5070;transport=udp", 40, 0.5),
    ]
    assert seconds == TTL


async def test_naptr_records_choose_the_transport() -> None:
    naptr = ('20 1 "s" "SIP+D2U" "" _sip._udp.carrier.test.', '10 1 "s" "SIP+D2T" "" _sip._tcp.carrier.test.')
    places, _ = await lead({**SERVICE, **OVER_TCP, ("carrier.test", "NAPTR"): naptr})
    assert places == [Place("sip:192.0.2.1:5080;transport=tcp", 2)]


async def test_the_transport_that_is_written_is_taken() -> None:
    places, _ = await lead({**SERVICE, **OVER_TCP}, "sip:carrier.test;transport=tcp")
    assert [place.hop for place in places] == ["sip:192.0.2.1:5080;transport=tcp"]


async def test_a_name_without_services_has_an_address() -> None:
    assert (await lead({}))[0] == [Place("sip:192.0.2.9:5060;transport=udp")]


async def test_a_port_that_is_written_asks_for_no_service() -> None:
    assert (await lead(SERVICE, "sip:carrier.test:5099"))[0] == [Place("sip:192.0.2.9:5099;transport=udp")]


@pytest.mark.parametrize("uri", ["sip:192.0.2.7", "sip:[2001:db8::1]:5060", "sips:192.0.2.7", "tel:+15550100"])
async def test_what_needs_no_answer_is_not_asked(uri: str) -> None:
    async with nameserver(SERVICE) as (server, address):
        assert await Resolver([address]).places(uri) == ((), LATEST)
        assert not server.asked


@pytest.mark.parametrize("uri", ["sips:carrier.test", "sip:carrier.test;transport=tls"])
async def test_servers_that_speak_tls_prove_the_name_that_was_asked_for(uri: str) -> None:
    (place,) = (await lead({("_sips._tcp.carrier.test", "SRV"): ("1 1 5071 one.test.",)}, uri))[0]
    assert place == Place("sip:192.0.2.1:5071;transport=tls", 2, 1.0, "carrier.test")
    assert place.route == "sip:carrier.test@192.0.2.1:5071;transport=tls;lr;hide"


async def test_naptr_records_name_the_servers_that_speak_tls() -> None:
    naptr = ('10 1 "s" "SIP+D2U" "" _sip._udp.carrier.test.', '20 1 "s" "SIPS+D2T" "" _sips._tcp.other.test.')
    zone = {("carrier.test", "NAPTR"): naptr, ("_sips._tcp.other.test", "SRV"): ("1 1 5071 one.test.",)}
    (place,) = (await lead(zone, "sips:carrier.test"))[0]
    assert place.route == "sip:carrier.test@192.0.2.1:5071;transport=tls;lr;hide"


async def test_a_name_without_services_speaks_tls_at_its_address() -> None:
    assert (await lead({}, "sips:carrier.test"))[0] == [Place("sip:192.0.2.9:5061;transport=tls", 0, 1.0, "carrier.test")]


async def test_ipv6_is_tried_after_ipv4_of_the_same_server() -> None:
    zone = {**SERVICE, ("one.test", "AAAA"): ("2001:db8::1",)}
    places, _ = await lead(zone, versions=(4, 6))
    assert [(place.hop, place.priority) for place in places if "8::1" in place.hop or "2.1:" in place.hop] == [
        ("sip:192.0.2.1:5060;transport=udp", 20),
        ("sip:[2001:db8::1]:5060;transport=udp", 21),
    ]


async def test_only_the_families_that_we_speak_are_asked_for() -> None:
    zone = {**ADDRESSES, ("carrier.test", "AAAA"): ("2001:db8::9",)}
    async with nameserver(zone) as (server, address):
        places, _ = await Resolver([address], (6,)).places("sip:carrier.test:5060")
        assert [place.hop for place in places] == ["sip:[2001:db8::9]:5060;transport=udp"]
        assert {kind for _, kind in server.asked} == {"AAAA"}


@pytest.mark.parametrize("uri", ["sips:localhost:5071", "sip:here.localhost:5071;transport=tls"])
async def test_of_this_machine_no_name_server_is_asked(uri: str) -> None:
    async with nameserver({}) as (server, address):
        places, _ = await Resolver([address], (4, 6)).places(uri)
        assert [place.hop for place in places] == ["sip:127.0.0.1:5071;transport=tls", "sip:[::1]:5071;transport=tls"]
        assert not server.asked


async def test_a_name_that_nobody_knows_is_asked_for_again_soon() -> None:
    assert await lead({}, "sip:nobody.invalid") == ([], UNKNOWN_AGAIN)


async def test_a_service_that_says_no_leads_nowhere_else_than_its_address() -> None:
    places, _ = await lead({("_sip._udp.carrier.test", "SRV"): ("0 0 0 .",)})
    assert [place.hop for place in places] == ["sip:192.0.2.9:5060;transport=udp"]


async def test_a_name_that_cannot_be_one_leads_nowhere() -> None:
    for host in ("a..b", "x" * 70 + ".test"):
        assert await lead({}, f"sip:{host}:5060") == ([], UNKNOWN_AGAIN)


async def test_a_flood_of_records_is_cut() -> None:
    records = tuple(f"{number} 1 5060 one.test." for number in range(40))
    places, _ = await lead({("_sip._udp.carrier.test", "SRV"): records})
    assert len(places) == MOST_SERVERS
