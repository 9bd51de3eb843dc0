"""Session descriptions of browsers (RFC 8829): what theirs says, and how ours reads. Pure.

One audio section with everything on one port: BUNDLE, rtcp-mux, ICE, DTLS-SRTP. Other sections are refused in the answer.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field, replace

from media.errors import DescriptionInvalid

MOST_CHARACTERS = 20_000
MOST_SECTIONS = 8
MOST_CANDIDATES = 50
MOST_LINES = 400
_TOKEN = r"[A-Za-z0-9_.\-+/=]"
_MEDIA = re.compile(r"(audio|video|application|text|message|image) (\d{1,5})(?:/\d{1,3})? ([A-Z/]{3,40}) ([!-~][ -~]{0,300})")
_RTPMAP = re.compile(r"(\d{1,3}) ([A-Za-z0-9\-._]{1,40})/(\d{1,6})(?:/(\d))?")
_USERNAME = re.compile(r"[A-Za-z0-9+/]{4,256}")
_PASSWORD = re.compile(r"[A-Za-z0-9+/]{22,256}")
_FINGERPRINT = re.compile(r"(sha-256|sha-384|sha-512) ((?:[0-9A-F]{2}:){31,63}[0-9A-F]{2})", re.IGNORECASE)
_MID = re.compile(_TOKEN + r"{1,64}")
_CANDIDATE = re.compile(
    r"[A-Za-z0-9+/]{1,32} 1 udp \d{1,10} ([0-9A-Fa-f:.]{3,45}) (\d{1,5}) typ (?:host|srflx|prflx|relay)\b",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Format:
    """What descriptions say of a codec."""

    payload_type: int
    """Of our offers: the one that browsers use. Below 96 it belongs to the codec, and needs no rtpmap (RFC 3551 section 6)."""
    clock: int
    """Timestamps per second."""
    channels: str = ""
    parameters: str = ""


FORMATS = {"PCMU": Format(0, 8000), "opus": Format(111, 48000, "/2", "minptime=10;useinbandfec=1")}
"""By our name of the codec."""


@dataclass(frozen=True, slots=True)
class Section:
    """One ``m=`` section of a browser's description."""

    kind: str
    profile: str
    formats: str
    used: bool
    """Whether it has a port; without one it was refused before."""
    mid: str = ""


@dataclass(frozen=True, slots=True)
class Theirs:
    """What a browser's description says of its audio."""

    sections: tuple[Section, ...]
    """All of them, in order: an answer has to have as many."""
    audio: int
    """Which of them is the audio that we take."""
    codecs: tuple[tuple[int, str], ...]
    """Payload type and our name, of the codecs that we know, the browser's first one first."""
    username: str
    password: str
    fingerprints: tuple[tuple[str, str], ...]
    setup: str
    """``actpass``, ``active`` or ``passive``."""
    candidates: tuple[str, ...]
    """Values of ``a=candidate`` over UDP with an address in them."""
    complete: bool
    """No more candidates follow."""
    lite: bool
    """It answers checks and makes none."""


@dataclass(slots=True)
class _Draft:
    """Attributes of the session, or of a section, which has those of the session unless it says otherwise."""

    values: dict[str, str] = field(default_factory=dict)
    fingerprints: list[tuple[str, str]] = field(default_factory=list)
    candidates: list[str] = field(default_factory=list)
    maps: dict[int, tuple[str, int]] = field(default_factory=dict)


def parse_description(text: str) -> Theirs:
    """What a browser offers or answers; raises DescriptionInvalid."""
    if len(text) > MOST_CHARACTERS:
        raise DescriptionInvalid(f"the description has more than {MOST_CHARACTERS} characters")
    lines = text.split("\n", MOST_LINES)
    if len(lines) > MOST_LINES:
        raise DescriptionInvalid(f"the description has more than {MOST_LINES} lines")
    if lines[0].rstrip("\r") != "v=0":
        raise DescriptionInvalid("this is no session description")
    session, sections, drafts = _Draft(), list[Section](), list[_Draft]()
    for line in lines[1:]:
        name, equals, value = line.rstrip("\r").partition("=")
        if name == "m" and equals:
            sections.append(_section(value))
            drafts.append(_Draft())
        elif name == "a" and equals:
            _take(drafts[-1] if drafts else session, value)
    if len(sections) > MOST_SECTIONS:
        raise DescriptionInvalid(f"the description has more than {MOST_SECTIONS} sections")
    return _joined(session, sections, drafts)


