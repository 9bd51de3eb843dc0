"""From what a connection dies of to the error code that TwiML gives it (spec section 1.10)."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

Failure = Callable[[int, str, str, str], Exception]

_EXPIRED = 10
_HOST_MISMATCH, _ADDRESS_MISMATCH = 62, 64
"""OpenSSL's X509_V_ERR_* numbers."""


@contextmanager
def code_of(url: str, failure: Failure) -> Iterator[None]:
    """Turn transport errors of one exchange into ``failure(code, url, message, kind)``."""
    try:
        yield
    except httpx.ConnectTimeout:
        raise failure(11201, url, "the TCP connection timed out", "ct") from None
    except httpx.ConnectError as error:
        code, message = _connect_failure(error)
        raise failure(code, url, message, "ct") from None
    except httpx.PoolTimeout:
        raise failure(11205, url, "all connections are in use", "ct") from None
    except httpx.TimeoutException:
        raise failure(11200, url, "the server stopped answering", "rt") from None
    except httpx.ProtocolError as error:
        raise failure(11206, url, f"the server does not speak HTTP: {error}", "") from None
    except httpx.NetworkError as error:
        raise failure(11200, url, f"the connection broke: {error}", "") from None


def _connect_failure(error: BaseException) -> tuple[int, str]:
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError(verify_code=code):
                number = {_HOST_MISMATCH: 11235, _ADDRESS_MISMATCH: 11235, _EXPIRED: 11236}.get(code, 11237)
                return number, f"the certificate is not accepted: {cause.verify_message}"
            case ssl.SSLError():
                return 11220, f"the TLS handshake fails: {cause.reason or cause}"
            case socket.gaierror():
                return 11210, "the host name cannot be resolved"
            case ConnectionRefusedError():
                return 11202, "the TCP connection is refused"
    return 11205, f"the connection fails: {error}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        cause = waiting.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__context__, cause.__cause__]
        if isinstance(cause, BaseExceptionGroup):
            waiting += cause.exceptions
