"""Start-up, settings and shutdown of the pjsip library. It can be started once in the life of a process."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sip.addresses import Addresses, Face, Version, bracketed
from sip.endpoint import TransportUnavailable
from sip.pjsua.binding import Error, clean, has_natives, lib, pj, rest_ports, stay_on_udp
from sip.pjsua.transports import Tls, open_transports, placeholder
from sip.sockets import Kind, why_unavailable

QUIET = 0
WARNINGS = 2
LOG_LINES_PER_SECOND = 20
LONGEST_LINE = 300
"""Characters; pjsip prints whole packets behind its first line."""
RESAMPLE_QUALITY = 4
"""Small filters: speech needs no more, and a large one costs a tenth of a core per hundred legs."""
OPUS_BITS = 3
"""For each sample: with fewer, Opus leaves out what makes up for lost packets."""
MOST_PORTS = 8_000
NO_ACCOUNT = -1
"""``PJSUA_INVALID_ID``."""

_log = logging.getLogger("sip.pjsua.library")
_SRTP = {"off": "PJMEDIA_SRTP_DISABLED", "optional": "PJMEDIA_SRTP_OPTIONAL", "required": "PJMEDIA_SRTP_MANDATORY"}


@dataclass(frozen=True, slots=True)
class Options:
    """What a PjsuaEndpoint was constructed with."""

    rate: int
    addresses: Addresses
    port: int
    rtp_ports: tuple[int, int]
    codecs: tuple[str, ...]
    srtp: str
    user_agent: str
    tls: Tls | None = None
    """None: no encrypted signalling."""
    rtp_port_rest_seconds: float = 0
    calls: int = 64
    """Dialogs at a time at most; the library cuts it down to what it was built for, and takes 22 kB for each it ever used."""


class LogLines(pj.LogWriter):  # type: ignore[misc]
    """pjsip's warnings in Python's log, so many per second and no more."""

    def __init__(self) -> None:
        super().__init__()
        self._second = 0
        self._lines = 0

    def write(self, entry: Any) -> None:
        """Called by pjsip on any of its threads."""
        second = int(time.monotonic())
        if second != self._second:
            if self._lines > LOG_LINES_PER_SECOND:
                _log.warning("%d more lines were left out", self._lines - LOG_LINES_PER_SECOND)
            self._second, self._lines = second, 0
        self._lines += 1
        if self._lines <= LOG_LINES_PER_SECOND:
            _log.log(
                logging.ERROR if entry.level <= 1 else logging.WARNING, "%s", clean(entry.msg).partition("\n")[0][:LONGEST_LINE]
            )


def check_ports(addresses: Addresses, port: int, tls_port: int = 0) -> None:
    """Raises TransportUnavailable when UDP or TCP of a port is taken or an address is not ours."""
    wanted: list[tuple[str, Kind, int]] = [("UDP", "udp", port), ("TCP", "tcp", port)]
    wanted += [("TLS", "tcp", tls_port)] if tls_port else []
    for bound in addresses.bound:
        for name, kind, each in wanted:
            why = why_unavailable(kind, bound, each)
            if why:
                raise TransportUnavailable(f"{name} {bracketed(bound)}:{each} cannot be bound: {why}")


def open_library(options: Options, before_start: Callable[[], None]) -> tuple[Any, dict[Version, int]]:
    """Start pjsip and listen; ``before_start`` runs when everything but the transports is there.

    Returns the library, and by family the transports for peers that have to prove who they are. Raises TransportUnavailable.
    """
    if 6 in options.addresses.versions and not has_natives:
        raise TransportUnavailable("this build of pjsip has no IPv6: bind an IPv4 address alone")
    check_ports(options.addresses, options.port, options.tls.port if options.tls is not None else 0)
    lib.pj_log_set_level(QUIET)
    library = pj.Endpoint()
    library.libCreate()
    try:
        library.libInit(_configuration(options))
        stay_on_udp()
        before_start()
        rest_ports(options.rtp_port_rest_seconds)
        proving = open_transports(library, options.addresses, options.port, options.tls)
        _order_codecs(library, options.codecs)
        _set_opus_terms(options.rate)
        library.libStart()
    except Error as error:
        close_library(library)
        raise TransportUnavailable(
            f"port {options.port} of {' and '.join(options.addresses.bound)} cannot be opened: {error}"
        ) from error
    return library, proving


def name_addresses(options: Options, takers: Mapping[Version, int]) -> None:
    """Have each message name the addresses that are right for whom it goes to (``sip/native/addresses.c``).

    ``takers`` are the accounts that take calls, by the family of their media. Raises RuntimeError when pjsip refuses.
    """
    if not has_natives:
        return
    for face in options.addresses.faces():
        texts = (name.encode() for name in (face.bound, face.outside, face.media or _look_up(face)))
        lib.strowger_face(int(face.version == 6), *texts)
    for network in options.addresses.near:
        if not lib.strowger_near(str(network.network_address).encode(), network.prefixlen):
            raise RuntimeError(f"{network} is one local network too many")
    tls_port = options.tls.port if options.tls is not None else 0
    if lib.strowger_open(tls_port, takers.get(4, NO_ACCOUNT), takers.get(6, NO_ACCOUNT)):
        raise RuntimeError("pjsip takes no more modules")


def _look_up(face: Face) -> str:
    """The address that audio is sent to where only the name of one is given; empty where it has none of this family."""
    family = socket.AF_INET6 if face.version == 6 else socket.AF_INET
    try:
        return str(socket.getaddrinfo(face.outside, None, family, socket.SOCK_DGRAM)[0][4][0]) if face.outside else ""
    except OSError:
        _log.error("%s, which callers are to be told, has no IPv%d address", face.outside, face.version)
        return ""


def close_library(library: Any) -> None:
    """Shut down without waiting for anybody."""
    lib.pj_log_set_level(QUIET)
    library.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)


def account_configuration(options: Options, identity: str, version: Version, *, takes_dtls: bool = False) -> Any:
    """How calls under an identity are made, and media of one address family is set up.

    ``takes_dtls``: whether keys may be agreed by DTLS-SRTP (RFC 5763) as well as in the description (RFC 4568). Only an offer
    that is read tells which of them the far end knows; ours are of the second kind.
    """
    configuration = pj.AccountConfig()
    configuration.idUri = identity
    nat = configuration.natConfig
    nat.contactRewriteUse = nat.viaRewriteUse = nat.sdpNatRewriteUse = 0
    nat.iceEnabled = nat.turnEnabled = False
    nat.udpKaIntervalSec = 0
    configuration.mwiConfig.enabled = False
    media = configuration.mediaConfig
    media.lockCodecEnabled = False
    media.srtpUse = getattr(pj, _SRTP[options.srtp])
    media.srtpSecureSignaling = 0
    if options.srtp != "off":
        keyings = [pj.PJMEDIA_SRTP_KEYING_SDES]
        if takes_dtls:
            keyings.append(pj.PJMEDIA_SRTP_KEYING_DTLS_SRTP)
        media.srtpOpt.keyings = pj.IntVector(keyings)
    first, last = options.rtp_ports
    media.transportConfig.port = first
    media.transportConfig.portRange = last - first
    face = options.addresses.face(version)
    media.ipv6Use = pj.PJSUA_IPV6_ENABLED if version == 6 else pj.PJSUA_IPV6_DISABLED
    media.transportConfig.boundAddress = face.bound
    media.transportConfig.publicAddress = placeholder(face) or face.media
    return configuration


def _configuration(options: Options) -> Any:
    configuration = pj.EpConfig()
    writer = LogLines()
    log = configuration.logConfig
    log.level = log.consoleLevel = WARNINGS
    log.msgLogging = 0
    log.decor = pj.PJ_LOG_HAS_SENDER
    log.writer = writer
    writer.__disown__()  # The library deletes it.
    agent = configuration.uaConfig
    agent.maxCalls = options.calls
    agent.threadCnt = 1
    agent.userAgent = options.user_agent
    agent.natTypeInSdp = 0
    media = configuration.medConfig
    media.clockRate = media.sndClockRate = options.rate
    media.channelCount = 1
    media.audioFramePtime = 20
    media.ptime = 0  # packets are as long as the far end wants them
    media.threadCnt = 1
    media.maxMediaPorts = MOST_PORTS
    media.quality = RESAMPLE_QUALITY
    media.noVad = True
    media.ecTailLen = 0
    return configuration


def _order_codecs(library: Any, wanted: tuple[str, ...]) -> None:
    known = [codec.codecId for codec in library.codecEnum2()]
    order = [next((name for name in known if name.lower().startswith(f"{codec.lower()}/")), "") for codec in wanted]
    for name in known:
        library.codecSetPriority(name, 250 - order.index(name) if name in order else 0)
    if not any(order):
        _log.error("none of the codecs %s is in this build of pjsip", ", ".join(wanted))


def _set_opus_terms(rate: int) -> None:
    """Have Opus make and ask for no more than the bus takes, instead of 48 kHz that are thrown away (``sip/native/opus.c``)."""
    if has_natives and lib.strowger_opus_terms(rate, OPUS_BITS * rate):
        _log.error("Opus has no rate of %d Hz; it costs more than it need", rate)
