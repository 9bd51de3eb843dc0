"""REGISTER after REGISTER: who is reachable, where, and for how long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.bindings import Binding, Bindings, Rules
from sip.fields import parse_address, split_list
from sip.locations import Locations, Repeats, key_of
from sip.message import Message
from sip.registration import read_registration
from sip.requests import Reply
from sip.uri import Uri, parse_uri

ALICE = Uri("sip", "alice", "example.com")
NOW = 1_900_000_000.0
PUBLIC = "198.51.100.7:40000"
INSTANCE = "urn:uuid:00000000-0000-1000-8000-000a95a0e128"


def register(*contacts: str, expires: str = "", cseq: int = 1, call_id: str = "one", via: str = "UDP", more: str = "") -> Message:
    fields = [("Via", f"SIP/2.0/{via} 10.0.0.5:5060;branch=z9hG4bK{cseq}"), ("Call-ID", call_id), ("CSeq", f"{cseq} REGISTER")]
    fields += [("m", contact) for contact in contacts]
    if expires:
        fields.append(("Expires", expires))
    fields += [(name, value) for name, _, value in (line.partition(": ") for line in more.splitlines())]
    return Message("REGISTER sip:example.com SIP/2.0", tuple(fields), "")


class World:
    """One user and a clock."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.changes: list[tuple[str, Bindings]] = []
        self.locations = Locations(rules or Rules())
        self.locations.changed = lambda user, bindings: self.changes.append((user, bindings))
        self.now = NOW
        self.cseq = 0

    def send(self, *contacts: str, source: str = PUBLIC, **more: str) -> Reply:
        """A REGISTER with the next CSeq."""
        self.cseq += 1
        return self.take(register(*contacts, cseq=self.cseq, **more), source)

    def take(self, message: Message, source: str = PUBLIC) -> Reply:
        transport = message.header("via").partition(" ")[0].rpartition("/")[2].lower() or "udp"
        asked = read_registration(message, source, transport)
        return asked if isinstance(asked, Reply) else self.locations.register(ALICE, asked, self.now)

    def found(self, name: str = "sip:alice@example.com") -> Bindings:
        uri = parse_uri(name)
        assert uri is not None
        return self.locations.find(uri, self.now)

    def targets(self, name: str = "sip:alice@example.com") -> list[str]:
        return [str(binding.contact.target) for binding in self.found(name)]


def contacts_of(reply: Reply) -> dict[str, int]:
    """Seconds left by URI, as a 200 tells them."""
    assert reply.code == 200
    told = [parse_address(value) for name, value in reply.headers if name == "Contact"]
    return {each.uri: int(each.parameter("expires") or "-1") for each in told}


def test_a_phone_is_found_where_it_said_until_it_expires() -> None:
    world = World()
    assert contacts_of(world.send("<sip:alice@198.51.100.7:5060>", expires="1200")) == {"sip:alice@198.51.100.7:5060": 1200}
    world.now += 1199
    assert world.targets() == ["sip:alice@198.51.100.7:5060"]
    assert contacts_of(world.send()) == {"sip:alice@198.51.100.7:5060": 1}
    world.now += 1
    assert world.targets() == []
    assert contacts_of(world.send()) == {}


def test_the_interval_is_the_contacts_own_else_the_requests_else_ours() -> None:
    world = World()
    told = contacts_of(world.send("<sip:a@h>;expires=700, <sip:b@h>", "sip:c@h;expires=900", expires="800"))
    assert told == {"sip:a@h": 700, "sip:b@h": 800, "sip:c@h": 900}
    assert contacts_of(world.send("<sip:a@h>;expires=soon"))["sip:a@h"] == 3600


def test_a_long_interval_is_cut_and_a_short_one_refused() -> None:
    world = World()
    assert contacts_of(world.send("<sip:a@h>", expires="86400")) == {"sip:a@h": 3600}
    refused = world.send("<sip:b@h>", expires="599")
    assert refused == Reply(423, (("Min-Expires", "600"),))
    assert world.targets() == ["sip:a@h"]
    assert World(Rules(7200, 9000)).send("<sip:a@h>", expires="3600").code == 200


def test_a_huge_number_is_a_long_interval() -> None:
    assert contacts_of(World().send("<sip:a@h>;expires=4294967295")) == {"sip:a@h": 3600}


