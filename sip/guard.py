"""What is refused before pjsua sees it: requests that its version handles badly, and SDP that no phone writes.

The reasons are pjproject's published advisories: fixed-size arrays of media lines and formats (#4998, #5082, #5114), ptime
arithmetic (CVE-2026-41416), multipart parsing (GHSA-x5pq-qrp4-fmrj), subscriptions (CVE-2026-28799).
"""

from __future__ import annotations

import re

from sip.message import call_id_of, header, read_headers, split_message

MOST_MEDIA = 4
MOST_FORMATS = 32
MOST_ATTRIBUTES = 256
LONGEST_PTIME = 240
MOST_HEADERS = 128
LONGEST_CREDENTIAL = 512

_PTIME = re.compile(r"^a=(?:max)?ptime:\s*([^\s]*)", re.MULTILINE)
_QUOTED = re.compile(r'"([^"]*)"')
_TAG = re.compile(r";\s*tag\s*=", re.IGNORECASE)
_METHODS = frozenset({"INVITE", "ACK", "CANCEL", "BYE", "PRACK", "UPDATE", "INFO", "REFER", "NOTIFY"})


def judge_request(text: str) -> int:
    """The status that a request is to be refused with, or 0 when it may go on."""
    first, _, body = split_message(text)
    method = first.partition(" ")[0]
    headers = read_headers(text)
    if len(headers) > MOST_HEADERS or not call_id_of(text):
        return 400
    within_dialog = bool(_TAG.search(header(headers, "To")))
    if method == "SUBSCRIBE" or (method == "NOTIFY" and not within_dialog):
        return 489
    if method not in _METHODS or (not within_dialog and method not in ("INVITE", "ACK", "CANCEL")):
        return 405
    if _has_wild_credentials(headers):
        return 400
    return judge_body(header(headers, "Content-Type"), body)


def judge_body(content_type: str, body: str) -> int:
    """The status for a body: 415 for kinds nobody reads here, 488 for SDP beyond all bounds, else 0."""
    if not body.strip():
        return 0
    kind = content_type.partition(";")[0].strip().lower()
    if kind.startswith("multipart/"):
        return 415
    return judge_sdp(body) if kind == "application/sdp" else 0


def judge_sdp(sdp: str) -> int:
    """488 for a session description that fixed-size arrays or 16-bit arithmetic could choke on, else 0."""
    lines = sdp.replace("\r\n", "\n").split("\n")
    media = [line for line in lines if line.startswith("m=")]
    if len(media) > MOST_MEDIA or any(len(line.split()) - 3 > MOST_FORMATS for line in media):
        return 488
    if sum(line.startswith(("a=", "b=", "c=")) for line in lines) > MOST_ATTRIBUTES:
        return 488
    times = _PTIME.findall(sdp.replace("\r\n", "\n"))
    sane = all(time.isascii() and time.isdigit() and 0 < int(time[:6]) <= LONGEST_PTIME for time in times)
    return 0 if sane else 488


def is_harmless_response(text: str) -> bool:
    """Whether pjsua may see a response: its body and its challenges are within bounds."""
    headers = read_headers(text)
    if len(headers) > MOST_HEADERS or _has_wild_credentials(headers):
        return False
    return judge_body(header(headers, "Content-Type"), split_message(text)[2]) == 0


def _has_wild_credentials(headers: tuple[tuple[str, str], ...]) -> bool:
    challenges = [value for name, value in headers if name.lower().endswith(("-authenticate", "authorization"))]
    return any(len(part) > LONGEST_CREDENTIAL for value in challenges for part in _QUOTED.findall(value) or [value])
