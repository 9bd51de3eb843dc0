"""Real calls by pjsip: signalling, RTP, jitter buffers, codecs and SRTP in C, events and arrays on our side."""

from sip.pjsua.binding import leftovers, strangers
from sip.pjsua.endpoint import PjsuaEndpoint

__all__ = ["PjsuaEndpoint", "leftovers", "strangers"]
