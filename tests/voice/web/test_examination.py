from __future__ import annotations

import pytest

from voice.web.examination import examine
from voice.web.signature import sign

URL, PAIRS = "https://app.example/voice?a=b", (("To", "+1555"), ("Empty", ""), ("Name", " Eve "))


def test_a_right_signature_is_called_right_and_its_text_is_shown() -> None:
    found = examine("secret", URL, PAIRS, sign("secret", URL, PAIRS))
    assert found.right
    assert found.text == URL + "Empty" + "Name Eve " + "To+1555"


@pytest.mark.parametrize(
    ("url", "pairs", "said"),
    [
        ("http://app.example/voice?a=b", PAIRS, "scheme"),
        ("https://app.example:443/voice?a=b", PAIRS, "with its port"),
        ("https://app.example/voice/?a=b", PAIRS, "slash"),
        ("https://app.example/voice", PAIRS, "query"),
        (URL, (), "form was not read"),
        (URL, (PAIRS[0], PAIRS[2]), "empty parameters"),
        (URL, (*PAIRS[:2], ("Name", "Eve")), "space around"),
        (URL, (("To", "changed"),), "Nothing usual"),
    ],
)
def test_the_usual_causes_are_told_apart(url: str, pairs: tuple[tuple[str, str], ...], said: str) -> None:
    found = examine("secret", URL, PAIRS, sign("secret", url, pairs))
    assert not found.right
    assert said in found.said


@pytest.mark.parametrize("url", ["", "http://[", "https://h:99999/", "nonsense"])
def test_what_is_no_url_is_no_error(url: str) -> None:
    assert not examine("secret", url, PAIRS, "é").right
