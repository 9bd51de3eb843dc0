"""``strowger doctor``: what would keep calls, audio or webhooks from working on this machine, one finding a line."""

from __future__ import annotations

import asyncio
import ipaddress
import resource
import secrets
import shutil
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import httpx

from sip.addresses import bracketed
from sip.endpoint import SipError
from sip.sockets import Kind, why_unavailable
from sip.uri import is_private, read_address
from voice.accounts.account import open_account
from voice.errors import SettingsInvalid
from voice.settings import Settings, local_address, own_host
from voice.web.parameters import API_VERSION

Grade = Literal["good", "doubt", "bad"]
FILES_PER_CALL = 7
"""Open files of a call: two sockets, two recordings, a stream, and what its webhook and the start of a file take."""
SPARE_FILES = 200
LEAST_DISK = 1 << 30
"""Bytes that should be free for recordings and journals."""
SOON_DAYS = 21
PATIENCE_SECONDS = 2.0
SELF_CALL_SECONDS = 30.0
MOST_OWNERS = 5
"""Whose ports are looked up; each takes a walk through all processes."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    grade: Grade
    said: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Everything that can be seen from here, whether or not a switch runs; beside ``call_ourselves``."""
    yield from _ports(settings)
    yield from examine_surroundings(settings)


def call_ourselves(settings: Settings) -> Finding:
    """Whether a call to ourselves passes audio both ways: of the switch that runs or, where none does, of one for the moment."""
    try:
        passed, said = _ask_for_call(settings) if is_held(settings) else _rehearse(settings)
    except (SipError, SettingsInvalid, OSError, httpx.HTTPError, ValueError) as error:
        return Finding("bad", f"audio: a call to ourselves could not be tried: {error}")
    return Finding("good" if passed else "bad", f"audio: {said}")


def taken_ports(settings: Settings) -> Iterator[str]:
    """The ports that a switch could not have now, and who has them."""
    for kind, bind, port, _ in _wanted_ports(settings):
        if why_unavailable(kind, bind, port):
            yield f"{kind} port {port} is held by {owner_of(kind, port) or 'a process that is not ours to see'}"


def is_held(settings: Settings) -> bool:
    """Whether a switch of ours has the SIP port."""
    sip = settings.sip
    return bool(why_unavailable("udp", sip.bind[0], sip.port)) and _is_switch(owner_of("udp", sip.port))


def _ask_for_call(settings: Settings) -> tuple[bool, str]:
    owner, _ = open_account(settings)
    url = f"{local_address(settings)}/{API_VERSION}/Accounts/{owner.sid}/SelfCalls.json"
    answer = httpx.post(url, auth=(owner.sid, owner.auth_token), trust_env=False, timeout=SELF_CALL_SECONDS)
    answer.raise_for_status()
    told = answer.json()
    return told["passed"], told["explanation"]


def _rehearse(settings: Settings) -> tuple[bool, str]:
    from voice.rehearsal import rehearse  # it loads pjsua2

    verdict = asyncio.run(rehearse(settings))
    return verdict.passed, verdict.said


def open_files(settings: Settings) -> int:
    """How many a switch with all its calls has; pages and phones that are connected without one come on top."""
    return settings.limits.max_calls * FILES_PER_CALL + SPARE_FILES


def examine_surroundings(settings: Settings) -> Iterator[Finding]:
    """What is not of this process, and may be looked at by the switch itself."""
    yield from _address(settings)
    yield from _certificate(settings)
    yield from _webhooks(settings)
    yield from _room(settings)


def _wanted_ports(settings: Settings) -> Iterator[tuple[Kind, str, int, str]]:
    """Those of signalling and HTTP, and what they are for."""
    sip, http = settings.sip, settings.http
    for bind in sip.bind:
        yield "udp", bind, sip.port, "SIP"
        yield "tcp", bind, sip.port, "SIP"
        if sip.tls_port:
            yield "tcp", bind, sip.tls_port, "SIP over TLS"
    yield "tcp", http.bind, http.port, "HTTP"
    if http.tls_port:
        yield "tcp", http.bind, http.tls_port, "HTTPS"


def _ports(settings: Settings) -> Iterator[Finding]:
    sip = settings.sip
    for kind, bind, port, name in _wanted_ports(settings):
        error = why_unavailable(kind, bind, port)
        if not error:
            yield Finding("good", f"{name}: {kind} port {port} of {bind} is free")
            continue
        owner = owner_of(kind, port)
        if _is_switch(owner):
            yield Finding("good", f"{name}: {kind} port {port} is held by a switch that runs ({owner})")
            if (kind, bind, name) == ("udp", sip.bind[0], "SIP"):
                yield from _answers(settings)
        else:
            known = f"; {owner} has it" if owner else ""
            yield Finding("bad", f"{name}: {kind} port {port} of {bind} cannot be had: {error}{known}")
    yield _audio_ports(settings)


