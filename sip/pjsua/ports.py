"""Rows of the bus as ports of pjmedia's conference bridge, and the frame that drives them all.

A one-frame memory player reads a row of ``tx``, a one-frame memory capture writes the same row of ``rx``; both live as long
as the library and are made when a row is first used. The wheel of PyPI has no memory ports: its few calls get ports that copy
their frame in Python.
"""

from __future__ import annotations

import ctypes
from collections import deque

import numpy as np
from numpy.typing import NDArray

from sip.pjsua.binding import Frame, Integer, Pointer, has_natives, lib

Samples = NDArray[np.int16]

AUDIO = 1
"""``PJMEDIA_FRAME_TYPE_AUDIO``."""
FUNCTIONS = 96
"""Where ``pjmedia_port`` has ``put_frame``, and ``get_frame`` behind it, on 64-bit machines: behind 64 bytes of information,
16 of data, the group lock and ``get_clock_src``."""
FrameHook = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(Frame))


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
        self._copying: list[CopyingPort] = []
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
            made = self._numbers[row] = self._make_pair(row) if has_natives else self._make_copying_pair(row)
        return made

    def silence(self, row: int) -> None:
        """Zero a row of ``rx`` after the next tick: a capture without a source keeps its last frame."""
        self._mute.append(row)

    def _make_pair(self, row: int) -> tuple[int, int]:
        player = self._make(lib.pjmedia_mem_player_create, self._tx[row])
        capture = self._make(lib.pjmedia_mem_capture_create, self._rx[row])
        return player, capture

    def _make(self, create: ctypes._NamedFuncPointer, samples: Samples) -> int:
        port = Pointer()
        length = samples.shape[0]
        status = create(self._pool, samples.ctypes.data, 2 * length, self._rate, 1, length, 16, 0, ctypes.byref(port))
        return self._add(port, status)

    def _make_copying_pair(self, row: int) -> tuple[int, int]:
        """One port for both ways: the bridge reads ``tx`` from it and writes ``rx`` to it."""
        port = Pointer()
        status = lib.pjmedia_null_port_create(self._pool, self._rate, 1, self._rx.shape[1], 16, ctypes.byref(port))
        number = self._add(port, status)
        self._copying.append(CopyingPort(port.value or 0, self._tx[row], self._rx[row]))
        return number, number

    def _add(self, port: ctypes.c_void_p, status: int) -> int:
        number = Integer()
        status = status or lib.pjsua_conf_add_port(self._pool, port, ctypes.byref(number))
        if status:
            raise RuntimeError(f"the bridge takes no more ports (pjsip status {status})")
        return number.value


class CopyingPort:
    """Gives a port of pjmedia that does nothing (``pjmedia_null_port``) the two functions that copy a row's frames.

    They are called by the media thread, once a tick each.
    """

    def __init__(self, port: int, tx: Samples, rx: Samples) -> None:
        size = 2 * rx.shape[0]

        def get(port: int, frame: ctypes._Pointer[Frame]) -> int:
            into = frame.contents
            ctypes.memmove(into.buf, tx.ctypes.data, size)
            into.size, into.type = size, AUDIO
            return 0

        def put(port: int, frame: ctypes._Pointer[Frame]) -> int:
            heard = frame.contents
            if heard.type == AUDIO and heard.size == size:
                ctypes.memmove(rx.ctypes.data, heard.buf, size)
            else:
                rx[:] = 0
            return 0

        self._functions = FrameHook(put), FrameHook(get)  # pjmedia holds no reference
        place = (Pointer * 2).from_address(port + FUNCTIONS)
        place[:] = [ctypes.cast(function, Pointer).value for function in self._functions]
