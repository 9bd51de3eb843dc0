"""Rows of the bus as ports of pjmedia's conference bridge, and the frame that drives them all.

A one-frame memory player reads a row of ``tx``, a one-frame memory capture writes the same row of ``rx``; both live as long
as the library and are made when a row is first used.
"""

from __future__ import annotations

import ctypes
from collections import deque

import numpy as np
from numpy.typing import NDArray

from sip.pjsua.binding import Frame, Integer, Pointer, lib

Samples = NDArray[np.int16]


class RowPorts:
    """Both matrices; ``exchange`` belongs to the media thread, everything else to the owner thread.

    ``rx`` and ``tx`` are C-contiguous int16 of shape (rows, rate / 50); raises ValueError for anything else.
    """

    def __init__(self, rx: Samples, tx: Samples, rate: int) -> None:
        for name, matrix in (("rx", rx), ("tx", tx)):
            if matrix.dtype != np.int16 or matrix.ndim != 2 or matrix.shape[1] != rate // 50 or not matrix.flags.c_contiguous:
                raise ValueError(f"{name} must be C-contiguous int16 of shape (rows, {rate // 50})")
        self._rx = rx
        self._tx = tx
        self._rate = rate
        self._numbers: dict[int, tuple[int, int]] = {}
        self._mute: deque[int] = deque()
        self._pool: int | None = None
        self._master: int | None = None
        self._scratch = (ctypes.c_int16 * rx.shape[1])()
        self._frame = Frame(0, ctypes.addressof(self._scratch), 2 * rx.shape[1], 0, 0)

    def open(self) -> None:
        """Take over the bridge, which has no sound device."""
        self._pool = lib.pjsua_pool_create(b"rows", 4000, 4000)
        self._master = lib.pjsua_set_no_snd_dev()

    def close(self) -> None:
        """Leave the bridge alone; ``exchange`` does nothing from now on."""
        self._master = None

    def exchange(self) -> None:
        """20 ms of every leg: RTP, jitter buffers and codecs, all in C."""
        master = self._master
        if master is None:
            return
        self._frame.size = 2 * self._rx.shape[1]
        self._frame.timestamp += self._rx.shape[1]
        lib.pjmedia_port_get_frame(master, ctypes.byref(self._frame))
        while self._mute:
            self._rx[self._mute.popleft()] = 0

    def numbers(self, row: int) -> tuple[int, int]:
        """Bridge ports of one row: player, capture. Raises IndexError for a row outside the matrices."""
        made = self._numbers.get(row)
        if made is None:
            if not 0 <= row < len(self._rx):
                raise IndexError(f"there is no row {row}")
            player = self._make(lib.pjmedia_mem_player_create, self._tx[row])
            capture = self._make(lib.pjmedia_mem_capture_create, self._rx[row])
            made = self._numbers[row] = (player, capture)
        return made

    def silence(self, row: int) -> None:
        """Zero a row of ``rx`` after the next tick: a capture without a source keeps its last frame."""
        self._mute.append(row)

    def _make(self, create: ctypes._NamedFuncPointer, samples: Samples) -> int:
        port, number = Pointer(), Integer()
        length = samples.shape[0]
        status = create(self._pool, samples.ctypes.data, 2 * length, self._rate, 1, length, 16, 0, ctypes.byref(port))
        status = status or lib.pjsua_conf_add_port(self._pool, port, ctypes.byref(number))
        if status:
            raise RuntimeError(f"the bridge takes no more ports (pjsip status {status})")
        return number.value
