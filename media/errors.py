"""What can go wrong with audio.

MediaError
├── BusFull        every row of the bus is taken: the switch has as many legs as it was built for
├── NotAudio       bytes that no decoder here understands: the customer's file is at fault
├── AudioTooLong   a file lasts longer than the caller allows
├── SpeechFailed   a text cannot be spoken: nothing in it is audible, or the engine refused
│   └── VoiceMissing   nothing is wrong with the text: the engine that was chosen for it is out of order
├── EngineMissing  a recognition engine cannot be had: its library or its model is not there
├── RecognitionFailed   an utterance cannot be recognised: the engine refused, or there is too much to do
├── DescriptionInvalid  a browser's session description is unusable: the browser is at fault
├── NoPorts        no UDP port for a browser's media is free
└── PeerGone       a browser's audio has ended meanwhile
"""

from __future__ import annotations


class MediaError(Exception):
    """The root of this package's errors."""


class BusFull(MediaError):
    """Every row of the bus is taken."""


class NotAudio(MediaError):
    """Bytes that no decoder here understands."""


class AudioTooLong(MediaError):
    """A file lasts longer than the caller allows."""


class SpeechFailed(MediaError):
    """A text cannot be spoken."""


class VoiceMissing(SpeechFailed):
    """The engine that was chosen for a text does not speak; another one may."""


class EngineMissing(MediaError):
    """A recognition engine cannot be had; says what to do about it."""


class RecognitionFailed(MediaError):
    """An utterance cannot be recognised."""


class DescriptionInvalid(MediaError):
    """A browser's session description is unusable; says why."""


class NoPorts(MediaError):
    """No UDP port for a browser's media is free."""


class PeerGone(MediaError):
    """A browser's audio has ended meanwhile."""
