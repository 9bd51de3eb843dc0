"""Ports of this machine."""

from __future__ import annotations

import socket
from typing import Literal

from sip.addresses import version_of

Kind = Literal["udp", "tcp"]


def why_unavailable(kind: Kind, address: str, port: int) -> str:
    """Why nobody can listen there now; empty when one can."""
    family = socket.AF_INET6 if version_of(address) == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM) as probe:
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if kind == "tcp":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            if kind == "tcp":
                probe.listen(1)
        except OSError as error:
            return error.strerror or str(error)
    return ""
