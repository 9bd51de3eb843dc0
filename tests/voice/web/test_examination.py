from __future__ import annotations

import httpx
import pytest

from voice.web.examination import examine
from voice.web.signature import sign
from voice.web.webhook import Request, WebhookClient, signed_of

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


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize(
    "url",
    [
        "https://app.example",
        "http://app.example/voice?a=b",
        "http://eve:secret@app.example/voice",
        "https://eve:secret@app.example:443/v%C3%B6ice",
        "https://app.example/a b?c=d e",
    ],
)
async def test_what_is_examined_is_what_was_signed(method: str, url: str) -> None:
    seen: list[httpx.Request] = []

    def take(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(204)

    client = WebhookClient(lambda sid: "secret", transport=httpx.MockTransport(take))
    await client.fetch(Request(url, method, PAIRS))
    assert examine("secret", *signed_of(method, url, PAIRS), seen[0].headers["X-Twilio-Signature"]).right