def _audio_ports(settings: Settings) -> Finding:
    """Some of them, evenly over the range."""
    first, last = settings.sip.rtp_ports
    some = range(first, last + 1, max(1, (last - first) // 50))
    taken = [port for bind in settings.sip.bind for port in some if why_unavailable("udp", bind, port)]
    for port in taken[:MOST_OWNERS]:
        owner = owner_of("udp", port)
        if not _is_switch(owner):
            who = owner or "a process that is not ours to see"
            return Finding("doubt", f"audio: of the RTP ports {first} to {last} some are taken: {who} has {port}")
    return Finding("good", f"audio: the RTP ports {first} to {last} are free; open them (UDP) in the firewall")


def _answers(settings: Settings) -> Iterator[Finding]:
    """Whether the switch that runs answers at the address that it tells callers."""
    host, port = own_host(settings).strip("[]"), settings.sip.port
    shown = bracketed(host)
    name = f"doctor-{secrets.token_hex(6)}"
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(PATIENCE_SECONDS)
        try:
            probe.connect((host, port))
            address, own = probe.getsockname()[:2]
            here = f"{bracketed(address)}:{own}"
            lines = (
                f"OPTIONS sip:{shown}:{port} SIP/2.0",
                f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{name};rport",
                "Max-Forwards: 70",
                f"From: <sip:doctor@{here}>;tag={name}",
                f"To: <sip:{shown}:{port}>",
                f"Call-ID: {name}",
                "CSeq: 1 OPTIONS",
                "Content-Length: 0",
            )
            probe.send("\r\n".join([*lines, "", ""]).encode())
            answer = probe.recv(2048).decode(errors="replace").partition("\r\n")[0]
        except OSError as error:
            yield Finding("bad", f"SIP: nobody answers at {shown}:{port}, which callers are told: {error}")
        else:
            yield Finding("good", f"SIP: the switch answers at {shown}:{port}, which callers are told: {answer}")


def _is_switch(owner: str) -> bool:
    """Whether a command is one of ours."""
    return "strowger" in owner or "voice" in owner.split()


def owner_of(kind: str, port: int, proc: Path = Path("/proc")) -> str:
    """The command of the process that has a port, as far as we may see it; empty otherwise."""
    inodes = set()
    for table in (f"{kind}", f"{kind}6"):
        try:
            lines = (proc / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if int(fields[1].rpartition(":")[2], 16) == port and (kind == "udp" or fields[3] == "0A"):
                inodes.add(f"socket:[{fields[9]}]")
    for folder in proc.glob("[0-9]*/fd"):
        try:
            if any(str(link.readlink()) in inodes for link in folder.iterdir()):
                return (folder.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()[:120]
        except OSError:
            continue
    return ""


def _address(settings: Settings) -> Iterator[Finding]:
    sip, host = settings.sip, own_host(settings)
    address = read_address((sip.media_address or (host,))[0])
    bound = [read_address(each) for each in sip.bind]
    if all(each is not None and each.is_loopback for each in bound):
        yield Finding("doubt", f"network: SIP listens on {' and '.join(sip.bind)}, so only this machine can call; set [sip] bind")
    elif address is None:
        yield from _resolve(host)
    elif is_private(address):
        advice = "set [sip] external_address unless all callers are near"
        yield Finding("doubt", f"network: callers are told to send audio to {address}, which is private: {advice}")
    else:
        yield Finding("good", f"network: callers are told to send audio to {address}")


def _resolve(host: str) -> Iterator[Finding]:
    try:
        found = str(socket.getaddrinfo(host, None)[0][4][0])
    except OSError as error:
        yield Finding("bad", f"network: {host!r}, which callers are told, has no address: {error}")
    else:
        grade: Grade = "doubt" if is_private(ipaddress.ip_address(found)) else "good"
        yield Finding(grade, f"network: callers are told {host}, which is {found}")


def _certificate(settings: Settings) -> Iterator[Finding]:
    """Those that are named; one that we make ourselves is renewed in time."""
    for name, section in (("TLS", settings.sip), ("HTTPS", settings.http)):
        if section.tls_certificate:
            yield _validity(name, section.tls_certificate, section.tls_private_key)


def _validity(name: str, certificate: str, private_key: str) -> Finding:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, private_key or None, password="")
        decoded = ssl._ssl._test_decode_cert(certificate)  # type: ignore[attr-defined]
    except (OSError, ssl.SSLError) as error:
        return Finding("bad", f"{name}: {certificate} cannot be used: {error}")
    expires = datetime.fromtimestamp(ssl.cert_time_to_seconds(decoded["notAfter"]), UTC)
    days = (expires - datetime.now(UTC)).days
    if days < 0:
        return Finding("bad", f"{name}: the certificate has expired on {expires:%Y-%m-%d}")
    return Finding("doubt" if days < SOON_DAYS else "good", f"{name}: the certificate is valid until {expires:%Y-%m-%d}")


def _webhooks(settings: Settings) -> Iterator[Finding]:
    urls = {number.voice_url for number in settings.number} | {domain.voice_url for domain in settings.sip_domain}
    for url in sorted(filter(None, urls)):
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            socket.create_connection((parts.hostname or "", port), 3).close()
        except OSError as error:
            yield Finding("bad", f"webhook: nobody answers at {parts.scheme}://{parts.netloc}: {error.strerror or error}")
        else:
            yield Finding("good", f"webhook: {parts.scheme}://{parts.netloc} takes connections")


def _room(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir if settings.data_dir.exists() else settings.data_dir.absolute().parent
    free = shutil.disk_usage(folder).free
    yield Finding("good" if free >= LEAST_DISK else "doubt", f"disk: {free / (1 << 30):.1f} GB are free for {settings.data_dir}")
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = open_files(settings)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        yield Finding("doubt", f"files: {hard} may be open, max_calls can need {wanted}: raise LimitNOFILE")
    else:
        yield Finding("good", f"files: enough may be open for {settings.limits.max_calls} calls")
