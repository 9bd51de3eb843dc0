"""Start-up, settings and shutdown of the pjsip library. It can be started once in the life of a process."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sip.endpoint import TransportUnavailable
from sip.pjsua.binding import Error, clean, lib, pj, rest_ports, stay_on_udp
from sip.pjsua.transports import Tls, open_transports

QUIET = 0
WARNINGS = 2
LOG_LINES_PER_SECOND = 20
LONGEST_LINE = 300
"""Characters; pjsip prints whole packets behind its first line."""
RESAMPLE_QUALITY = 4
"""Small filters: speech needs no more, and a large one costs a tenth of a core per hundred legs."""
MOST_PORTS = 8_000

_log = logging.getLogger("sip.pjsua.library")
_SRTP = {"off": "PJMEDIA_SRTP_DISABLED", "optional": "PJMEDIA_SRTP_OPTIONAL", "required": "PJMEDIA_SRTP_MANDATORY"}


@dataclass(frozen=True, slots=True)
class Options:
    """What a PjsuaEndpoint was constructed with."""

    rate: int
    bind: str
    port: int
    external_address: str
    rtp_ports: tuple[int, int]
    codecs: tuple[str, ...]
    srtp: str
    user_agent: str
    tls: Tls | None = None
    """None: no encrypted signalling."""
    rtp_port_rest_seconds: float = 0
    calls: int = 64
    """Dialogs at a time at most; the library cuts it down to what it was built for, and takes 40 kB for each."""

    @property
    def host(self) -> str:
        """The address we name in our own URIs."""
        return self.external_address or (self.bind if self.bind != "0.0.0.0" else socket.gethostname())


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


def check_ports(bind: str, port: int, tls_port: int = 0) -> None:
    """Raises TransportUnavailable when UDP or TCP of a port is taken or the address is not ours."""
    wanted = [(socket.SOCK_DGRAM, "UDP", port), (socket.SOCK_STREAM, "TCP", port)]
    wanted += [(socket.SOCK_STREAM, "TLS", tls_port)] if tls_port else []
    for kind, name, port in wanted:
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((bind, port))
                if kind == socket.SOCK_STREAM:
                    probe.listen(1)
            except OSError as error:
                raise TransportUnavailable(f"{name} {bind}:{port} cannot be bound: {error.strerror or error}") from error


def open_library(options: Options, before_start: Callable[[], None]) -> tuple[Any, int | None]:
    """Start pjsip and listen; ``before_start`` runs when everything but the transports is there.

    Returns the library, and the transport for peers that have to prove who they are. Raises TransportUnavailable.
    """
    check_ports(options.bind, options.port, options.tls.port if options.tls is not None else 0)
    lib.pj_log_set_level(QUIET)
    library = pj.Endpoint()
    library.libCreate()
    try:
        library.libInit(_configuration(options))
        stay_on_udp()
        before_start()
        rest_ports(options.rtp_port_rest_seconds)
        proving = open_transports(library, options.bind, options.port, options.external_address, options.tls)
        _order_codecs(library, options.codecs)
        library.libStart()
    except Error as error:
        close_library(library)
        raise TransportUnavailable(f"{options.bind}:{options.port} cannot be opened: {error}") from error
    return library, proving


def close_library(library: Any) -> None:
    """Shut down without waiting for anybody."""
    lib.pj_log_set_level(QUIET)
    library.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)


def account_configuration(options: Options, identity: str, *, takes_dtls: bool = False) -> Any:
    """How calls under an identity are made and media is set up.

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
    media.transportConfig.boundAddress = options.bind
    media.transportConfig.publicAddress = options.external_address
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
    media.audioFramePtime = media.ptime = 20
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
