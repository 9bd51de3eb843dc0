import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.uri import parse_uri, split_source


@pytest.mark.parametrize(
    "text",
    [
        "sip:alice@example.com",
        "sip:example.com",
        "sips:al%20ice:secret@10.0.0.5:5061;transport=tls;lr?X-A=b",
        "sip:alice@[2001:db8::1]:5060;ob",
        "sip:+1555;phone-context=x@example.com",
    ],
)
def test_a_uri_is_written_as_it_was_read(text: str) -> None:
    assert str(parse_uri(text)) == text


@pytest.mark.parametrize(
    "text", ["", "alice", "tel:+1555", "sip:", "sip:a b@c", "sip:a@b:99999", "sip:a@b>c", "sip:a@b\n", f"sip:{'a' * 600}@b"]
)
def test_other_text_is_no_uri(text: str) -> None:
    assert parse_uri(text) is None


@given(st.text(max_size=50) | st.text('sip:@;?=[]<>"% 5', max_size=50).map(lambda tail: f"sip:{tail}"))
def test_any_text_is_read_or_refused(text: str) -> None:
    found = parse_uri(text)
    assert found is None or parse_uri(str(found)) == found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp", True),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", True),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5", True),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", False),
        ("SIP:ALICE@atlanta.com", "sip:alice@atlanta.com", False),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", False),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", False),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", False),
        ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", False),
        ("sip:carol@chicago.com", "sips:carol@chicago.com", False),
    ],
)
def test_uris_match_as_rfc_3261_says(one: str, other: str, same: bool) -> None:
    first, second = parse_uri(one), parse_uri(other)
    assert first is not None
    assert second is not None
    assert first.matches(second) is second.matches(first) is same


@pytest.mark.parametrize(
    ("source", "parts"),
    [("192.0.2.1:5060", ("192.0.2.1", 5060)), ("[2001:db8::1]:5060", ("2001:db8::1", 5060)), ("nobody", ("nobody", 0))],
)
def test_a_source_has_an_address_and_a_port(source: str, parts: tuple[str, int]) -> None:
    assert split_source(source) == parts
