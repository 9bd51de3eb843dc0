"""What samples do: the bus and its clock, mixing, sources, taps, files and speech.

Audio is int16 with time last, one row per leg, 20 ms per frame. Nothing here knows about calls, markup or the network:
the root package hands in rows and sources, and gets ``media.events`` back.
"""
