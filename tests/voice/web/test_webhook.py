"""Sections 1.2, 1.3 and 1.10: the HTTP client, against a real server that misbehaves."""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import pytest
import trustme
from twilio.request_validator import RequestValidator

from tests.voice.misbehaving import XML, Misbehaving, misbehaving_server
from voice.web.networks import is_public
from voice.web.webhook import Attempt, CookieJar, Request, WebhookClient, WebhookFailure
from voice.web.wire import Wire

TOKEN = "secret"
QUICK = "#tt=400"


@pytest.fixture
async def client() -> AsyncIterator[WebhookClient]:
    client = WebhookClient(lambda account_sid: TOKEN)
    yield client
    await client.close()


@pytest.fixture
async def server() -> AsyncIterator[Misbehaving]:
    async with misbehaving_server() as server:
        yield server


async def _code(client: WebhookClient, url: str, method: str = "POST") -> int:
    with pytest.raises(WebhookFailure) as failure:
        await client.fetch(Request(url, method))
    return failure.value.code


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_request_is_what_the_official_validator_accepts(client: WebhookClient, server: Misbehaving, method: str) -> None:
    pairs = (("To", "+1 555"), ("Empty", ""), ("Name", "Zoë & Co"), ("Again", "b"), ("Again", "a"))
    response = await client.fetch(Request(server.url("/good?x=1&y=%20"), method, pairs))
    assert response.body == XML
    head = server.requests[0]
    lines = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
    target = head.split(" ")[1]
    assert lines["User-Agent"] == "TwilioProxy/1.1"
    assert lines["I-Twilio-Idempotency-Token"]
    form: dict[str, object] = {}
    for name, value in parse_qsl(server.bodies[0], keep_blank_values=True):
        form[name] = value if name not in form else [form[name], value]
    if method == "GET":
        assert parse_qsl(target.partition("?")[2], keep_blank_values=True) == [("x", "1"), ("y", " "), *pairs]
    assert RequestValidator(TOKEN).validate(server.url("") + target, _multi(form), lines["X-Twilio-Signature"])


def _multi(form: dict[str, object]) -> object:
    from werkzeug.datastructures import MultiDict

    return MultiDict(form)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/error", 11200),
        ("/missing", 11200),
        ("/silent" + QUICK, 11203),
        ("/silent#rt=100", 11200),
        ("/drips" + QUICK, 11203),
        ("/cut-off", 11206),
        ("/closes", 11206),
        ("/garbage", 11206),
        ("/huge", 11750),
        ("/bomb", 11206),
        ("/round", 11215),
        ("/nowhere", 11100),
        ("/good#rp=sometimes", 11243),
    ],
)
async def test_each_failure_has_its_code(client: WebhookClient, server: Misbehaving, path: str, code: int) -> None:
    assert await _code(client, server.url(path)) == code


@pytest.mark.parametrize("url", ["ftp://example.com/", "http://", "no url", "http://bad_host/", "http://[::1/"])
async def test_what_is_no_url_is_not_requested(client: WebhookClient, url: str) -> None:
    assert await _code(client, url) == 11100


