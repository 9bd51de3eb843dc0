import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.routing.address import caller_name, normalise_number, parse_uri


@pytest.mark.parametrize(
    ("text", "short", "target"),
    [
        ("sip:alice@example.com", "sip:alice@example.com", "sip:alice@example.com"),
        ("alice@example.com", "sip:alice@example.com", "sip:alice@example.com"),
        ("sip:+15550100@10.0.0.1:5070;transport=tcp", "sip:+15550100@10.0.0.1", "sip:+15550100@10.0.0.1:5070;transport=tcp"),
        ("sips:bob@example.com", "sip:bob@example.com", "sip:bob@example.com;transport=tls"),
        ("sip:[::1]:5060", "sip:[::1]", "sip:[::1]:5060"),
        ("sip:a@b?x-one=1&x-two=2", "sip:a@b", "sip:a@b"),
    ],
)
def test_sip_uris_are_read(text: str, short: str, target: str) -> None:
    uri = parse_uri(text)
    assert uri is not None
    assert (uri.short, uri.target) == (short, target)


@pytest.mark.parametrize(
    "text", ["", "sip:", "sip:a b@c", "sip:a@c:0", "sip:a@c:70000", "http://example.com/", 'sip:"x"@c', "sip:a@b\r\nVia: x"]
)
def test_what_is_no_uri_is_refused(text: str) -> None:
    assert parse_uri(text) is None


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    uri = parse_uri(text)
    assert uri is None or "\n" not in uri.target


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+15550100", "+15550100"),
        ("15550100", "+15550100"),
        ("(415) 555-0100", "+14155550100"),
        ("+44 20 7946 0018", "+442079460018"),
        ("alice", None),
        ("+1", None),
        ("+1234567890123456", None),
    ],
)
def test_numbers_become_e164(text: str, number: str | None) -> None:
    assert normalise_number(text) == number


def test_a_caller_is_a_number_only_with_a_plus() -> None:
    assert caller_name("sip:+15550100@carrier.example") == "+15550100"
    assert caller_name("sip:101@pbx.example") == "sip:101@pbx.example"
    assert caller_name("sip:alice@pbx.example;transport=tcp") == "sip:alice@pbx.example"
