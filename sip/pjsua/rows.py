"""Rows of the two matrices as ports of pjsip's conference bridge, and the clock that drives the bridge.

A one-frame memory player reads a ``tx`` row and a one-frame memory capture writes an ``rx`` row. The bridge has no clock of its
own: one ``get_frame`` on its master port per 20 ms does all RTP, jitter buffers and codecs in C.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sip.pjsua.native import NO_PORT, Frame, Pointer, lib

_BYTES = 2


class Rows:
    """The bridge ports of each row, made when first needed and used for all later calls of that row."""

    def __init__(self, rx: NDArray[np.int16], tx: NDArray[np.int16], rate: int) -> None:
        self._rx = rx
        self._tx = tx
        self._rate = rate
        self._ports: dict[int, tuple[int, int]] = {}
        self._pool = lib.pjsua_pool_create(b"rows", 4000, 4000)
        self._master = lib.pjsua_set_no_snd_dev()
        samples = rx.shape[1]
        self._scratch = (ctypes.c_int16 * samples)()
        self._frame = Frame(0, ctypes.addressof(self._scratch), _BYTES * samples, 0, 0)
        self._samples = samples

    def exchange(self) -> None:
        """One frame of everything; for the media thread."""
        self._frame.size = _BYTES * self._samples
        self._frame.timestamp += self._samples
        lib.pjmedia_port_get_frame(self._master, ctypes.byref(self._frame))

    def connect(self, row: int, stream: int) -> None:
        """Let a stream's port hear and fill a row."""
        player, capture = self._of(row)
        lib.pjsua_conf_connect(player, stream)
        lib.pjsua_conf_connect(stream, capture)

    def mute(self, row: int, stream: int) -> None:
        """Let a stream's port no longer hear its row."""
        player, _ = self._of(row)
        lib.pjsua_conf_disconnect(player, stream)

    def _of(self, row: int) -> tuple[int, int]:
        if row not in self._ports:
            self._ports[row] = (
                self._make(lib.pjmedia_mem_player_create, self._tx[row]),
                self._make(lib.pjmedia_mem_capture_create, self._rx[row]),
            )
        return self._ports[row]

    def _make(self, create: Callable[..., int], samples: NDArray[np.int16]) -> int:
        port, number = Pointer(), ctypes.c_int(NO_PORT)
        count = self._samples
        status = create(self._pool, samples.ctypes.data, _BYTES * count, self._rate, 1, count, 16, 0, ctypes.byref(port))
        if status == 0:
            status = lib.pjsua_conf_add_port(self._pool, port, ctypes.byref(number))
        if status != 0:
            raise RuntimeError(f"pjmedia cannot make a port for a row: status {status}")
        return number.value
