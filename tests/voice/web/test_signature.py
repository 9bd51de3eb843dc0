"""Section 3.9, against the official validator."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from voice.web.signature import sign

names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
values = st.text(st.characters(codec="utf-8"), max_size=20)


def test_the_published_vectors() -> None:
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    assert sign("12345", url, form.items()) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert sign("12345", url) == "zYQTYrRWXE7LtzbG4PfP7/bkkGo="


@given(
    st.dictionaries(names, st.lists(values, min_size=1, max_size=3), max_size=6), st.sampled_from(["", ":80", ":443", ":8080"])
)
def test_the_official_validator_agrees(form: dict[str, list[str]], port: str) -> None:
    url = f"http://app.example{port}/voice?a=b"
    pairs = [(name, value) for name, several in form.items() for value in several]
    assert RequestValidator("token").validate(url, _Multi(form), sign("token", url, pairs))


class _Multi(dict[str, list[str]]):
    def getall(self, name: str) -> list[str]:
        return self[name]
