"""Bodies beside the session description, as pjsua2 has them."""

from __future__ import annotations

from typing import Any

from sip.endpoint import Attachment
from sip.headers import clean_headers
from sip.pjsua.binding import pj


def attach(options: Any, attachment: Attachment) -> None:
    """Make the body of a message multipart: the attachment, and after it the session description (RFC 2046)."""
    part = pj.SipMultipartPart()
    part.contentType = _kind(attachment.kind)
    part.body = attachment.text
    for name, value in clean_headers((("Content-Disposition", attachment.disposition),)):
        header = pj.SipHeader()
        header.hName, header.hValue = name, value
        part.headers.push_back(header)
    options.multipartContentType = _kind("multipart/mixed")
    options.multipartParts.push_back(part)


def _kind(text: str) -> Any:
    kind = pj.SipMediaType()
    kind.type, _, kind.subType = text.partition("/")
    return kind
