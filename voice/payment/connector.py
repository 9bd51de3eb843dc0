"""Payment connectors: what they are asked, and what their answers mean. The only place that handles card numbers for the network.

The contract is that of Twilio's Generic Pay Connector, so that an existing one works unchanged: a JSON object by POST with
``transaction_id``, ``method`` (``charge`` or ``tokenize``), ``cardnumber``, ``cvv``, ``expiry_month``, ``expiry_year``,
``postal_code``, ``amount``, ``currency_code``, ``description`` and ``parameters``; for an account ``bankaccountnumber``,
``routingnumber`` and ``bankaccounttype``. The answer is an object with ``charge_id`` or ``token_id``, perhaps ``profile_id``, and
with ``error_code`` and ``error_message``, which are null when all went well. ``samples/connector.py`` is one to try.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markup.payment import Instrument, Terms
from voice.errors import VoiceError
from voice.settings import PaymentConnector
from voice.web.signature import with_body_hash
from voice.web.webhook import Request, Response, WebhookClient, WebhookFailure

UNAVAILABLE, UNKNOWN, NO_TOKENS, NO_TOKEN_TYPE, NO_CHARGES = 64002, 64004, 64005, 64006, 64007
CHARGE_REJECTED, UNAUTHORISED, TOKEN_REJECTED, BAD_CURRENCY = 64008, 64009, 64010, 64011
BAD_METHOD, NO_NAME, MISSING_PARAMETER = 64013, 64014, 64015
LONGEST_IDENTIFIER, LONGEST_MESSAGE = 2_000, 200
"""Characters that are taken of a connector's answer."""
SHORTEST_SECRET = 8
"""Digits. A security code turns up by chance in any identifier, an account or a card does not."""

_ANY_STATUS = frozenset(range(300, 600))


