from hypothesis import given
from hypothesis import strategies as st

from sip.fields import parse_address, parse_parameters, quote, split_list, unquote


def test_a_list_is_split_at_its_commas_alone() -> None:
    value = r'"Smith, \"J\", jr." <sip:a@b;x=1,2>;q=0.5, <sip:c@d> , sip:e@f;tag=1,, *'
    assert split_list(value) == [r'"Smith, \"J\", jr." <sip:a@b;x=1,2>;q=0.5', "<sip:c@d>", "sip:e@f;tag=1", "*"]


def test_an_address_has_its_parameters() -> None:
    found = parse_address('"Al \\"Ace\\"" <sip:a@b;transport=tcp>;expires=60;+sip.instance="<urn:uuid:1>";ob')
    assert (found.display, found.uri) == ('Al "Ace"', "sip:a@b;transport=tcp")
    assert found.parameters == (("expires", "60"), ("+sip.instance", "<urn:uuid:1>"), ("ob", ""))
    assert found.parameter("ob") == ""
    assert found.parameter("q") is None


def test_parameters_without_brackets_belong_to_the_header() -> None:
    found = parse_address("sip:a@b;expires=60")
    assert (found.uri, found.parameter("expires")) == ("sip:a@b", "60")


@given(st.text(max_size=100))
def test_any_text_is_an_address_and_a_list(text: str) -> None:
    parse_address(text)
    assert all(split_list(text))
    list(parse_parameters(text))


@given(st.text(st.characters(exclude_categories=["C", "Z"]), max_size=50))
def test_what_is_quoted_comes_back(text: str) -> None:
    assert unquote(quote(text)) == text
    assert split_list(quote(text)) == [quote(text)]
