"""What a room hears of the phones that ring for it (``EarlyMedia``, spec section 4.7)."""

from __future__ import annotations

from media.errors import BusFull
from media.source import Clip
from media.tone import ringback
from voice.sound.studio import Listener, Studio, Voice


class Overhearing:
    """Lets one room hear them; phones are known by their CallSid."""

    def __init__(self, room: int, studio: Studio) -> None:
        self._room = room
        self._studio = studio
        self._rows: dict[str, int] = {}
        """Of phones that are heard themselves."""
        self._tones: dict[str, tuple[Voice, int]] = {}
        """What is heard for the others, and the number of its playback."""

    def begin(self, call_sid: str, row: int, early_media: bool) -> bool:
        """Let a phone be heard, or our tone for one that sends no audio; returns whether something is heard."""
        if call_sid in self._rows or (call_sid in self._tones and not early_media):
            return True
        self.stop(call_sid)
        if early_media:
            self._rows[call_sid] = row
            self._studio.enter(self._room, row, hears=False)
            return True
        try:
            voice = self._studio.voice()
        except BusFull:
            return False
        voice.enter(self._room)
        tone = Clip(ringback("", self._studio.bus.rate), 0)
        self._tones[call_sid] = voice, voice.play(tone, Listener(lambda: None, lambda error: None))
        return True

    def stop(self, call_sid: str) -> None:
        """Be silent about a phone, which has its row still."""
        row, tone = self._rows.pop(call_sid, None), self._tones.pop(call_sid, None)
        if row is not None:
            self._studio.leave(row)
        if tone is not None:
            voice, number = tone
            self._studio.stop(number)
            voice.close()
