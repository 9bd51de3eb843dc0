"""Requests sent and answered, and responses taken, without pjsip's transactions; pointers are ``pjsip_rx_data``."""

from __future__ import annotations

import ctypes
import secrets

from sip.pjsua.binding import Method, Pointer, Text, lib, text
from sip.requests import Reply

OTHER_METHOD = 6
"""PJSIP_OTHER_METHOD."""
CLIENT = 0
"""PJSIP_ROLE_UAC."""


def respond(pointer: int, reply: Reply) -> None:
    """Answer a request."""
    pool = lib.pjsua_pool_create(b"reply", 1000, 1000)
    head = (Pointer * 8)()  # An empty pjsip_hdr list: a node that is its own neighbour.
    here = ctypes.addressof(head)
    head[0] = head[1] = here
    kept: list[Text] = []
    for name, value in reply.headers:
        pair = text(name), text(value)
        kept.extend(pair)
        header = lib.pjsip_generic_string_hdr_create(pool, ctypes.byref(pair[0]), ctypes.byref(pair[1]))
        lib.pj_list_insert_before(here, header)
    lib.pjsip_endpt_respond_stateless(lib.pjsua_get_pjsip_endpt(), pointer, reply.code, None, here, None)
    lib.pj_pool_release(pool)


PING = "ping-"
"""Begins the Call-ID of each OPTIONS of ours."""


def new_ping() -> str:
    """A Call-ID for ``send_options``."""
    return f"{PING}{secrets.token_hex(8)}"


def send_options(target: str, sender: str, ping: str) -> None:
    """Send an OPTIONS whose answer no transaction waits for; nothing is sent to what is no URI."""
    request = Pointer()
    uri, origin = text(target), text(f"<{sender}>")
    call_id = text(ping)
    method = lib.pjsip_get_options_method()
    parts = (uri, origin, text(f"<{target}>"), origin, call_id)
    fields = [ctypes.byref(part) for part in parts]
    if lib.pjsip_endpt_create_request(lib.pjsua_get_pjsip_endpt(), method, *fields, -1, None, ctypes.byref(request)) == 0:
        lib.pjsip_endpt_send_request_stateless(lib.pjsua_get_pjsip_endpt(), request, None, None)


def keep(pointer: int) -> int:
    """A copy of a request that outlives its hook, to be answered later and released; 0 when there is no memory."""
    copy = Pointer()
    lib.pjsip_rx_data_clone(pointer, 0, ctypes.byref(copy))
    return copy.value or 0


def release(copy: int) -> None:
    """Give a copy back; 0 is none."""
    if copy:
        lib.pjsip_rx_data_free_cloned(copy)


def settle(pointer: int, method: str) -> None:
    """End the transaction of ours that a response belongs to as if that had been a 200."""
    pool = lib.pjsua_pool_create(b"key", 500, 500)
    key, called = Text(), Method(OTHER_METHOD, text(method))
    if lib.pjsip_tsx_create_key(pool, ctypes.byref(key), CLIENT, ctypes.byref(called), pointer) == 0:
        transaction = lib.pjsip_tsx_layer_find_tsx(ctypes.byref(key), 0)
        if transaction:
            lib.pjsip_tsx_terminate(transaction, 200)
    lib.pj_pool_release(pool)
