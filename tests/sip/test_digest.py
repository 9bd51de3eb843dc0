"""Who may pass the gate, and what those learn who may not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.digest import ALGORITHMS, PROXY, REGISTRAR, Algorithm, Gate, Secret, parse_answer
from sip.events import Headers
from sip.message import Message
from sip.nonces import Nonces
from sip.requests import Reply
from tests.digest import answer, challenge_in, parts_of

NOW = 1_000_000.0
URI = "sip:phones.example.com"
SECRETS = {"alice": Secret.of("alice", "here", "wonder"), 'b"ob': Secret.of('b"ob', "here", "builder")}


def gate(algorithms: tuple[Algorithm, ...] = ALGORITHMS) -> Gate:
    return Gate("here", Nonces(b"key", lifetime=60), algorithms)


def request(*fields: tuple[str, str], method: str = "REGISTER") -> Message:
    return Message(f"{method} {URI} SIP/2.0", fields, "")


def asked(keeper: Gate, algorithm: Algorithm = "MD5", now: float = NOW) -> str:
    reply = keeper.admit(request(), REGISTRAR, SECRETS, now)
    assert isinstance(reply, Reply)
    return challenge_in(reply.headers, algorithm)


def said(challenge: str, name: str = "alice", password: str = "wonder", count: int = 1) -> Headers:
    return (("Authorization", answer(challenge, name, password, "REGISTER", URI, count=count)),)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_right_password_opens(algorithm: Algorithm) -> None:
    keeper = gate()
    assert keeper.admit(request(*said(asked(keeper, algorithm))), REGISTRAR, SECRETS, NOW) == "alice"


def test_the_challenge_has_all_that_a_phone_needs() -> None:
    reply = gate().admit(request(), REGISTRAR, SECRETS, NOW)
    assert isinstance(reply, Reply)
    assert reply.code == 401
    assert [parts_of(value)["algorithm"] for _, value in reply.headers] == ["MD5", "SHA-256"]
    assert all(
        parts_of(value) | {"nonce": "", "algorithm": ""} == {"realm": "here", "nonce": "", "qop": "auth", "algorithm": ""}
        for _, value in reply.headers
    )


def test_a_proxy_asks_in_fields_of_its_own() -> None:
    keeper = gate(("MD5",))
    reply = keeper.admit(request(method="INVITE"), PROXY, SECRETS, NOW)
    assert isinstance(reply, Reply)
    assert (reply.code, reply.headers[0][0]) == (407, "Proxy-Authenticate")
    value = answer(reply.headers[0][1], "alice", "wonder", "INVITE", URI)
    assert keeper.admit(request(("Proxy-Authorization", value), method="INVITE"), PROXY, SECRETS, NOW) == "alice"
    other = keeper.admit(request(("Authorization", value), method="INVITE"), PROXY, SECRETS, NOW)
    assert isinstance(other, Reply)
    assert other.code == 407


def test_nobody_can_tell_a_wrong_name_from_a_wrong_password() -> None:
    keeper = gate()
    wrong = keeper.admit(request(*said(asked(keeper), "alice", "guess")), REGISTRAR, SECRETS, NOW)
    unknown = keeper.admit(request(*said(asked(keeper), "mallory", "guess")), REGISTRAR, SECRETS, NOW)
    assert wrong == unknown == Reply(403)


def test_the_answer_to_another_method_is_wrong() -> None:
    keeper = gate()
    value = answer(asked(keeper), "alice", "wonder", "INVITE", URI)
    assert keeper.admit(request(("Authorization", value)), REGISTRAR, SECRETS, NOW) == Reply(403)


def test_a_recorded_request_is_stale() -> None:
    keeper = gate()
    recorded = request(*said(asked(keeper)))
    assert keeper.admit(recorded, REGISTRAR, SECRETS, NOW) == "alice"
    reply = keeper.admit(recorded, REGISTRAR, SECRETS, NOW + 1)
    assert isinstance(reply, Reply)
    assert (reply.code, parts_of(reply.headers[0][1])["stale"]) == (401, "true")


def test_one_nonce_serves_many_requests_that_are_counted() -> None:
    keeper = gate()
    challenge = asked(keeper)
    for count in (1, 2, 3):
        assert keeper.admit(request(*said(challenge, count=count)), REGISTRAR, SECRETS, NOW) == "alice"


def test_an_old_nonce_is_stale_only_to_whom_knows_the_password() -> None:
    keeper = gate()
    challenge = asked(keeper)
    right = keeper.admit(request(*said(challenge)), REGISTRAR, SECRETS, NOW + 61)
    assert isinstance(right, Reply)
    assert "stale=true" in right.headers[0][1]
    assert keeper.admit(request(*said(challenge, "alice", "guess")), REGISTRAR, SECRETS, NOW + 61) == Reply(403)


def test_a_nonce_from_before_a_restart_is_stale() -> None:
    before, after = Gate("here", Nonces(b"old")), Gate("here", Nonces(b"new"))
    reply = after.admit(request(*said(asked(before))), REGISTRAR, SECRETS, NOW)
    assert isinstance(reply, Reply)
    assert "stale=true" in reply.headers[0][1]


def test_an_answer_to_another_realm_is_asked_again() -> None:
    keeper = gate()
    elsewhere = Gate("elsewhere", Nonces(b"key"))
    reply = keeper.admit(request(*said(asked(elsewhere))), REGISTRAR, SECRETS, NOW)
    assert isinstance(reply, Reply)
    assert reply.code == 401
    both = (*said(asked(elsewhere)), *said(asked(keeper)))
    assert keeper.admit(request(*both), REGISTRAR, SECRETS, NOW) == "alice"


def test_a_secret_without_an_algorithm_does_not_open_by_it() -> None:
    keeper = gate()
    half = {"alice": Secret({"MD5": SECRETS["alice"].hashes["MD5"]})}
    assert keeper.admit(request(*said(asked(keeper, "SHA-256"))), REGISTRAR, half, NOW) == Reply(403)
    assert keeper.admit(request(*said(asked(keeper))), REGISTRAR, half, NOW) == "alice"


def test_an_algorithm_that_was_not_offered_does_not_open() -> None:
    keeper = gate(("SHA-256",))
    challenge = asked(keeper, "SHA-256").replace("SHA-256", "MD5")
    reply = keeper.admit(request(*said(challenge)), REGISTRAR, SECRETS, NOW)
    assert isinstance(reply, Reply)
    assert reply.code == 401


def test_quotes_in_names_are_read() -> None:
    value = r'Digest username="b\"ob", realm="here", nonce="n", uri="sip:x", response="r", cnonce="c", qop="auth", nc=00000001'
    found = parse_answer(value)
    assert found is not None
    assert (found.username, found.algorithm, found.times) == ('b"ob', "MD5", 1)


GOOD = 'Digest username="a", realm="here", nonce="n", uri="sip:x", response="r", cnonce="c", qop=auth, nc=0000000A'


def test_a_plain_answer_is_read() -> None:
    assert parse_answer(GOOD) is not None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Basic YTpi",
        "Digest",
        GOOD.replace("qop=auth", "qop=auth-int"),
        GOOD.replace(", qop=auth", ""),
        GOOD.replace("nc=0000000A", "nc=xyz"),
        GOOD.replace("nc=0000000A", "nc=-0000001"),
        GOOD.replace('cnonce="c"', 'cnonce=""'),
        GOOD + ', username="b"',
        GOOD + ", userhash=true",
        GOOD + ", algorithm=MD5-sess",
        GOOD.replace('"n"', '"n'),
        GOOD.replace('username="a"', f'username="{"a" * 300}"'),
        GOOD + f', opaque="{"x" * 3000}"',
    ],
)
def test_what_is_no_complete_answer_is_none(value: str) -> None:
    assert parse_answer(value) is None


@given(st.text(max_size=300) | st.text('Digest username="=\\, ', max_size=80))
def test_any_text_gets_a_challenge_or_a_refusal(text: str) -> None:
    for value in (text, f"Digest {text}", GOOD + text):
        reply = gate().admit(request(("Authorization", value)), REGISTRAR, SECRETS, NOW)
        assert isinstance(reply, Reply)
        assert reply.code in (401, 403)


@given(
    st.dictionaries(
        st.sampled_from(["username", "realm", "nonce", "uri", "response", "cnonce", "qop", "nc", "algorithm"]),
        st.text(max_size=30),
    )
)
def test_no_made_up_answer_opens(parts: dict[str, str]) -> None:
    value = "Digest " + ", ".join(f'{name}="{text}"' for name, text in parts.items())
    assert isinstance(gate().admit(request(("Authorization", value)), REGISTRAR, SECRETS, NOW), Reply)
