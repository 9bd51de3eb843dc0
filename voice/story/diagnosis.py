"""Why is there no audio? One plain sentence for a call, from the descriptions and counters in its journal. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from media.envelope import CODES
from sip.uri import is_private, read_address, split_source
from voice.story.journal import LEVELS, Entry

KINDS = frozenset({"sip", "status", "quality", "ended", LEVELS})
"""Entries that say something of a call's audio."""
BAD_LOSS = 0.05
BAD_JITTER_MS = 60.0
MOSTLY = 0.9
FAINT = CODES[:9].decode()
"""Levels that nobody hears: up to -55 dBov."""
LEAST_CODES = 60
"""Three seconds of one direction."""
NOTHING_SAID = (
    "Packets come from the far end, but there is no sound in them: its microphone is muted, or another one than its user thinks."
)
NOTHING_HEARD = "The far end speaks, but we have sent it silence alone: nothing was played to it, and nobody spoke."
_CONNECTION = re.compile(r"^c=IN IP[46] (\S+)", re.MULTILINE)
_AUDIO = re.compile(r"^m=audio (\d+) \S+ (.*)$", re.MULTILINE)
_RATE = re.compile(r"^a=rtpmap:(\d+) ([^/\s]+)/", re.MULTILINE)
_WAY = re.compile(r"^a=(sendrecv|sendonly|recvonly|inactive)\s*$", re.MULTILINE)
_STATIC = {"0": "PCMU", "8": "PCMA", "9": "G722", "3": "GSM", "18": "G729"}


@dataclass(frozen=True, slots=True)
class Description:
    """What of a session description matters here."""

    ours: bool
    address: str
    port: int
    way: str
    codecs: tuple[str, ...]
    peer: str
    """Whom we exchanged it with: ``address:port``."""


def explain(entries: Iterable[Entry]) -> str:
    """The sentence for one call, of whose entries those of other ``KINDS`` are of no use."""
    entries = list(entries)
    descriptions = list(_descriptions(entries))
    quality = [entry.data for entry in entries if entry.kind == "quality"]
    for found in (_refused(entries, descriptions), _unreachable(descriptions), _held(descriptions)):
        if found:
            return found
    over = any(entry.kind == "ended" for entry in entries)
    if not quality:
        if not any(entry.kind == "status" and entry.data.get("status") == "in-progress" for entry in entries):
            return "The call was never answered, so there was nothing to hear."
        if over:
            return "The call has ended without any audio that could have been counted."
        return "The call has just been answered: what comes and goes is known after some seconds."
    last = quality[-1]
    flows = last["received"] and last["sent"] and last.get("recent_received") != 0
    return (_silent(entries) if flows else "") or _counted(last, live=not over)


def _refused(entries: list[Entry], descriptions: list[Description]) -> str:
    ours = next((each for each in reversed(descriptions) if each.ours), None)
    theirs = next((each for each in reversed(descriptions) if not each.ours), None)
    refused = any(entry.kind == "sip" and " 488 " in str(entry.data.get("text", "")).partition("\n")[0] for entry in entries)
    if not (refused or (ours is not None and theirs is not None and not _shared(ours, theirs))):
        return ""
    we = f"we name {', '.join(ours.codecs)}, " if ours is not None else ""
    they = f"names {', '.join(theirs.codecs)}" if theirs is not None else "does not say what it has"
    return f"The two sides have no codec or encryption in common: {we}the far end {they}; see [sip] codecs and srtp."


def _shared(one: Description, other: Description) -> bool:
    return not {name.lower() for name in one.codecs}.isdisjoint(name.lower() for name in other.codecs)


def _unreachable(descriptions: list[Description]) -> str:
    for each in descriptions:
        ours, peer = read_address(each.address), read_address(split_source(each.peer)[0])
        if each.ours and ours is not None and peer is not None and is_private(ours) and not is_private(peer):
            return (
                f"We asked {split_source(each.peer)[0]} to send its audio to {each.address}, which cannot be reached from there: "
                "set [sip] external_address to the public address of this machine."
            )
    return ""


