"""The sockets of signalling: UDP, TCP, and TLS 1.2 and 1.3 (RFC 3261 section 26.3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sip.addresses import Addresses, Face, Version
from sip.pjsua.binding import has_natives, pj

SYSTEM_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
HANDSHAKE_MILLISECONDS = 5_000


@dataclass(frozen=True, slots=True)
class Tls:
    """Encrypted signalling; files are PEM, and read anew for each connection."""

    port: int = 0
    """Where phones connect; 0: nobody can, but peers are called."""
    certificate: str = ""
    """Ours with those that vouch for it, and its key, in one file."""
    client_authorities: str = ""
    """Whose certificates callers have to show; empty: none are asked for."""
    authorities: str = SYSTEM_AUTHORITIES
    """Who may vouch for the peers that have to prove themselves."""


def open_transports(library: Any, addresses: Addresses, port: int, tls: Tls | None) -> dict[Version, int]:
    """Listen; by family, the numbers of the transports for peers that have to prove themselves. Raises pj.Error."""
    proving = {}
    for face in addresses.faces():
        plain = _configuration(face, port)
        for kind in ("UDP", "TCP"):
            library.transportCreate(_kind(kind, face), plain)
        if tls is not None:
            proving[face.version] = _open_tls(library, face, tls)
    return proving


def placeholder(face: Face) -> str:
    """What the library is to name where ``sip/native/addresses.c`` puts the right address later; empty without that."""
    if not has_natives:
        return ""
    return face.bound or ("127.0.0.1" if face.version == 4 else "::1")


def _open_tls(library: Any, face: Face, tls: Tls) -> int:
    kind = _kind("TLS", face)
    listener = _configuration(face, tls.port)
    _secure(listener.tlsConfig, tls)
    # Without a list pjsip complains at each connection; ours is short, and nobody is asked for a certificate.
    listener.tlsConfig.CaListFile = tls.client_authorities or tls.certificate
    listener.tlsConfig.verifyClient = listener.tlsConfig.requireClientCert = bool(tls.client_authorities)
    library.transportCreate(kind, listener)
    proving = _configuration(face, 0)
    _secure(proving.tlsConfig, tls)
    proving.tlsConfig.CaListFile = tls.authorities
    proving.tlsConfig.verifyServer = True
    # It listens as well, because pjsip knows no other way, and turns everybody away.
    proving.tlsConfig.verifyClient = proving.tlsConfig.requireClientCert = True
    return int(library.transportCreate(kind, proving))


def _kind(name: str, face: Face) -> Any:
    return getattr(pj, f"PJSIP_TRANSPORT_{name}{'6' if face.version == 6 else ''}")


def _configuration(face: Face, port: int) -> Any:
    configuration = pj.TransportConfig()
    configuration.port = port
    configuration.boundAddress = face.bound
    configuration.publicAddress = placeholder(face) or face.outside
    return configuration


def _secure(configuration: Any, tls: Tls) -> None:
    configuration.certFile = configuration.privKeyFile = tls.certificate
    configuration.proto = pj.PJ_SSL_SOCK_PROTO_TLS1_2 | pj.PJ_SSL_SOCK_PROTO_TLS1_3
    configuration.msecTimeout = HANDSHAKE_MILLISECONDS
