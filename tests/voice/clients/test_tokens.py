"""Access tokens (spec section 7): what the official SDKs sign opens, nothing else does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VideoGrant, VoiceGrant
from twilio.jwt.client import ClientCapabilityToken

from voice.accounts.accounts import Account, Accounts, Key
from voice.clients.tokens import TokenRefused, Tokens

MAIN, OTHER = Account("AC" + "1" * 32, "secret"), Account("AC" + "2" * 32, "other", owner_sid="AC" + "1" * 32)
CLOSED = Account("AC" + "3" * 32, "closed", owner_sid=MAIN.sid, status="suspended")
KEYS = [Key(f"SK{account.sid[2:]}", account.sid, "k" * 32) for account in (MAIN, OTHER, CLOSED)]
NOW = 1_900_000_000.0
CLAIMS = {
    "jti": f"{KEYS[0].sid}-1",
    "iss": KEYS[0].sid,
    "sub": MAIN.sid,
    "exp": NOW + 3600,
    "grants": {"identity": "alice", "voice": {"incoming": {"allow": True}}},
}
HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def _tokens() -> Tokens:
    accounts = Accounts(MAIN)
    accounts.load([OTHER, CLOSED], KEYS)
    return Tokens(accounts, lambda: NOW)


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _sign(claims: object, secret: str = "k" * 32, alg: str = "HS256", cty: str | None = "twilio-fpa;v=1", **header: Any) -> str:
    head = {"alg": alg, "typ": "JWT", **({} if cty is None else {"cty": cty}), **header}
    text = f"{_part(head)}.{_part(claims)}"
    digest = hmac.new(secret.encode(), text.encode(), HASHES.get(alg, hashlib.sha256)).digest()
    return f"{text}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


@pytest.mark.parametrize("alg", HASHES)
def test_all_three_algorithms_are_good(alg: str) -> None:
    grant = _tokens().read(_sign(CLAIMS, alg=alg, twr="us1"))
    assert (grant.account_sid, grant.identity, grant.callable, grant.application_sid) == (MAIN.sid, "alice", True, "")


def test_the_official_sdk_is_understood() -> None:
    made = AccessToken(MAIN.sid, KEYS[0].sid, "k" * 32, identity="Ana María", nbf=int(NOW), valid_until=int(NOW) + 60)
    made.identity = "Ana.María"
    made.add_grant(VideoGrant(room="x"))
    made.add_grant(VoiceGrant(None, "AP" + "1" * 32, {"foo": "bar", "n": 1}, "CR" + "1" * 32, "device"))
    grant = _tokens().read(made.to_jwt())
    assert (grant.identity, grant.callable, grant.application_sid) == ("Ana.María", False, "AP" + "1" * 32)
    assert grant.parameters == (("foo", "bar"), ("n", "1"))
    assert _tokens().remaining(grant) == 60


def _capability(scope: object, secret: str = "secret", **claims: Any) -> str:
    return _sign({"scope": scope, "iss": MAIN.sid, "exp": NOW + 3600, **claims}, secret, cty=None)


INCOMING = "scope:client:incoming?clientName=jenny"


@pytest.mark.filterwarnings("ignore:The HMAC key")
def test_capability_tokens_of_the_official_sdk_are_understood() -> None:
    made, other = (ClientCapabilityToken(each.sid, each.auth_token, nbf=int(NOW)) for each in (MAIN, OTHER))
    made.valid_until = other.valid_until = int(NOW) + 60
    made.allow_client_outgoing("AP" + "1" * 32, team="blue", text="a b&c=%")
    grant = _tokens().read(made.to_jwt())
    assert (grant.account_sid, grant.identity, grant.callable) == (MAIN.sid, "Anonymous", False)
    made.allow_client_incoming("jenny")
    made.allow_event_stream()
    grant = _tokens().read(made.to_jwt())
    assert (grant.identity, grant.callable, grant.application_sid) == ("jenny", True, "AP" + "1" * 32)
    assert dict(grant.parameters) == {"team": "blue", "text": "a b&c=%"}
    assert _tokens().remaining(grant) == 60
    other.allow_client_incoming("jenny")
    assert _tokens().read(other.to_jwt()).account_sid == OTHER.sid


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (_capability(INCOMING, secret="guessed"), 31201),
        (_capability(INCOMING, secret="k" * 32), 31201),
        (_capability(INCOMING, secret="other"), 31201),
        (_capability(INCOMING, iss=OTHER.sid), 31201),
        (_capability(INCOMING, secret="k" * 32, iss=KEYS[0].sid), 31201),
        (_capability(INCOMING, secret="", iss="AC" + "9" * 32), 31201),
        (_capability(INCOMING, secret="closed", iss=CLOSED.sid), 31201),
        (_capability(INCOMING, exp=NOW - 1), 31205),
        (_capability(INCOMING, exp=NOW + 90_000), 31207),
        (_capability(INCOMING, nbf=NOW + 120), 31204),
        (_capability(7), 31204),
        (_capability(f"scope:client:incoming?clientName={'a' * 257}"), 31204),
        (_capability("scope:client:incoming?clientName=a%0Ab"), 31204),
        (f"{_part({'alg': 'none'})}.{_part({'scope': INCOMING, 'iss': MAIN.sid, 'exp': NOW + 60})}.", 31204),
        (_sign({"scope": INCOMING, "iss": MAIN.sid, "exp": NOW + 60}, "secret"), 31201),
    ],
)
def test_what_is_no_capability(token: str, code: int) -> None:
    with pytest.raises(TokenRefused) as refusal:
        _tokens().read(token)
    assert refusal.value.code == code


@given(st.text())
def test_no_scope_breaks_it(scope: str) -> None:
    try:
        grant = _tokens().read(_capability(scope))
    except TokenRefused:
        return
    assert not grant.operator
    assert grant.account_sid == MAIN.sid


def _changed(**claims: object) -> dict[str, object]:
    return {**CLAIMS, **claims}


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("", 31204),
        ("garbage", 31204),
        ("a.b.c", 31204),
        ("é.é.é", 31204),
        (f"{_part({'alg': 'none', 'cty': 'twilio-fpa;v=1'})}.{_part(CLAIMS)}.", 31204),
        (_sign(CLAIMS, alg="none"), 31204),
        (_sign(CLAIMS, alg="RS256"), 31204),
        (_sign(CLAIMS, cty=None), 31204),
        (_sign([CLAIMS]), 31204),
        (_sign(CLAIMS, secret="guessed"), 31201),
        (_sign(CLAIMS)[:-4] + "AAAA", 31201),
        (_sign(_changed(iss="SK" + "9" * 32), secret=""), 31201),
        (_sign(_changed(iss=MAIN.sid), secret="secret"), 31201),
        (_sign(_changed(iss=KEYS[1].sid)), 31201),
        (_sign(_changed(sub=OTHER.sid)), 31201),
        (_sign(_changed(iss=KEYS[2].sid, sub=CLOSED.sid)), 31201),
        (_sign(_changed(exp=NOW - 1)), 31205),
        (_sign(_changed(exp=None)), 31204),
        (_sign(_changed(exp="soon")), 31204),
        (_sign(_changed(exp=10**400)), 31204),
        (_sign(_changed(exp=float("nan"))), 31204),
        (_sign(_changed(nbf=NOW + 120)), 31204),
        (_sign(_changed(exp=NOW + 90_000)), 31207),
        (_sign(_changed(grants={})), 31204),
        (_sign(_changed(grants={"identity": "a b"})), 31204),
        (_sign(_changed(grants={"identity": 7})), 31204),
        (_sign(_changed(grants={"identity": "a" * 257})), 31204),
    ],
)
def test_what_opens_nothing(token: str, code: int) -> None:
    with pytest.raises(TokenRefused) as refusal:
        _tokens().read(token)
    assert refusal.value.code == code


def test_a_grant_ends_with_its_time_and_with_its_account() -> None:
    accounts, now = Accounts(MAIN), [NOW]
    accounts.load([OTHER], KEYS)
    tokens = Tokens(accounts, lambda: now[0])
    grant = tokens.read(_sign(_changed(iss=KEYS[1].sid, sub=OTHER.sid)))
    assert not tokens.expired(grant)
    accounts.put(Account(OTHER.sid, "other", owner_sid=MAIN.sid, status="suspended"))
    assert tokens.expired(grant)
    accounts.put(OTHER)
    now[0] += 3600
    assert tokens.expired(grant)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["exp", "nbf", "iat", "grants", "sub", "jti"]), _json))
def test_no_claims_break_it(claims: dict[str, Any]) -> None:
    try:
        _tokens().read(_sign({**CLAIMS, **claims}))
    except TokenRefused as refusal:
        assert refusal.code
