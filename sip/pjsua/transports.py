"""The sockets of signalling: UDP, TCP, and TLS 1.2 and 1.3 (RFC 3261 section 26.3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sip.pjsua.binding import pj

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


def open_transports(library: Any, bind: str, port: int, external_address: str, tls: Tls | None) -> int | None:
    """Listen; the number of the transport for peers that have to prove themselves. Raises pj.Error."""
    plain = _configuration(bind, port, external_address)
    for kind in (pj.PJSIP_TRANSPORT_UDP, pj.PJSIP_TRANSPORT_TCP):
        library.transportCreate(kind, plain)
    if tls is None:
        return None
    listener = _configuration(bind, tls.port, external_address)
    _secure(listener.tlsConfig, tls)
    # Without a list pjsip complains at each connection; ours is short, and nobody is asked for a certificate.
    listener.tlsConfig.CaListFile = tls.client_authorities or tls.certificate
    listener.tlsConfig.verifyClient = listener.tlsConfig.requireClientCert = bool(tls.client_authorities)
    library.transportCreate(pj.PJSIP_TRANSPORT_TLS, listener)
    proving = _configuration(bind, 0, external_address)
    _secure(proving.tlsConfig, tls)
    proving.tlsConfig.CaListFile = tls.authorities
    proving.tlsConfig.verifyServer = True
    # It listens as well, because pjsip knows no other way, and turns everybody away.
    proving.tlsConfig.verifyClient = proving.tlsConfig.requireClientCert = True
    return int(library.transportCreate(pj.PJSIP_TRANSPORT_TLS, proving))


def _configuration(bind: str, port: int, external_address: str) -> Any:
    configuration = pj.TransportConfig()
    configuration.port = port
    configuration.boundAddress = bind
    configuration.publicAddress = external_address
    return configuration


def _secure(configuration: Any, tls: Tls) -> None:
    configuration.certFile = configuration.privKeyFile = tls.certificate
    configuration.proto = pj.PJ_SSL_SOCK_PROTO_TLS1_2 | pj.PJ_SSL_SOCK_PROTO_TLS1_3
    configuration.msecTimeout = HANDSHAKE_MILLISECONDS
