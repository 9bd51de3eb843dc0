"""The real endpoint: pjsua2 for signalling, RTP and codecs, and rows of two matrices for the audio."""

from sip.pjsua.endpoint import PjsuaEndpoint

__all__ = ["PjsuaEndpoint"]
