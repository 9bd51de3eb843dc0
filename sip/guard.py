"""What a session description may look like before the SIP library gets to read it.

pjmedia keeps media lines, formats and attributes in arrays of fixed size and computes buffers from ptime; descriptions that
come near those limits are refused here. Rules are RFC 4566 (SDP), RFC 3264 (offer and answer) and RFC 2046 (multipart).
"""

from __future__ import annotations

import re

from sip.message import Message
from sip.uri import read_address

MOST_MEDIA = 4
MOST_FORMATS = 32
MOST_ATTRIBUTES = 128
MOST_BANDWIDTHS = 4
MOST_LINE = 1_000
"""Characters."""
LONGEST_PTIME = 180
"""Milliseconds: longer packets of G.711 or G.722 do not fit pjmedia's 1,500 bytes, and none would be sent at all."""
LONGEST_MAXPTIME = 240
"""The same of what the far end would take at most, which is not what it gets; mobile telephones say so much (3GPP TS 26.114)."""
MOST_PARTS = 8

_LINE_END = re.compile(r"[\r\n]+")
_PTIME = re.compile(r"^a\s*=\s*(max)?ptime\s*:?(.*)$", re.IGNORECASE)
_PLACE = re.compile(r"^(?:c\s*=|a\s*=\s*rtcp\s*:\s*\d+)\s*\S+\s+IP[46]\s+([^\s/]+)", re.IGNORECASE)
_RATE = re.compile(r"^a\s*=\s*rtpmap\s*:\s*\d+\s+[^/\s]+/(\d+)(?:/(\d+))?", re.IGNORECASE)
_TAGGED = re.compile(r"^a\s*=\s*crypto\s*:\s*(\S*)", re.IGNORECASE)
_BOUNDARY = re.compile(r';\s*boundary\s*=\s*(?:"([^"]*)"|([^;\s]*))', re.IGNORECASE)
_SANE_BOUNDARY = re.compile(r"[A-Za-z0-9'()+_,./:=? -]{0,69}[A-Za-z0-9'()+_,./:=?-]")
_MEDIA_LINE = re.compile(r"^(?=m\s*=)", re.IGNORECASE | re.MULTILINE)
_KEY = re.compile(r"^a\s*=\s*crypto\s*:", re.IGNORECASE | re.MULTILINE)
_AUDIO = re.compile(r"^m\s*=\s*audio\s+(\d+)(?:/\d+)?\s+(\S+)", re.IGNORECASE)


def check_body(message: Message) -> int:
    """Whether the body of a message may be passed on: 0, or the status that refuses it.

    400: a multipart body without a sane boundary, or one part too many. 415: another kind of body. 488: an absurd SDP.
    """
    kind = message.header("content-type").partition(";")[0].strip().lower()
    if not message.body.strip():
        return 0
    if kind == "application/sdp":
        return check_sdp(message.body)
    if kind.startswith("multipart/"):
        return _check_multipart(message)
    return 415


def check_sdp(body: str) -> int:
    """0 for a description of reasonable size, 488 for any other."""
    lines = [line.strip() for line in _LINE_END.split(body)]
    sections: list[list[str]] = [[]]
    for line in lines:
        if len(line) > MOST_LINE:
            return 488
        if line[:1].lower() == "m":
            sections.append([])
        sections[-1].append(line)
    if len(sections) - 1 > MOST_MEDIA:
        return 488
    return 0 if all(_section_is_sane(section) for section in sections) else 488


def uses_srtp(body: str) -> bool:
    """Whether the live audio of a description is encrypted (RFC 4568): by its profile, or by a key where that is optional."""
    live = [
        (found[2].upper(), section)
        for section in _MEDIA_LINE.split(body)
        if (found := _AUDIO.match(section)) is not None and int(found[1][:6]) != 0
    ]
    return bool(live) and all("SAVP" in profile or _KEY.search(section) is not None for profile, section in live)


def takes_events(body: str) -> bool:
    """Whether telephone-event is among the formats (RFC 4733 section 2.4.1)."""
    return "telephone-event/" in body.lower()


def _section_is_sane(lines: list[str]) -> bool:
    kinds = [line[:1].lower() for line in lines]
    if kinds.count("a") > MOST_ATTRIBUTES or kinds.count("b") > MOST_BANDWIDTHS:
        return False
    if kinds[:1] == ["m"] and len(lines[0].split()) - 3 > MOST_FORMATS:
        return False
    return all(map(_place_is_sane, lines)) and all(_attribute_is_sane(line) for line in lines if line[:1].lower() == "a")


def _place_is_sane(line: str) -> bool:
    """Whether media are to go to an address: the library looks up a name on the thread that all of SIP runs on."""
    place = _PLACE.match(line)
    return place is None or read_address(place[1]) is not None


def _attribute_is_sane(line: str) -> bool:
    ptime = _PTIME.match(line)
    if ptime is not None:
        value, most = ptime[2].strip(), LONGEST_MAXPTIME if ptime[1] else LONGEST_PTIME
        return re.fullmatch(r"\d{1,3}(?:\.\d*)?", value) is not None and 1 <= int(value.partition(".")[0]) <= most
    tagged = _TAGGED.match(line)
    if tagged is not None and re.fullmatch(r"[1-9][0-9]{0,8}", tagged[1]) is None:
        return False
    rate = _RATE.match(line)
    return rate is None or (len(rate[1]) <= 6 and int(rate[1]) <= 192_000 and len(rate[2] or "1") == 1)


def _check_multipart(message: Message) -> int:
    found = _BOUNDARY.search(message.header("content-type"))
    boundary = (found[1] or found[2] or "") if found else ""
    if _SANE_BOUNDARY.fullmatch(boundary) is None:
        return 400
    pieces = message.body.split(f"--{boundary}")
    if not 3 <= len(pieces) <= MOST_PARTS + 2 or not pieces[-1].startswith("--"):
        return 400
    for piece in pieces[1:-1]:
        head, blank, body = piece.replace("\r\n", "\n").partition("\n\n")
        if not blank:
            return 400
        if "application/sdp" in head.lower() and check_sdp(body):
            return 488
    return 0