def test_zero_removes_one_and_a_star_all() -> None:
    world = World()
    world.send("<sip:a@h>, <sip:b@h>, <sip:c@h>")
    assert set(contacts_of(world.send("<sip:a@h>;expires=0"))) == {"sip:b@h", "sip:c@h"}
    assert contacts_of(world.send("*", expires="0")) == {}
    assert world.changes[-1] == ("alice@example.com", ())


@pytest.mark.parametrize(("contacts", "expires"), [(("*",), ""), (("*",), "60"), (("*", "<sip:a@h>"), "0")])
def test_a_star_stands_alone_and_with_zero(contacts: tuple[str, ...], expires: str) -> None:
    world = World()
    world.send("<sip:a@h>")
    assert world.send(*contacts, expires=expires).code == 400
    assert world.targets() == ["sip:a@h"]


def test_ten_phones_and_no_more() -> None:
    world = World()
    for number in range(10):
        assert world.send(f"<sip:{number}@h>").code == 200
    assert world.send("<sip:10@h>").code == 403
    assert world.send("<sip:9@h>").code == 200
    assert world.send("<sip:0@h>;expires=0, <sip:10@h>").code == 200
    assert len(world.found()) == 10


def test_all_wishes_are_granted_or_none() -> None:
    world = World()
    world.send("<sip:a@h>")
    assert world.send("<sip:a@h>;expires=0, <sip:b@h>;expires=5").code == 423
    assert world.targets() == ["sip:a@h"]


def test_a_request_that_was_overtaken_changes_nothing() -> None:
    world = World()
    assert world.take(register("<sip:a@h>", cseq=5)).code == 200
    assert world.take(register("<sip:a@h>;expires=0", cseq=4)).code == 500
    assert world.take(register("*", cseq=5, expires="0")).code == 500
    assert world.targets() == ["sip:a@h"]
    assert world.take(register("<sip:a@h>;expires=0", cseq=1, call_id="after a restart")).code == 200
    assert world.targets() == []


@pytest.mark.parametrize(
    ("contact", "source", "via", "target"),
    [
        ("sip:a@10.0.0.5:5060", PUBLIC, "UDP", "sip:a@198.51.100.7:40000"),
        ("sip:a@10.0.0.5:5060;transport=tcp", PUBLIC, "TCP", "sip:a@198.51.100.7:40000;transport=tcp"),
        ("sip:a@10.0.0.5", PUBLIC, "TLS", "sip:a@198.51.100.7:40000;transport=tls"),
        ("sip:a@100.64.1.2:5060", PUBLIC, "UDP", "sip:a@198.51.100.7:40000"),
        ("sip:a@[fd00::1]:5060", "[2001:470::5]:40000", "UDP", "sip:a@[2001:470::5]:40000"),
        ("sip:a@10.0.0.5:5060", "10.0.0.5:40000", "UDP", "sip:a@10.0.0.5:5060"),
        ("sip:a@8.8.8.8:5060", PUBLIC, "UDP", "sip:a@8.8.8.8:5060"),
        ("sip:a@phone.example.com", PUBLIC, "UDP", "sip:a@phone.example.com"),
        ("sip:a@x7k.invalid;transport=ws", PUBLIC, "WSS", "sip:a@198.51.100.7:40000;transport=wss"),
    ],
)
def test_a_hidden_phone_is_reached_where_its_packets_come_from(contact: str, source: str, via: str, target: str) -> None:
    world = World()
    reply = world.send(f"<{contact}>", source=source, via=via)
    assert world.targets() == [target]
    assert list(contacts_of(reply)) == [contact]
    assert world.found()[0].hidden is (contact != target)


def test_a_phone_behind_a_proxy_is_reached_through_it() -> None:
    world = World()
    path = "Path: <sip:near@proxy;lr>, <sip:far@proxy;lr>\nSupported: path"
    reply = world.send("<sip:a@10.0.0.5>", more=path)
    assert world.found()[0].path == ("sip:near@proxy;lr", "sip:far@proxy;lr")
    assert world.targets() == ["sip:a@10.0.0.5"]
    assert [value for name, value in reply.headers if name == "Path"] == ["<sip:near@proxy;lr>", "<sip:far@proxy;lr>"]


