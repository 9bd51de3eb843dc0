"""The only HTTP client: signed requests to customers, bounded in time, size and number of redirects (spec section 1.2)."""

from __future__ import annotations

import asyncio
import base64
import functools
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlencode, urlsplit

import httpx

from voice.errors import VoiceError
from voice.web.failures import code_of
from voice.web.overrides import BadPolicy, Overrides, split_overrides
from voice.web.signature import sign
from voice.web.wire import Wire

CookieJar = httpx.Cookies
Pairs = tuple[tuple[str, str], ...]

MOST_REDIRECTS = 10
LONGEST_DOCUMENT = 65_536
KNOWN_ADDRESSES = 256
"""Whose parts are remembered: customers have few, and each is asked often."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_UNRETRIED = frozenset({11215, 11750, 11100})


class WebhookFailure(VoiceError):
    """A request did not bring what was wanted; carries the error code of table 1.10 and the URL."""

    def __init__(self, code: int, url: str, message: str, kind: str = "", status: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.url = url
        self.kind = kind
        """Which retry policy covers it: ``ct``, ``rt``, ``4xx``, ``5xx`` or none."""
        self.status = status
        """What the server answered; 0 when it did not."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One HTTP exchange, for the journal."""

    method: str
    url: str
    pairs: Pairs
    status: int
    """0 when there was no answer."""
    content_type: str
    body: bytes
    seconds: float
    error: str


@dataclass(frozen=True, slots=True)
class Request:
    """What to fetch."""

    url: str
    """Absolute; may carry connection overrides in its fragment."""
    method: str = "POST"
    pairs: Pairs = ()
    cookies: CookieJar | None = None
    headers: Pairs = ()
    longest: int = LONGEST_DOCUMENT
    """Bytes of the body; more is error 11750."""
    account_sid: str = ""
    """Whose token signs it; empty: the main account's."""
    accept: frozenset[int] = frozenset()
    """Statuses besides 2xx that are no failure, such as 304."""
    unread: Callable[[str], bool] = field(default=lambda content_type: False)
    """Content types whose body is not wanted and may be of any size."""
    signed: bool = True
    content: bytes | None = field(default=None, repr=False)
    """A body of its own instead of the form of ``pairs``; what is signed is the URL, see ``signature.with_body_hash``."""
    content_type: str = "application/x-www-form-urlencoded; charset=UTF-8"
    follow: bool = True
    """Whether redirections are followed; a body of its own is never sent to another address."""
    starting: Callable[[str, str, Pairs], None] = field(default=lambda method, url, pairs: None)
    """Told of each exchange before it: method, URL, parameters."""
    ended: Callable[[Attempt], None] = field(default=lambda attempt: None)


@dataclass(frozen=True, slots=True)
class Response:
    """What came back."""

    url: str
    """After redirects; without the parameters that were sent in it."""
    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def content_type(self) -> str:
        """The header as sent; empty when missing."""
        content_type: str = self.headers.get("content-type", "")
        return content_type


