"""What samples do: the bus and its clock, mixing, sources, taps, files and speech.

Audio is int16 with time last, one row per leg, 20 ms per frame. Nothing here knows about calls, markup or the network:
the root package hands in rows and sources, and gets ``media.events`` back.
"""

import os

# A matrix product that is shared out to threads waits for the last of them, on a busy machine longer than a tick. Read once,
# when numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
