"""The C functions of pjsip that pjsua2 does not offer, reached through ctypes.

Every C function is exported by the extension module itself. ``ctypes.CDLL`` gives up the GIL during a call.
"""

from __future__ import annotations

import ctypes
from typing import Any

import pjsua2 as pj

try:
    import _pjsua2
except ImportError:  # the PyPI wheel keeps the extension inside a package
    from pjsua2 import _pjsua2

lib = ctypes.CDLL(_pjsua2.__file__)

Pointer = ctypes.c_void_p
_UNSIGNED, _INT, _SIZE = ctypes.c_uint, ctypes.c_int, ctypes.c_size_t

NO_PORT = -1


class Text(ctypes.Structure):
    """``pj_str_t``."""

    _fields_ = (("ptr", ctypes.c_char_p), ("slen", ctypes.c_ssize_t))

    @classmethod
    def of(cls, text: str) -> Text:
        """A borrowed string: keep the result alive as long as C may look at it."""
        raw = text.encode()
        return cls(raw, len(raw))


class Frame(ctypes.Structure):
    """``pjmedia_frame``."""

    _fields_ = (
        ("type", _INT),
        ("buf", Pointer),
        ("size", _SIZE),
        ("timestamp", ctypes.c_uint64),
        ("bit_info", ctypes.c_uint32),
    )


OnMessage = ctypes.CFUNCTYPE(_INT, Pointer)


class Module(ctypes.Structure):
    """``pjsip_module``; its layout has not changed in many years."""

    _fields_ = (
        ("prev", Pointer),
        ("next", Pointer),
        ("name", Text),
        ("id", _INT),
        ("priority", _INT),
        ("load", Pointer),
        ("start", Pointer),
        ("stop", Pointer),
        ("unload", Pointer),
        ("on_rx_request", OnMessage),
        ("on_rx_response", OnMessage),
        ("on_tx_request", OnMessage),
        ("on_tx_response", OnMessage),
        ("on_tsx_state", Pointer),
    )


_PORT_ARGUMENTS: list[Any] = [Pointer, Pointer, _SIZE, *[_UNSIGNED] * 5, ctypes.POINTER(Pointer)]

for _name, _arguments, _result in (
    ("pj_log_set_level", [_INT], None),
    ("pjsua_pool_create", [ctypes.c_char_p, _SIZE, _SIZE], Pointer),
    ("pj_pool_release", [Pointer], None),
    ("pjmedia_mem_player_create", _PORT_ARGUMENTS, _INT),
    ("pjmedia_mem_capture_create", _PORT_ARGUMENTS, _INT),
    ("pjsua_conf_add_port", [Pointer, Pointer, ctypes.POINTER(_INT)], _INT),
    ("pjsua_conf_connect", [_INT, _INT], _INT),
    ("pjsua_conf_disconnect", [_INT, _INT], _INT),
    ("pjsua_call_get_conf_port", [_INT], _INT),
    ("pjsua_set_no_snd_dev", [], Pointer),
    ("pjmedia_port_get_frame", [Pointer, ctypes.POINTER(Frame)], _INT),
    ("pjsua_get_pjsip_endpt", [], Pointer),
    ("pjsip_endpt_register_module", [Pointer, ctypes.POINTER(Module)], _INT),
    ("pjsip_endpt_unregister_module", [Pointer, ctypes.POINTER(Module)], _INT),
    ("pjsip_endpt_respond_stateless", [Pointer, Pointer, _INT, Pointer, Pointer, Pointer], _INT),
    ("pjsip_generic_string_hdr_create", [Pointer, ctypes.POINTER(Text), ctypes.POINTER(Text)], Pointer),
    ("pj_list_insert_before", [Pointer, Pointer], None),
):
    _function = getattr(lib, _name)
    _function.argtypes, _function.restype = _arguments, _result

_rx_from_pj = lib._ZN2pj9SipRxData6fromPjER13pjsip_rx_data
_tx_from_pj = lib._ZN2pj9SipTxData6fromPjER13pjsip_tx_data
for _function in (_rx_from_pj, _tx_from_pj):
    _function.argtypes, _function.restype = [Pointer, Pointer], None


def received(rdata: int) -> tuple[str, str]:
    """The text and the source address of a ``pjsip_rx_data``."""
    data = pj.SipRxData()
    _rx_from_pj(int(data.this), rdata)
    return data.wholeMsg, data.srcAddress


def transmitted(tdata: int) -> tuple[str, str]:
    """The text and the destination address of a ``pjsip_tx_data``."""
    data = pj.SipTxData()
    _tx_from_pj(int(data.this), tdata)
    return data.wholeMsg, data.dstAddress


def respond(rdata: int, code: int, headers: tuple[tuple[str, str], ...] = ()) -> None:
    """Answer a request without a transaction."""
    pool = lib.pjsua_pool_create(b"respond", 1000, 1000)
    empty_list = (Pointer * 8)()
    head = ctypes.addressof(empty_list)
    empty_list[0] = empty_list[1] = head
    kept = []
    for name, value in headers:
        pair = (Text.of(name), Text.of(value))
        kept.append(pair)
        lib.pj_list_insert_before(head, lib.pjsip_generic_string_hdr_create(pool, ctypes.byref(pair[0]), ctypes.byref(pair[1])))
    lib.pjsip_endpt_respond_stateless(lib.pjsua_get_pjsip_endpt(), rdata, code, None, head, None)
    lib.pj_pool_release(pool)