class WebhookClient:
    """Requests on behalf of all calls; connections are shared, cookies are not."""

    def __init__(
        self,
        token: Callable[[str], str],
        *,
        allow_private_networks: bool = True,
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._token = token
        """The secret of the account with a SID."""
        self._now = now
        self._transport = transport or Wire(public_only=not allow_private_networks)

    async def fetch(self, request: Request) -> Response:
        """Send a request, with retries and redirects as its overrides say. Raises WebhookFailure."""
        try:
            url, overrides = split_overrides(request.url)
        except BadPolicy as error:
            raise WebhookFailure(11243, request.url, str(error)) from None
        token = str(uuid.uuid4())
        try:
            async with asyncio.timeout(overrides.total):
                return await self._persist(replace(request, url=url), overrides, token)
        except TimeoutError:
            raise WebhookFailure(11203, url, f"no answer within {overrides.total:g} seconds", "rt") from None

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.aclose()

    async def _persist(self, request: Request, overrides: Overrides, token: str) -> Response:
        for _ in range(overrides.retries):
            try:
                return await self._follow(request, overrides, token)
            except WebhookFailure as failure:
                if failure.code in _UNRETRIED or not overrides.policy & {failure.kind, "all"}:
                    raise
        return await self._follow(request, overrides, token)

    async def _follow(self, request: Request, overrides: Overrides, token: str) -> Response:
        for _ in range(MOST_REDIRECTS + 1):
            response = await self._exchange(request, overrides, token)
            if not request.follow or response.status not in _REDIRECTS or "location" not in response.headers:
                return _accepted(request, response)
            request = _redirected(request, response)
        raise WebhookFailure(11215, request.url, f"more than {MOST_REDIRECTS} redirects")

    async def _exchange(self, request: Request, overrides: Overrides, token: str) -> Response:
        built = self._build(request, overrides, token)
        began = self._now()
        with _observed(request, lambda: self._now() - began) as outcome:
            with code_of(request.url, WebhookFailure):
                answer = await self._transport.handle_async_request(built)
                answer.request = built
                try:
                    unread = request.unread(answer.headers.get("content-type", ""))
                    body = b"" if unread else await _read(answer, request)
                finally:
                    await _close(answer)
            if request.cookies is not None and "set-cookie" in answer.headers:
                request.cookies.extract_cookies(answer)
            response = Response(_without_parameters(built.url, request), answer.status_code, answer.headers, body)
            outcome.append(response)
        return response

    def _build(self, request: Request, overrides: Overrides, token: str) -> httpx.Request:
        try:
            parts = urlsplit(request.url)
            if parts.scheme not in ("http", "https") or not parts.hostname or "_" in parts.hostname:
                raise ValueError("it needs http or https and a valid host name")
            credentials = _basic(parts.username, parts.password)
            url = _requested(request.method, request.url, request.pairs)
        except ValueError as error:
            raise WebhookFailure(11100, request.url, f"{request.url[:200]!r} is no URL: {error}") from None
        post = request.method == "POST"
        headers = {
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "I-Twilio-Idempotency-Token": token,
            "X-Home-Region": "us1",
            **credentials,
            **dict(request.headers),
        }
        if request.signed:
            signed = signed_of(request.method, request.url, request.pairs)
            headers["X-Twilio-Signature"] = sign(self._token(request.account_sid), *signed)
        content = request.content
        if post:
            content = urlencode(request.pairs).encode() if content is None else content
            headers["Content-Type"] = request.content_type
        timeout = httpx.Timeout(overrides.read, connect=overrides.connect, pool=overrides.total).as_dict()
        built = httpx.Request(request.method, url, headers=headers, content=content, extensions={"timeout": timeout})
        if request.cookies:
            request.cookies.set_cookie_header(built)
        return built


def signed_of(method: str, url: str, pairs: Pairs) -> tuple[str, Pairs]:
    """The URL and the form that are signed of a request (spec section 3.9). Raises ValueError for what is no URL."""
    if method != "POST":
        return str(_requested(method, url, pairs)), ()
    return url if urlsplit(url).scheme == "https" else _without_userinfo(url), pairs


def _requested(method: str, url: str, pairs: Pairs) -> httpx.URL:
    """What is asked for: credentials have a header of their own, the parameters of a GET are in its query. Raises ValueError."""
    try:
        address = _address(url)
        if method == "GET" and pairs:
            address = httpx.URL(f"{address}{'&' if address.query else '?'}{urlencode(pairs)}")
    except httpx.InvalidURL as error:
        raise ValueError(str(error)) from None
    return address


@functools.lru_cache(KNOWN_ADDRESSES)
def _address(url: str) -> httpx.URL:
    """Without credentials. Raises httpx.InvalidURL."""
    return httpx.URL(url).copy_with(userinfo=b"")


def _without_parameters(url: httpx.URL, request: Request) -> str:
    """A document's base must not carry the parameters of one request into the next."""
    return str(_address(request.url) if request.method == "GET" and request.pairs else url)


def _accepted(request: Request, response: Response) -> Response:
    if 200 <= response.status < 300 or response.status in request.accept:
        return response
    kind = f"{response.status // 100}xx"
    raise WebhookFailure(11200, response.url, f"the server answered {response.status}", kind, response.status)


def _redirected(request: Request, response: Response) -> Request:
    """The next hop: parameters are not sent again (spec section 1.2)."""
    try:
        target = str(httpx.URL(response.url).join(response.headers["location"]))
    except httpx.InvalidURL:
        raise WebhookFailure(11100, response.url, "the redirect leads to no URL") from None
    method = request.method if response.status in (307, 308) else "GET"
    return replace(request, url=target.partition("#")[0], method=method, pairs=())


async def _close(answer: httpx.Response) -> None:
    assert isinstance(answer.stream, httpx.AsyncByteStream)
    await answer.stream.aclose()


async def _read(answer: httpx.Response, request: Request) -> bytes:
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise WebhookFailure(11206, request.url, "the body has a Content-Encoding that was not asked for")
    body = bytearray()
    assert isinstance(answer.stream, httpx.AsyncByteStream)
    async for chunk in answer.stream:
        body += chunk
        if len(body) > request.longest:
            raise WebhookFailure(11750, request.url, f"the body is larger than {request.longest} bytes")
    return bytes(body)


@contextmanager
def _observed(request: Request, elapsed: Callable[[], float]) -> Iterator[list[Response]]:
    """Tell the observers of one exchange, however it goes."""
    request.starting(request.method, request.url, request.pairs)
    outcome: list[Response] = []
    error = "abandoned"
    try:
        yield outcome
        error = ""
    except WebhookFailure as failure:
        error = f"{failure.code} {failure}"
        raise
    finally:
        got = outcome[0] if outcome else None
        request.ended(
            Attempt(
                request.method,
                request.url,
                request.pairs,
                got.status if got else 0,
                got.content_type if got else "",
                got.body if got else b"",
                elapsed(),
                error,
            )
        )


def _basic(username: str | None, password: str | None) -> dict[str, str]:
    if username is None:
        return {}
    pair = f"{unquote(username)}:{unquote(password or '')}"
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def _without_userinfo(url: str) -> str:
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"
