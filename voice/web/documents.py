"""From an HTTP answer to a document (spec section 1.4)."""

from __future__ import annotations

from markup.document import Document, DocumentError
from markup.parser import parse
from markup.speech import plain
from markup.verbs import Play, Say
from voice.web.webhook import Response, WebhookFailure

_XML = frozenset({"text/xml", "application/xml", "text/html"})
_AUDIO_KINDS = (
    "mpeg mp3 wav wave x-wav vnd.wave aiff x-aifc x-aiff x-gsm gsm ulaw basic x-mulaw mulaw alaw x-alaw ogg opus flac x-flac"
)
_AUDIO = frozenset(f"audio/{kind}" for kind in _AUDIO_KINDS.split())


def is_audio(content_type: str) -> bool:
    """Whether an answer is to be played rather than read, so that its body is of no interest yet."""
    return _kind(content_type) in _AUDIO


def read_document(response: Response) -> Document:
    """The document that an answer holds, or one that plays or says it. Raises WebhookFailure and DocumentError."""
    kind = _kind(response.content_type)
    if kind in _XML:
        return parse(response.body)
    if kind in _AUDIO:
        return Document(verbs=(Play(url=response.url),))
    if kind == "text/plain":
        return _read_text(response)
    said = f"Content-Type {kind!r}" if kind else "no Content-Type"
    raise WebhookFailure(12300, response.url, f"the answer has {said}: TwiML is text/xml")


def _read_text(response: Response) -> Document:
    try:
        return parse(response.body)
    except DocumentError:
        text = response.body.decode(errors="replace").strip()
        return Document(verbs=(Say(text=plain(text)),) if text else ())


def _kind(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
