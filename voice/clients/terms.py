"""The settings of the audio of pages, as the media side takes them."""

from __future__ import annotations

from media.webrtc.terms import Relay, Terms
from voice.clients.leg import Patience
from voice.settings import Webrtc


def terms_of(settings: Webrtc) -> Terms:
    """What holds for every page."""
    return Terms(
        codecs=settings.codecs,
        ports=settings.ports,
        bind=settings.bind,
        external_address=settings.external_address,
        stun=_address(settings.stun) if settings.stun else None,
        turn=_relay(settings) if settings.turn else None,
        most_delay_ms=settings.most_delay_ms,
    )


def patience_of(settings: Webrtc) -> Patience:
    """How long a call waits for its page and for its audio."""
    return Patience(settings.page_seconds, settings.audio_seconds)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


def _relay(settings: Webrtc) -> Relay:
    host, port = _address(settings.turn)
    encrypted = settings.turn_transport == "tls"
    transport = "tcp" if encrypted else settings.turn_transport
    return Relay(host, port, settings.turn_username, settings.turn_password, transport, encrypted)
