"""Every field of every message of ConversationRelay, as section 5.2 has them in its tables and examples."""

from __future__ import annotations

import json
from typing import Any

import pytest

from voice.relay import messages
from voice.relay.messages import LONGEST_TOKEN, BadMessage, End, Keys, Languages, Message, Play, Text, read

SENT: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        messages.prompt("What are your opening hours?", "en-US", last=True),
        {"type": "prompt", "voicePrompt": "What are your opening hours?", "lang": "en-US", "last": True},
    ),
    (
        messages.prompt("What are", "en-US", last=False),
        {"type": "prompt", "voicePrompt": "What are", "lang": "en-US", "last": False},
    ),
    (messages.dtmf("1"), {"type": "dtmf", "digit": "1"}),
    (
        messages.interrupt("We are open from nine until", 1240),
        {"type": "interrupt", "utteranceUntilInterrupt": "We are open from nine until", "durationUntilInterruptMs": 1240},
    ),
    (
        messages.error("64107 Invalid message received: .."),
        {"type": "error", "description": "64107 Invalid message received: .."},
    ),
    (messages.info("agentSpeaking", "on"), {"type": "info", "name": "agentSpeaking", "value": "on"}),
    (messages.info("tokensPlayed", "Good day."), {"type": "info", "name": "tokensPlayed", "value": "Good day."}),
]
"""What an application gets. Its first message, setup, is in test_conversation.py, for it tells of a call."""


@pytest.mark.parametrize(("made", "wanted"), SENT, ids=[wanted["type"] for _, wanted in SENT])
def test_what_an_application_gets(made: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert made == wanted
    assert [type(value) for value in json.loads(json.dumps(made)).values()] == [type(value) for value in wanted.values()]


TAKEN: list[tuple[dict[str, Any], Message]] = [
    ({"type": "text", "token": "Good "}, Text("Good ")),
    ({"type": "text", "token": "", "last": True}, Text("", last=True)),
    (
        {"type": "text", "token": "Guten Tag", "last": True, "lang": "de-DE", "interruptible": False, "preemptible": True},
        Text("Guten Tag", True, "de-DE", False, True),
    ),
    ({"type": "play", "source": "https://app.example/a.mp3"}, Play("https://app.example/a.mp3", 1)),
    (
        {"type": "play", "source": "https://app.example/a.mp3", "loop": 3, "preemptible": True, "interruptible": False},
        Play("https://app.example/a.mp3", 3, False, True),
    ),
    ({"type": "play", "source": "https://app.example/a.mp3", "loop": 0}, Play("https://app.example/a.mp3", 1000)),
    ({"type": "sendDigits", "digits": "9www4085551212#*"}, Keys("9www4085551212#*")),
    ({"type": "language", "ttsLanguage": "sv-SE"}, Languages("sv-SE", "")),
    ({"type": "language", "transcriptionLanguage": "en-US"}, Languages("", "en-US")),
    ({"type": "language", "ttsLanguage": "sv-SE", "transcriptionLanguage": "en-US"}, Languages("sv-SE", "en-US")),
    ({"type": "end"}, End(None)),
    ({"type": "end", "handoffData": '{"reason":"live agent"}'}, End('{"reason":"live agent"}')),
    ({"type": "end", "handoffData": ""}, End("")),
]


@pytest.mark.parametrize(("sent", "message"), TAKEN)
def test_what_an_application_may_send(sent: dict[str, Any], message: Message) -> None:
    assert read(json.dumps(sent)) == message


@pytest.mark.parametrize(("sent", "message"), TAKEN)
def test_fields_that_are_not_known_mean_nothing(sent: dict[str, Any], message: Message) -> None:
    assert read(json.dumps({**sent, "future": {"field": 1}})) == message


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('"text"', "no JSON object"),
        ({}, "no type"),
        ({"type": "shout"}, "no type 'shout'"),
        ({"type": ["text"], "token": "a"}, "no type"),
        ({"type": "text"}, "token is no string"),
        ({"type": "text", "token": 7}, "token is no string"),
        ({"type": "text", "token": "x" * (LONGEST_TOKEN + 1)}, "longer"),
        ({"type": "text", "token": "a", "last": "true"}, "last is neither"),
        ({"type": "text", "token": "a", "interruptible": "any"}, "interruptible is neither"),
        ({"type": "text", "token": "a", "preemptible": 1}, "preemptible is neither"),
        ({"type": "text", "token": "a", "lang": "english please"}, "lang is no language tag"),
        ({"type": "play"}, "source is no string"),
        ({"type": "play", "source": "file:///etc/passwd"}, "source is no URL"),
        ({"type": "play", "source": "https://a/", "loop": -1}, "loop is no number"),
        ({"type": "play", "source": "https://a/", "loop": 1001}, "loop is no number"),
        ({"type": "play", "source": "https://a/", "loop": True}, "loop is no number"),
        ({"type": "play", "source": "https://a/", "loop": "2"}, "loop is no number"),
        ({"type": "sendDigits"}, "digits is no string"),
        ({"type": "sendDigits", "digits": ""}, "digits may hold"),
        ({"type": "sendDigits", "digits": "12a"}, "digits may hold"),
        ({"type": "language"}, "neither ttsLanguage nor"),
        ({"type": "language", "ttsLanguage": 5}, "ttsLanguage is no language tag"),
    ],
)
def test_what_is_refused_says_why(sent: object, why: str) -> None:
    with pytest.raises(BadMessage, match=why) as refused:
        read(sent if isinstance(sent, str) else json.dumps(sent))
    assert len(str(refused.value)) < 200
