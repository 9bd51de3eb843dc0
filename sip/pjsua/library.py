"""Starting pjsua2 with our limits, and the accounts on which calls come and go."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Literal

import pjsua2 as pj

from sip.endpoint import TransportUnavailable
from sip.pjsua.native import lib

Srtp = Literal["off", "optional", "required"]

CODECS = {"opus": "opus/48000", "g722": "G722/16000", "pcmu": "PCMU/8000", "pcma": "PCMA/8000"}
SPARE_CALLS = 32
"""Beyond ``max_calls``: one more INVITE must still reach us, to be refused with 503 and Retry-After."""

_SRTP = {
    "off": pj.PJMEDIA_SRTP_DISABLED,
    "optional": pj.PJMEDIA_SRTP_OPTIONAL,
    "required": pj.PJMEDIA_SRTP_MANDATORY,
}


@dataclass(frozen=True, slots=True)
class Configuration:
    """What an endpoint is made of."""

    rate: int
    bind: str
    port: int
    external_address: str
    rtp_ports: tuple[int, int]
    codecs: tuple[str, ...]
    srtp: Srtp
    max_calls: int
    user_agent: str


def start_library(configuration: Configuration) -> pj.Endpoint:
    """Create, initialise and start the one endpoint of this process. Raises TransportUnavailable."""
    lib.pj_log_set_level(0)
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    try:
        endpoint.libInit(_endpoint_config(configuration))
        for kind in (pj.PJSIP_TRANSPORT_UDP, pj.PJSIP_TRANSPORT_TCP):
            transport = pj.TransportConfig()
            transport.port = configuration.port
            transport.boundAddress = configuration.bind
            transport.publicAddress = configuration.external_address
            endpoint.transportCreate(kind, transport)
        endpoint.libStart()
        _order_codecs(endpoint, configuration.codecs)
    except pj.Error as error:
        with contextlib.suppress(pj.Error):
            endpoint.libDestroy()
        raise TransportUnavailable(f"{configuration.bind}:{configuration.port}: {error.reason}") from None
    return endpoint


def account_config(configuration: Configuration) -> pj.AccountConfig:
    """An account that registers nowhere; the outbound one gets its identity before each call."""
    config = pj.AccountConfig()
    host = configuration.external_address or configuration.bind
    config.idUri = f"sip:{host}"
    media = config.mediaConfig
    low, high = configuration.rtp_ports
    media.transportConfig.port = low
    media.transportConfig.portRange = high - low
    media.transportConfig.boundAddress = configuration.bind
    media.transportConfig.publicAddress = configuration.external_address
    media.srtpUse = _SRTP[configuration.srtp]
    media.srtpSecureSignaling = 0
    media.lockCodecEnabled = False
    config.natConfig.iceEnabled = False
    config.natConfig.sdpNatRewriteUse = 0
    config.natConfig.contactRewriteUse = 0
    config.natConfig.viaRewriteUse = 0
    return config


def _endpoint_config(configuration: Configuration) -> pj.EpConfig:
    config = pj.EpConfig()
    config.logConfig.level = config.logConfig.consoleLevel = 0
    config.logConfig.msgLogging = 0
    user_agent = config.uaConfig
    user_agent.maxCalls = configuration.max_calls + SPARE_CALLS
    user_agent.threadCnt = 1
    user_agent.userAgent = configuration.user_agent
    media = config.medConfig
    media.threadCnt = 1
    media.clockRate = media.sndClockRate = configuration.rate
    media.audioFramePtime = media.ptime = 20
    media.maxMediaPorts = 4 * (configuration.max_calls + SPARE_CALLS)
    media.noVad = True
    media.ecTailLen = 0
    return config


def _order_codecs(endpoint: pj.Endpoint, wanted: tuple[str, ...]) -> None:
    priorities = {CODECS[name.lower()]: 254 - place for place, name in enumerate(wanted) if name.lower() in CODECS}
    for codec in endpoint.codecEnum2():
        family = codec.codecId.rsplit("/", 1)[0]
        endpoint.codecSetPriority(codec.codecId, priorities.get(family, 0))