def choose_codecs(theirs: Theirs, known: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    """The codecs of a browser that we know, with their payload types; raises DescriptionInvalid when there are none."""
    chosen = tuple((payload_type, name) for payload_type, name in theirs.codecs if name in known)
    if not chosen:
        raise DescriptionInvalid(f"the browser has none of {', '.join(known)}")
    return chosen


def _section(value: str) -> Section:
    match = _MEDIA.fullmatch(value)
    if match is None:
        raise DescriptionInvalid("a media section of the description is malformed")
    return Section(match[1], match[3], match[4], int(match[2]) > 0)


def _take(draft: _Draft, attribute: str) -> None:
    name, _, value = attribute.partition(":")
    if name == "fingerprint":
        if match := _FINGERPRINT.fullmatch(value):
            draft.fingerprints.append((match[1].lower(), match[2].upper()))
    elif name == "candidate":
        draft.candidates.append(value)
        if len(draft.candidates) > MOST_CANDIDATES:
            raise DescriptionInvalid(f"the description has more than {MOST_CANDIDATES} candidates")
    elif name == "rtpmap":
        if match := _RTPMAP.fullmatch(value):
            draft.maps[int(match[1])] = (match[2].lower(), int(match[3]))
    else:
        draft.values[name] = value


def _joined(session: _Draft, sections: list[Section], drafts: list[_Draft]) -> Theirs:
    audio = next((at for at, each in enumerate(sections) if each.kind == "audio" and each.used), None)
    if audio is None:
        raise DescriptionInvalid("the description has no audio")
    draft = drafts[audio]
    values = {**session.values, **draft.values}
    username, password = values.get("ice-ufrag", ""), values.get("ice-pwd", "")
    if not (_USERNAME.fullmatch(username) and _PASSWORD.fullmatch(password)):
        raise DescriptionInvalid("the description has no ICE user name and password")
    fingerprints = draft.fingerprints or session.fingerprints
    if not fingerprints:
        raise DescriptionInvalid("the description has no fingerprint that we can check")
    if "rtcp-mux" not in values:
        raise DescriptionInvalid("the description does not put RTCP on the port of the audio")
    setup = values.get("setup", "actpass")
    if setup not in ("actpass", "active", "passive"):
        raise DescriptionInvalid("the description says nothing of who begins DTLS")
    return Theirs(
        sections=tuple(_named(section, each) for section, each in zip(sections, drafts, strict=True)),
        audio=audio,
        codecs=_codecs(sections[audio], draft),
        username=username,
        password=password,
        fingerprints=tuple(fingerprints[:4]),
        setup=setup,
        candidates=tuple(" ".join(each.split()[:8]) for each in draft.candidates if _is_usable(each)),
        complete="end-of-candidates" in values,
        lite="ice-lite" in session.values,
    )


def _named(section: Section, draft: _Draft) -> Section:
    mid = draft.values.get("mid", "")
    if mid and not _MID.fullmatch(mid):
        raise DescriptionInvalid("a section of the description has a malformed name")
    return replace(section, mid=mid)


def _codecs(section: Section, draft: _Draft) -> tuple[tuple[int, str], ...]:
    ours = {(name.lower(), each.clock): name for name, each in FORMATS.items()}
    maps = {
        each.payload_type: (name.lower(), each.clock) for name, each in FORMATS.items() if each.payload_type < 96
    } | draft.maps
    types = [int(each) for each in section.formats.split() if each.isascii() and each.isdigit() and len(each) < 4]
    return tuple((kind, ours[maps[kind]]) for kind in types if kind < 128 and maps.get(kind) in ours)


def _is_usable(candidate: str) -> bool:
    """Whether it is of UDP, for our one component, and an address: names are those of mDNS, which no other network knows."""
    match = _CANDIDATE.match(candidate)
    return match is not None and 0 < int(match[2]) < 65536 and _is_address(match[1])


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Ours:
    """What we say of our audio."""

    session: int
    """Names it, for the o= line."""
    codecs: tuple[tuple[int, str], ...]
    username: str
    password: str
    fingerprints: tuple[tuple[str, str], ...]
    setup: str
    candidates: tuple[str, ...]
    """Values of ``a=candidate``."""
    address: str
    port: int
    source: int
    """SSRC of what we send."""


def write_offer(ours: Ours) -> str:
    """An offer of one audio section."""
    return _written(ours, [_audio(ours, "UDP/TLS/RTP/SAVPF", "0")], "0")


def write_answer(ours: Ours, theirs: Theirs) -> str:
    """The answer to a browser's offer: its audio, and nothing else of what it offers."""
    sections = []
    for at, section in enumerate(theirs.sections):
        if at == theirs.audio:
            sections.append(_audio(ours, section.profile, section.mid))
        else:
            refused = [f"m={section.kind} 0 {section.profile} {section.formats.split()[0]}", "c=IN IP4 0.0.0.0", "a=inactive"]
            sections.append(refused + ([f"a=mid:{section.mid}"] if section.mid else []))
    return _written(ours, sections, theirs.sections[theirs.audio].mid)


def _written(ours: Ours, sections: list[list[str]], bundled: str) -> str:
    head = ["v=0", f"o=- {ours.session} 2 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    head += [f"a=group:BUNDLE {bundled}"] if bundled else []
    head += ["a=msid-semantic:WMS *"]
    return "\r\n".join([*head, *(line for section in sections for line in section), ""])


def _audio(ours: Ours, profile: str, mid: str) -> list[str]:
    family = "IP6" if ":" in ours.address else "IP4"
    lines = [
        f"m=audio {ours.port} {profile} {' '.join(str(kind) for kind, _ in ours.codecs)}",
        f"c=IN {family} {ours.address}",
        "a=sendrecv",
        *([f"a=mid:{mid}"] if mid else []),
        "a=msid:strowger audio",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=rtcp-mux",
        f"a=ssrc:{ours.source} cname:strowger",
        "a=ptime:20",
    ]
    for kind, name in ours.codecs:
        form = FORMATS[name]
        lines.append(f"a=rtpmap:{kind} {name}/{form.clock}{form.channels}")
        lines += [f"a=fmtp:{kind} {form.parameters}"] if form.parameters else []
    lines += [f"a=candidate:{each}" for each in ours.candidates]
    lines += ["a=end-of-candidates", f"a=ice-ufrag:{ours.username}", f"a=ice-pwd:{ours.password}"]
    lines += [f"a=fingerprint:{algorithm} {value}" for algorithm, value in ours.fingerprints]
    return [*lines, f"a=setup:{ours.setup}"]
