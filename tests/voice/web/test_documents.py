"""Section 1.4: content types."""

from __future__ import annotations

import httpx
import pytest

from markup.document import DocumentError
from markup.speech import plain
from markup.verbs import Play, Say
from voice.web.documents import read_document
from voice.web.webhook import Response, WebhookFailure

XML = b"<Response><Say>Hi</Say></Response>"


def _response(content_type: str, body: bytes) -> Response:
    headers = {"Content-Type": content_type} if content_type else {}
    return Response("http://h/x", 200, httpx.Headers(headers), body)


@pytest.mark.parametrize("content_type", ["text/xml", "application/xml; charset=utf-8", "TEXT/HTML", "text/plain"])
def test_twiml_by_any_of_its_names(content_type: str) -> None:
    assert read_document(_response(content_type, XML)).verbs == (Say(plain("Hi")),)


def test_audio_is_played() -> None:
    assert read_document(_response("audio/mpeg", b"ID3")).verbs == (Play("http://h/x"),)


def test_text_is_read_aloud() -> None:
    assert read_document(_response("text/plain", b" Good morning. ")).verbs == (Say(plain("Good morning.")),)
    assert read_document(_response("text/plain", b"")).verbs == ()


@pytest.mark.parametrize("content_type", ["", "image/png", "application/json"])
def test_anything_else_is_12300(content_type: str) -> None:
    with pytest.raises(WebhookFailure) as failure:
        read_document(_response(content_type, XML))
    assert failure.value.code == 12300


def test_broken_xml_is_12100() -> None:
    with pytest.raises(DocumentError):
        read_document(_response("text/xml", b"<Response>"))