def test_a_proxy_without_path_is_not_taken_for_the_phone() -> None:
    world = World()
    world.send("<sip:a@10.0.0.5>", more="Via: SIP/2.0/UDP 10.0.0.5;branch=z9hG4bKphone")
    assert world.targets() == ["sip:a@10.0.0.5"]


def test_a_flow_takes_the_place_of_the_one_before() -> None:
    world = World()
    flow = f'+sip.instance="<{INSTANCE}>";reg-id=1'
    world.send(f"<sip:a@10.0.0.5:1000;transport=tcp>;{flow}", via="TCP", source="198.51.100.7:1111")
    reply = world.send(f"<sip:a@10.0.0.5:2000;transport=tcp>;{flow}", via="TCP", source="198.51.100.7:2222")
    assert world.targets() == ["sip:a@198.51.100.7:2222;transport=tcp"]
    assert ("Require", "outbound") in reply.headers
    world.send(f"<sip:a@10.0.0.5:3000>;{flow.replace('=1', '=2')}")
    assert len(world.found()) == 2


def test_a_flow_needs_a_first_hop_that_keeps_it() -> None:
    second = "Via: SIP/2.0/UDP 10.0.0.5;branch=z9hG4bKphone"
    contact = f'<sip:a@10.0.0.5>;+sip.instance="<{INSTANCE}>";reg-id=1'
    assert World().send(contact, more=second).code == 439
    assert World().send(contact, more=f"{second}\nPath: <sip:edge;lr>").code == 439
    assert World().send(contact, more=f"{second}\nPath: <sip:edge;lr;ob>").code == 200


def test_two_flows_in_one_request_are_one_too_many() -> None:
    contact = f'<sip:a@h{{}}>;+sip.instance="<{INSTANCE}>";reg-id={{}}'
    assert World().send(contact.format(1, 1), contact.format(2, 2)).code == 400


def test_each_phone_has_a_name_of_its_own() -> None:
    world = World()
    contact = f'<sip:a@198.51.100.7>;+sip.instance="<{INSTANCE}>"'
    assert "pub-gruu" not in world.send(contact).headers[0][1]
    reply = world.send(contact, "<sip:b@198.51.100.7>", more="Supported: gruu")
    told = parse_address(reply.headers[0][1])
    assert told.parameter("pub-gruu") == f"sip:alice@example.com;gr={INSTANCE}"
    assert told.parameter("+sip.instance") == f"<{INSTANCE}>"
    assert world.targets(told.parameter("pub-gruu") or "") == ["sip:a@198.51.100.7"]
    assert world.targets("sip:alice@example.com;gr=urn:uuid:other") == []
    assert len(world.targets()) == 2


def test_the_preferred_phones_come_first() -> None:
    world = World()
    world.send("<sip:a@h>;q=0.2", "<sip:b@h>;q=0.9", "<sip:c@h>", "<sip:d@h>;q=7")
    assert world.targets() == ["sip:c@h", "sip:d@h", "sip:b@h", "sip:a@h"]


def test_a_query_changes_nothing() -> None:
    world = World()
    world.send("<sip:a@h>")
    assert list(contacts_of(world.send(call_id="another"))) == ["sip:a@h"]
    assert len(world.changes) == 1


@pytest.mark.parametrize(
    "contacts",
    [("<tel:+1555>",), ("<sip:a@h>", "nonsense"), ("<sip:a@h?X=y>",), ("<sip:a@h;maddr=1.2.3.4>",), ("<sip:a@h>",) * 33],
)
def test_contacts_that_cannot_be_called_are_refused(contacts: tuple[str, ...]) -> None:
    assert World().send(*contacts).code == 400


def test_bad_paths_are_refused() -> None:
    assert World().send("<sip:a@h>", more="Path: <nonsense>").code == 400
    assert World().send("<sip:a@h>", more="Path: " + ", ".join(["<sip:p;lr>"] * 6)).code == 400


def test_nothing_that_expired_outlives_a_restart() -> None:
    before = World()
    before.send("<sip:a@h>", expires="700")
    before.send("<sip:b@h>", expires="900")
    after = World()
    after.now += 800
    after.locations.restore(dict(before.locations), after.now)
    assert after.targets() == ["sip:b@h"]