class PaymentRefused(VoiceError):
    """A connector does not do what it is asked; carries the code of spec section 8.7 and the connector's own words."""

    def __init__(self, code: int, message: str, connector_error: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.connector_error = connector_error


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a connector made of a payment."""

    token: str = ""
    profile: str = ""
    confirmation: str = ""


class Connectors:
    """The connectors of one server, by name."""

    def __init__(self, connectors: Iterable[PaymentConnector], client: WebhookClient) -> None:
        self._connectors = {connector.name: connector for connector in connectors}
        self._client = client
        self._under_way: set[asyncio.Event] = set()

    def check(self, terms: Terms) -> None:
        """Whether what is asked for can be done at all. Raises PaymentRefused."""
        connector = self._connectors.get(terms.connector)
        if connector is None:
            raise PaymentRefused(UNKNOWN, f"there is no [[payment_connector]] named {terms.connector[:60]!r}")
        for code, missing in _shortcomings(connector, terms):
            raise PaymentRefused(code, f"the connector {connector.name!r} {missing}")

    async def send(self, terms: Terms, content: bytes, secrets: Iterable[str]) -> Receipt:
        """Ask a connector that was checked; ``secrets`` may not come back in its answer. Raises PaymentRefused.

        A request is repeated only when it never arrived, and never follows a redirection.
        """
        connector = self._connectors[terms.connector]
        request = Request(
            with_body_hash(connector.url, content) if connector.signed else connector.url,
            headers=_headers(connector),
            content=content,
            content_type="application/json",
            accept=_ANY_STATUS,
            follow=False,
            signed=connector.signed,
        )
        done = asyncio.Event()
        self._under_way.add(done)
        try:
            response = await self._client.fetch(request)
        except WebhookFailure as failure:
            raise PaymentRefused(UNAVAILABLE, f"the connector {connector.name!r} cannot be reached: {failure}") from None
        finally:
            self._under_way.discard(done)
            done.set()
        return read_answer(terms, response, frozenset(filter(None, secrets)))

    async def drain(self, seconds: float) -> None:
        """Wait for the answers to what was sent, at most ``seconds``."""
        waiting = [asyncio.ensure_future(done.wait()) for done in self._under_way]
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=seconds)
            for future in late:
                future.cancel()

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()


def _headers(connector: PaymentConnector) -> tuple[tuple[str, str], ...]:
    if not connector.username:
        return ()
    pair = f"{connector.username}:{connector.password}"
    return (("Authorization", "Basic " + base64.b64encode(pair.encode()).decode()),)


def _shortcomings(connector: PaymentConnector, terms: Terms) -> Iterable[tuple[int, str]]:
    if terms.method not in connector.payment_methods:
        yield BAD_METHOD, f"takes no {terms.method}"
    if terms.charges:
        if "charge" not in connector.operations:
            yield NO_CHARGES, "makes no charges"
        if connector.currencies and terms.currency.upper() not in (currency.upper() for currency in connector.currencies):
            yield BAD_CURRENCY, f"does not take {terms.currency.upper()}"
    elif "tokenize" not in connector.operations:
        yield NO_TOKENS, "makes no tokens"
    elif terms.token_type not in connector.token_types:
        yield NO_TOKEN_TYPE, f"makes no {terms.token_type} tokens"
    given = {name for name, _ in terms.parameters}
    for name in connector.required_parameters:
        if name not in given:
            yield NO_NAME if name == "AVSName" else MISSING_PARAMETER, f"needs a <Parameter> named {name!r}"


def write_request(terms: Terms, instrument: Instrument, transaction: str) -> bytes:
    """The body of a request."""
    fields: dict[str, Any] = {"transaction_id": transaction, "method": "charge" if terms.charges else "tokenize"}
    if terms.charges:
        fields |= {"amount": terms.amount, "currency_code": terms.currency.upper()}
    else:
        fields["token_type"] = terms.token_type
    collected = {
        "cardnumber": instrument.card_number,
        "expiry_month": instrument.expiration[:2],
        "expiry_year": instrument.expiration[2:],
        "cvv": instrument.security_code,
        "postal_code": instrument.postal_code,
        "routingnumber": instrument.routing_number,
        "bankaccountnumber": instrument.account_number,
        "bankaccounttype": instrument.account_type,
    }
    fields |= {name: value for name, value in collected.items() if value}
    fields |= {"description": terms.description, "parameters": dict(terms.parameters)}
    return json.dumps(fields).encode()


def read_answer(terms: Terms, response: Response, secrets: frozenset[str]) -> Receipt:
    """What an answer says; an error message that repeats what must stay secret is masked. Raises PaymentRefused."""
    rejected = CHARGE_REJECTED if terms.charges else TOKEN_REJECTED
    answer = _object(response.body)
    words = [_text(answer.get(name)) for name in ("error_code", "error_message")]
    if any(words):
        code, message = (_masked(word[:LONGEST_MESSAGE], secrets) for word in words)
        raise PaymentRefused(
            rejected, message or f"the connector answered with error {code}", " ".join(filter(None, (code, message)))
        )
    if response.status in (401, 403):
        raise PaymentRefused(UNAUTHORISED, "the connector does not accept our credentials", f"HTTP {response.status}")
    if not 200 <= response.status < 300:
        raise PaymentRefused(UNAVAILABLE, f"the connector answered {response.status}", f"HTTP {response.status}")
    identifiers = [_text(answer.get(name)) for name in ("token_id", "profile_id", "charge_id")]
    if not any(identifiers):
        raise PaymentRefused(rejected, "the connector's answer has neither charge_id, token_id nor error_code")
    if any(secret in text for secret in secrets if len(secret) >= SHORTEST_SECRET for text in identifiers):
        raise PaymentRefused(rejected, "the connector's answer repeats what the caller typed: it is not passed on")
    return Receipt(*identifiers)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _text(value: Any) -> str:
    """An identifier or a message; numbers are taken for their digits."""
    return str(value)[:LONGEST_IDENTIFIER] if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _masked(text: str, secrets: frozenset[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "*" * len(secret))
    return text
