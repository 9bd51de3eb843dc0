"""The SIP endpoint that settings describe, and who looks up names for it."""

from __future__ import annotations

from media.bus import Bus
from sip.pjsua import PjsuaEndpoint
from sip.pjsua.transports import SYSTEM_AUTHORITIES, Tls
from sip.uri import is_encrypted
from voice.certificate import Certificate
from voice.settings import Settings
from voice.trunks.resolver import Resolver
from voice.trunks.ways import Ways


def make_resolver(settings: Settings) -> Resolver:
    """Whoever finds out where names lead."""
    sip = settings.sip
    return Resolver(sip.nameservers, sip.addresses.versions, proves_names=PjsuaEndpoint.proves_names)


def make_endpoint(settings: Settings, bus: Bus, certificate: Certificate | None, ways: Ways | None = None) -> PjsuaEndpoint:
    """Make it; it listens when it is started. ``certificate`` has been installed, ``ways`` look names up."""
    sip = settings.sip
    path = str(certificate.path) if certificate is not None else ""
    encrypted = (
        sip.tls_port or certificate is not None or any(is_encrypted(uri) for trunk in settings.trunk for uri in trunk.uris)
    )
    return PjsuaEndpoint(
        bus.rx,
        bus.tx,
        rate=bus.rate,
        addresses=sip.addresses,
        port=sip.port,
        locate=ways.routes if ways is not None else None,
        rtp_ports=sip.rtp_ports,
        rtp_port_rest_seconds=sip.rtp_port_rest_seconds,
        codecs=sip.codecs,
        srtp=sip.srtp,
        tls=Tls(sip.tls_port, path, sip.tls_client_ca, sip.tls_ca or SYSTEM_AUTHORITIES) if encrypted else None,
        max_calls=settings.limits.max_calls,
    )
