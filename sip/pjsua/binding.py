"""The two doors into pjsip: the ``pjsua2`` classes, and the C functions behind them through ctypes.

Every C function of pjsip is exported by the extension module; ``ctypes.CDLL`` releases the GIL for each call, without which
pjsip's locks and the GIL would deadlock.
"""

from __future__ import annotations

import ctypes
from typing import Any

import pjsua2

pj: Any = pjsua2
Error: Any = pjsua2.Error
lib = ctypes.CDLL(pjsua2._pjsua2.__file__)
Pointer = ctypes.c_void_p
Integer = ctypes.c_int
Unsigned = ctypes.c_uint
LONGEST_DESCRIPTION = 8_000


class Frame(ctypes.Structure):
    """``pjmedia_frame``."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("buf", ctypes.c_void_p),
        ("size", ctypes.c_size_t),
        ("timestamp", ctypes.c_uint64),
        ("bit_info", ctypes.c_uint32),
    )


class Text(ctypes.Structure):
    """``pj_str_t``."""

    _fields_ = (("ptr", ctypes.c_char_p), ("slen", ctypes.c_ssize_t))


class Method(ctypes.Structure):
    """``pjsip_method``."""

    _fields_ = (("id", ctypes.c_int), ("name", Text))


MessageHook = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)


class Module(ctypes.Structure):
    """``pjsip_module``."""

    _fields_ = (
        ("prev", ctypes.c_void_p),
        ("next", ctypes.c_void_p),
        ("name", Text),
        ("id", ctypes.c_int),
        ("priority", ctypes.c_int),
        ("load", ctypes.c_void_p),
        ("start", ctypes.c_void_p),
        ("stop", ctypes.c_void_p),
        ("unload", ctypes.c_void_p),
        ("on_rx_request", MessageHook),
        ("on_rx_response", MessageHook),
        ("on_tx_request", MessageHook),
        ("on_tx_response", MessageHook),
        ("on_tsx_state", ctypes.c_void_p),
    )


class Switches(ctypes.Structure):
    """The beginning of ``pjsip_cfg_t``."""

    _fields_ = (
        ("allow_port_in_fromto_hdr", ctypes.c_int),
        ("accept_replace_in_early_state", ctypes.c_int),
        ("allow_tx_hash_in_uri", ctypes.c_int),
        ("disable_rport", ctypes.c_int),
        ("disable_tcp_switch", ctypes.c_int),
    )


def text(value: str) -> Text:
    """A ``pj_str_t``; keep it alive as long as pjsip may read it."""
    raw = value.encode("utf-8", "surrogateescape")
    return Text(raw, len(raw))


def _declare(name: str, arguments: list[Any], result: Any) -> None:
    function = getattr(lib, name)
    function.argtypes, function.restype = arguments, result


_PORT_ARGUMENTS = [Pointer, Pointer, ctypes.c_size_t, Unsigned, Unsigned, Unsigned, Unsigned, Unsigned, ctypes.POINTER(Pointer)]
_SIGNATURES: tuple[tuple[str, list[Any], Any], ...] = (
    ("pj_log_set_level", [Integer], None),
    ("pj_pool_release", [Pointer], None),
    ("pj_list_insert_before", [Pointer, Pointer], None),
    ("pjsua_pool_create", [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_size_t], Pointer),
    ("pjsua_get_pjsip_endpt", [], Pointer),
    ("pjsua_set_no_snd_dev", [], Pointer),
    ("pjsua_call_get_conf_port", [Integer], Integer),
    ("pjsua_call_get_count", [], Unsigned),
    ("pjsua_call_get_max_count", [], Unsigned),
    ("pjsua_conf_add_port", [Pointer, Pointer, ctypes.POINTER(Integer)], Integer),
    ("pjsua_conf_connect", [Integer, Integer], Integer),
    ("pjsua_conf_disconnect", [Integer, Integer], Integer),
    ("pjmedia_null_port_create", [Pointer, Unsigned, Unsigned, Unsigned, Unsigned, ctypes.POINTER(Pointer)], Integer),
    ("pjmedia_port_get_frame", [Pointer, ctypes.POINTER(Frame)], Integer),
    ("pjmedia_sdp_print", [Pointer, ctypes.c_char_p, ctypes.c_size_t], Integer),
    ("pjsip_endpt_register_module", [Pointer, ctypes.POINTER(Module)], Integer),
    ("pjsip_endpt_unregister_module", [Pointer, ctypes.POINTER(Module)], Integer),
    ("pjsip_generic_string_hdr_create", [Pointer, ctypes.POINTER(Text), ctypes.POINTER(Text)], Pointer),
    ("pjsip_endpt_respond_stateless", [Pointer, Pointer, Integer, Pointer, Pointer, Pointer], Integer),
    ("pjsip_get_options_method", [], Pointer),
    (
        "pjsip_endpt_create_request",
        [Pointer, Pointer, *[ctypes.POINTER(Text)] * 5, Integer, Pointer, ctypes.POINTER(Pointer)],
        Integer,
    ),
    ("pjsip_endpt_send_request_stateless", [Pointer, Pointer, Pointer, Pointer], Integer),
    ("pjsip_rx_data_clone", [Pointer, Unsigned, ctypes.POINTER(Pointer)], Integer),
    ("pjsip_rx_data_free_cloned", [Pointer], Integer),
    ("pjsip_tsx_create_key", [Pointer, ctypes.POINTER(Text), Integer, ctypes.POINTER(Method), Pointer], Integer),
    ("pjsip_tsx_layer_find_tsx", [ctypes.POINTER(Text), Integer], Pointer),
    ("pjsip_tsx_terminate", [Pointer, Integer], Integer),
    ("_ZN2pj9SipRxData6fromPjER13pjsip_rx_data", [Pointer, Pointer], None),
    ("_ZN2pj9SipTxData6fromPjER13pjsip_tx_data", [Pointer, Pointer], None),
)
for _signature in _SIGNATURES:
    _declare(*_signature)

has_natives = hasattr(lib, "pjmedia_mem_player_create")
"""Whether this is a build of our own: the wheel of PyPI leaves out what its Python classes do not use, and all of ``sip/native``.
A build of ours that lacks a part of it cannot be loaded."""
_NATIVES: tuple[tuple[str, list[Any], Any], ...] = (
    ("pjmedia_mem_player_create", _PORT_ARGUMENTS, Integer),
    ("pjmedia_mem_capture_create", _PORT_ARGUMENTS, Integer),
    ("strowger_face", [Integer, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p], None),
    ("strowger_near", [ctypes.c_char_p, Unsigned], Integer),
    ("strowger_open", [Unsigned, Integer, Integer], Integer),
    ("strowger_is_secure", [Pointer], Integer),
    ("strowger_rest_ports", [Unsigned], None),
    ("strowger_follow_source", [Pointer], Integer),
    ("strowger_opus_terms", [Unsigned, Unsigned], Integer),
)
for _signature in _NATIVES if has_natives else ():
    _declare(*_signature)
_strangers, _leftovers = (
    ctypes.c_ulong.in_dll(lib, name) if has_natives else ctypes.c_ulong() for name in ("strowger_strangers", "strowger_leftovers")
)


def rest_ports(seconds: float) -> None:
    """How long an RTP port is not used again (``sip/native/guard.c``); the wheel of PyPI has no such thing."""
    if has_natives:
        lib.strowger_rest_ports(int(1000 * seconds))


def follow_source(pointer: int) -> None:
    """Let a dialog that a ``pjsip_rx_data`` makes or changes reach a far end behind a NAT (``sip/native/contacts.c``)."""
    if has_natives:
        lib.strowger_follow_source(pointer)


def is_secure(pointer: int) -> bool | None:
    """Whether a ``pjsip_rx_data`` came over TLS; None where the library does not say."""
    return bool(lib.strowger_is_secure(pointer)) if has_natives else None


def strangers() -> int:
    """Media packets that were dropped because they came from somebody else than the far end of the call."""
    return _strangers.value


def leftovers() -> int:
    """Those of them that somebody sent who was heard in the call before, which had the same port."""
    return _leftovers.value


def stay_on_udp() -> None:
    """Do not let pjsip send a long request over TCP instead (RFC 3261 section 18.1.1): most trunks listen on UDP alone."""
    Switches.in_dll(lib, "pjsip_sip_cfg_var").disable_tcp_switch = 1


def clean(value: str) -> str:
    """Text from the wire that can be written anywhere: bytes that are no UTF-8 become U+FFFD instead of surrogates."""
    return value if value.isascii() else value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def description(pointer: int) -> str:
    """The text of a ``pjmedia_sdp_session``; empty when it is absurdly long."""
    text = ctypes.create_string_buffer(LONGEST_DESCRIPTION)
    length = lib.pjmedia_sdp_print(pointer, text, LONGEST_DESCRIPTION)
    return clean(text.raw[: max(0, length)].decode("utf-8", "surrogateescape"))


def received(pointer: int) -> tuple[str, str]:
    """Text and source of a ``pjsip_rx_data``."""
    data = pj.SipRxData()
    lib._ZN2pj9SipRxData6fromPjER13pjsip_rx_data(int(data.this), pointer)
    return clean(data.wholeMsg), data.srcAddress


def sent(pointer: int) -> tuple[str, str]:
    """Text and destination of a ``pjsip_tx_data``."""
    data = pj.SipTxData()
    lib._ZN2pj9SipTxData6fromPjER13pjsip_tx_data(int(data.this), pointer)
    return clean(data.wholeMsg), data.dstAddress
