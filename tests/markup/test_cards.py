"""Section 2.15: which card a number is of, and what can be told of a card or an account without asking a bank."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markup.cards import (
    SCHEMES,
    is_account_number,
    is_card_number,
    is_complete,
    is_routing_number,
    is_unexpired,
    mask_account,
    mask_card,
    passes_luhn,
    scheme_of,
)

NUMBERS = {
    "4111111111111111": "visa",
    "4222222222222": "visa",
    "4000000000000000006": "visa",
    "5555555555554444": "mastercard",
    "2221000000000009": "mastercard",
    "2720990000000007": "mastercard",
    "378282246310005": "amex",
    "341111111111111": "amex",
    "6011111111111117": "discover",
    "6445644564456445": "discover",
    "6500000000000002": "discover",
    "3530111333300000": "jcb",
    "30569309025904": "diners-club",
    "38520000023237": "diners-club",
    "36227206271667": "diners-club",
    "6304000000000000": "maestro",
    "6759649826438453": "maestro",
    "5018000000000009": "maestro",
    "201400000000000": "enroute",
}
"""Numbers that the schemes and the processors publish for tests, and some made for a range's edge."""


@pytest.mark.parametrize(("number", "name"), NUMBERS.items())
def test_a_number_names_its_scheme(number: str, name: str) -> None:
    scheme = scheme_of(number)
    assert scheme is not None
    assert (scheme.name, is_card_number(number, scheme)) == (name, True)


@pytest.mark.parametrize("number", ["", "1", "9" * 16, "0000000000000000", "2721000000000000", "2220990000000000", "60"])
def test_numbers_of_nobody(number: str) -> None:
    scheme = scheme_of(number)
    assert scheme is None or not is_card_number(number, scheme)


def test_optima_is_told_only_where_amex_is_not_taken() -> None:
    number = "378282246310005"
    assert [scheme_of(number, accepted).name for accepted in (("amex", "optima"), ("optima",), ("visa",))] == [  # type: ignore[union-attr]
        "amex", "optima", "amex",
    ]  # fmt: skip


@given(st.sampled_from([number for number, name in NUMBERS.items() if name != "enroute"]), st.data())
def test_one_mistyped_digit_is_always_noticed(number: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(number) - 1))
    digit = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    assert passes_luhn(number)
    assert not passes_luhn(number[:place] + digit + number[place + 1 :])


@pytest.mark.parametrize(
    ("number", "complete"),
    [("37828224631000", False), ("378282246310005", True), ("4111111111111111", False), ("4" * 19, True), ("9" * 18, False)],
)
def test_no_more_keys_are_waited_for_than_a_card_can_have(number: str, complete: bool) -> None:
    """Visa has numbers of 13, 16 and 19 digits: 16 are not yet the end."""
    assert is_complete(number) is complete


@pytest.mark.parametrize(
    ("expiration", "valid"),
    [
        ("0630", True), ("0530", False), ("0730", True), ("1229", False), ("0031", False), ("1331", False), ("0131", True),
        ("063", False), ("06300", False), ("", False), ("0650", True), ("0750", False), ("0699", False), ("1200", False),
    ],
)  # fmt: skip
def test_a_card_is_good_to_the_end_of_its_month(expiration: str, valid: bool) -> None:
    assert is_unexpired(expiration, date(2030, 6, 30)) is valid


def test_a_year_after_the_turn_of_the_century() -> None:
    assert is_unexpired("0101", date(2099, 12, 31))
    assert not is_unexpired("1298", date(2099, 12, 31))


@pytest.mark.parametrize(
    ("number", "valid"),
    [("121181976", True), ("021000021", True), ("121181975", False), ("12118197", False), ("000000000", False)],
)
def test_a_routing_number_has_a_check_digit(number: str, valid: bool) -> None:
    assert is_routing_number(number) is valid


@pytest.mark.parametrize(("number", "valid"), [("123", False), ("1234", True), ("1" * 17, True), ("1" * 18, False)])
def test_an_account_number_has_a_possible_length(number: str, valid: bool) -> None:
    assert is_account_number(number) is valid


def test_what_a_webhook_sees_of_a_number() -> None:
    """The last four digits of a card, the last two of an account; nothing of one that is too short to hide anything."""
    assert mask_card("4111111111111111") == "xxxxxxxxxxxx1111"
    assert mask_account("508862392") == "*******92"
    assert (mask_card("12345678"), mask_account("1234")) == ("xxxxxxxx", "****")


@given(st.text("0123456789", max_size=20))
def test_no_digits_at_all_make_any_of_it_fail(number: str) -> None:
    is_complete(number)
    passes_luhn(number)
    is_unexpired(number, date(2030, 1, 1))
    is_routing_number(number)
    assert all(isinstance(is_card_number(number, scheme), bool) for scheme in SCHEMES)
    assert len(mask_card(number)) == len(number)