def test_sweeping_tells_what_has_gone() -> None:
    world = World()
    world.send("<sip:a@h>", expires="700")
    world.locations.sweep(world.now)
    assert len(world.changes) == 1
    world.locations.sweep(world.now + 700)
    assert world.changes[-1] == (key_of(ALICE), ())
    assert len(world.locations) == 0


def test_a_user_can_be_forgotten() -> None:
    world = World()
    world.send("<sip:a@h>")
    world.locations.forget(key_of(ALICE))
    world.locations.forget(key_of(ALICE))
    assert world.targets() == []
    assert world.changes[1:] == [(key_of(ALICE), ())]


def test_a_repeated_request_gets_the_same_answer_for_half_a_minute() -> None:
    repeats, message, reply = Repeats(most=2), register("<sip:a@h>"), Reply(200)
    assert repeats.find(message, PUBLIC, NOW) is None
    repeats.keep(message, PUBLIC, reply, NOW)
    assert repeats.find(message, PUBLIC, NOW + 31) is reply
    assert repeats.find(message, "198.51.100.8:1", NOW) is None
    assert repeats.find(register("<sip:b@h>"), PUBLIC, NOW) is None
    assert repeats.find(message, PUBLIC, NOW + 32) is None
    for number in range(5):
        repeats.keep(register(f"<sip:{number}@h>"), PUBLIC, reply, NOW + 40)
    assert [repeats.find(register(f"<sip:{number}@h>"), PUBLIC, NOW + 40) is not None for number in range(5)] == [False] * 3 + [
        True
    ] * 2


_CONTACTS = st.builds(
    lambda host, expires, flow: f"<sip:a@{host}>{expires}{flow}",
    st.sampled_from(["h1", "h2", "h3", "10.0.0.5:5060", "h4;x=1"]),
    st.sampled_from(["", ";expires=0", ";expires=600", ";expires=5", ";expires=99999", ";expires=x"]),
    st.sampled_from(["", f';+sip.instance="<{INSTANCE}>";reg-id=1', f';+sip.instance="<{INSTANCE}>"']),
)


@given(st.lists(st.tuples(st.lists(_CONTACTS | st.just("*"), max_size=4), st.integers(0, 500), st.integers(1, 9)), max_size=30))
def test_no_history_leaves_more_than_is_allowed(history: list[tuple[list[str], int, int]]) -> None:
    """At most three contacts, none twice, none beyond its time; every change was told."""
    world = World(Rules(most=3))
    known: dict[str, Bindings] = {}
    for contacts, seconds, cseq in history:
        world.now += seconds
        before = world.found()
        reply = world.take(register(*contacts, cseq=cseq, expires="0" if contacts == ["*"] else ""))
        after = world.found()
        known |= dict(world.changes)
        assert len(after) <= 3
        assert all(world.now < each.expires_at <= world.now + 3600 for each in after)
        assert _distinct(after)
        if reply.code == 200:
            assert len(contacts_of(reply)) == len(after)
        else:
            assert after == before
        assert tuple(each for each in known.get("alice@example.com", ()) if each.expires_at > world.now) == tuple(
            sorted(after, key=known.get("alice@example.com", ()).index)
        )


def _distinct(bindings: tuple[Binding, ...]) -> bool:
    pairs = [(one, other) for one in bindings for other in bindings if one is not other]
    return not any(
        one.contact.uri.matches(other.contact.uri) and not (one.contact.flow and other.contact.flow) for one, other in pairs
    )


@given(
    st.lists(
        st.tuples(st.sampled_from(["Contact", "m", "Path", "Expires", "CSeq", "Via", "Supported"]), st.text(max_size=60)),
        max_size=8,
    )
)
def test_any_fields_are_read_or_refused(fields: list[tuple[str, str]]) -> None:
    message = Message("REGISTER sip:example.com SIP/2.0", (("Call-ID", "x"), *fields), "")
    reply = World().take(message)
    assert reply.code in (200, 400, 403, 423, 439, 500)
    for _, value in reply.headers:
        assert value.isprintable()
    assert all(split_list(value) for name, value in reply.headers if name == "Contact")