def _held(descriptions: list[Description]) -> str:
    theirs = [each for each in descriptions if not each.ours]
    if not theirs:
        return ""
    last = theirs[-1]
    if last.way in ("sendonly", "inactive") or last.address in ("0.0.0.0", "::"):
        return "The far end has put the call on hold and not taken it back."
    if last.port == 0:
        return "The far end has refused the audio: its description names port 0."
    return ""


def _silent(entries: list[Entry]) -> str:
    """What is said of packets without sound, where the levels of the call were written down for long enough."""
    levels = [entry.data for entry in entries if entry.kind == LEVELS]
    for way, said in (("heard", NOTHING_SAID), ("said", NOTHING_HEARD)):
        codes = [str(each[way]) for each in levels]
        if sum(map(len, codes)) >= LEAST_CODES and not any(text.strip(FAINT) for text in codes):
            return said
    return ""


def _counted(quality: Mapping[str, object], live: bool) -> str:
    received, sent, declared = int(str(quality["received"])), int(str(quality["sent"])), str(quality["declared"])
    if not received:
        return _nothing_taken(sent, declared, str(quality["heard_from"]))
    if int(str(quality["discarded"])) >= MOSTLY * received:
        return f"{received} packets have come and could not be played: they came too late, or again and again."
    if not sent:
        return f"We have heard {received} packets and sent none: the far end takes no audio."
    if quality.get("recent_received") == 0:
        return f"The far end has fallen silent: {received} packets have come from it, but none lately; it is muted, or gone."
    return _passed(quality, live)


def _nothing_taken(sent: int, declared: str, heard_from: str) -> str:
    if heard_from:
        return (
            f"Packets come from {heard_from}, but none that could be taken for audio of the far end, which named {declared}: "
            "somebody else sends them, or they are encrypted otherwise than was agreed on."
        )
    host = read_address(split_source(declared)[0])
    hint = ", a private address: a NAT between us keeps its packets back" if host is not None and is_private(host) else ""
    where = f" at {declared}{hint}" if declared else ""  # a page names many, and takes one of them
    return (
        f"No audio has come from the far end, to which we sent {sent} packets{where}: "
        "a firewall does not let its RTP through (see [sip] rtp_ports), or it is muted."
    )


def _passed(quality: Mapping[str, object], live: bool) -> str:
    """How good audio is that went both ways; of a live call, how good lately."""
    loss, jitter, mos = (quality.get(f"recent_{name}", quality[name]) for name in ("loss", "jitter_ms", "mos"))
    if float(str(loss)) > BAD_LOSS:
        return (
            f"{100 * float(str(loss)):.0f} % of the far end's packets were lost on the way: "
            "the network between us is not good enough."
        )
    if float(str(jitter)) > BAD_JITTER_MS:
        return (
            f"The far end's packets came unevenly ({float(str(jitter)):.0f} ms of jitter): the network between us is overloaded."
        )
    declared, heard_from = quality["declared"], quality["heard_from"]
    elsewhere = f", from {heard_from} instead of {declared} (a NAT)" if heard_from and heard_from != declared else ""
    return (
        f"Audio {'goes' if live else 'went'} both ways: {quality['received']} packets in{elsewhere}, {quality['sent']} out, "
        f"{100 * float(str(loss)):.1f} % lost, {float(str(jitter)):.0f} ms of jitter, estimated MOS {mos}."
    )


def _descriptions(entries: Iterable[Entry]) -> Iterator[Description]:
    for entry in entries:
        text = str(entry.data.get("text", "")) if entry.kind == "sip" else ""
        audio = _AUDIO.search(text)
        if audio is None:
            continue
        address, way = _CONNECTION.search(text), _WAY.search(text)
        names = dict(_RATE.findall(text))
        codecs = tuple(names.get(number, _STATIC.get(number, number)) for number in audio[2].split())
        yield Description(
            ours=entry.data.get("direction") == "out",
            address=address[1] if address is not None else "",
            port=int(audio[1][:6]),
            way=way[1] if way is not None else "sendrecv",
            codecs=tuple(name for name in codecs if name.lower() != "telephone-event"),
            peer=str(entry.data.get("peer", "")),
        )