async def test_a_refused_connection(client: WebhookClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert await _code(client, f"http://127.0.0.1:{port}/") == 11202


async def test_a_name_that_nobody_knows(client: WebhookClient) -> None:
    assert await _code(client, "http://nobody.invalid/") == 11210


async def test_plain_http_where_tls_is_expected(client: WebhookClient, server: Misbehaving) -> None:
    assert await _code(client, f"https://127.0.0.1:{server.port}/good") == 11220


@pytest.mark.parametrize(("kind", "code"), [("name", 11235), ("expired", 11236), ("unknown", 11237)])
async def test_certificates_that_are_not_accepted(kind: str, code: int) -> None:
    ours, theirs = trustme.CA(), trustme.CA()
    yesterday = datetime.now(UTC) - timedelta(days=1)
    certificate = {
        "name": lambda: ours.issue_cert("elsewhere.example"),
        "expired": lambda: ours.issue_cert("127.0.0.1", not_after=yesterday),
        "unknown": lambda: theirs.issue_cert("127.0.0.1"),
    }[kind]()
    server_side, client_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    certificate.configure_cert(server_side)
    ours.configure_trust(client_side)
    client = WebhookClient(lambda account_sid: TOKEN, transport=Wire(tls=client_side))
    async with misbehaving_server(server_side) as server:
        assert await _code(client, server.url("/good")) == code
    await client.close()


async def test_redirects_are_followed_without_the_parameters(client: WebhookClient, server: Misbehaving) -> None:
    response = await client.fetch(Request(server.url("/moved"), "POST", (("Digits", "1"),)))
    assert response.url == server.url("/good")
    assert [request.split(" ")[0] for request in server.requests] == ["POST", "GET"]
    assert server.bodies == ["Digits=1", ""]
    await client.fetch(Request(server.url("/kept"), "POST", (("Digits", "1"),)))
    assert server.requests[-1].startswith("POST /good")


async def test_a_retry_policy_covers_what_it_names(client: WebhookClient, server: Misbehaving) -> None:
    assert await _code(client, server.url("/recovers")) == 11200
    assert len(server.requests) == 1
    response = await client.fetch(Request(server.url("/recovers#rc=3&rp=5xx")))
    assert response.body == XML
    tokens = {line for request in server.requests[1:] for line in request.split("\r\n") if line.startswith("I-Twilio")}
    assert len(tokens) == 1


async def test_cookies_belong_to_one_call(client: WebhookClient, server: Misbehaving) -> None:
    ours, others = CookieJar(), CookieJar()
    await client.fetch(Request(server.url("/cookie"), cookies=ours))
    await client.fetch(Request(server.url("/good"), cookies=ours))
    assert "Cookie: visit=1" in server.requests[-1]
    await client.fetch(Request(server.url("/good"), cookies=others))
    assert "Cookie:" not in server.requests[-1]


async def test_credentials_of_a_url_are_sent_as_basic_authentication(client: WebhookClient, server: Misbehaving) -> None:
    await client.fetch(Request(server.url("/good").replace("//", "//user:pa%40ss@")))
    assert "Authorization: Basic dXNlcjpwYUBzcw==" in server.requests[0]
    assert "user" not in server.requests[0].split("\r\n")[0]


async def test_the_observers_see_every_exchange(client: WebhookClient, server: Misbehaving) -> None:
    starts: list[str] = []
    ends: list[Attempt] = []
    url = server.url("/moved")
    await client.fetch(Request(url, starting=lambda method, url, pairs: starts.append(f"{method} {url}"), ended=ends.append))
    assert starts == [f"POST {url}", f"GET {server.url('/good')}"]
    assert [(end.status, end.error) for end in ends] == [(302, ""), (200, "")]
    with pytest.raises(WebhookFailure):
        await client.fetch(Request(server.url("/garbage"), ended=ends.append))
    assert ends[-1].error.startswith("11206")


async def test_private_networks_can_be_out_of_bounds(server: Misbehaving) -> None:
    client = WebhookClient(lambda account_sid: TOKEN, allow_private_networks=False)
    assert await _code(client, server.url("/good")) == 11205
    assert await _code(client, f"http://localhost:{server.port}/good") == 11205
    assert not server.requests
    await client.close()


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "::1", "fe80::1", "::ffff:127.0.0.1", "0.0.0.0", "224.0.0.1"],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


def test_addresses_that_are_public() -> None:
    assert is_public("93.184.216.34")
    assert is_public("2606:4700::1111")


async def test_the_address_of_an_answer_is_without_the_parameters(client: WebhookClient, server: Misbehaving) -> None:
    """Section 1.7: it is the base of relative URLs, and an empty Redirect requests it again."""
    response = await client.fetch(Request(server.url("/good?x=1"), "GET", (("Digits", "1"),)))
    assert response.url == server.url("/good?x=1")


async def test_a_body_that_is_not_wanted_is_not_read(client: WebhookClient, server: Misbehaving) -> None:
    request = Request(server.url("/huge"), unread=lambda content_type: True)
    assert (await client.fetch(request)).body == b""
