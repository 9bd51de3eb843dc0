"""Made recordings of what is heard after an answer, each with what it is: the same ones on every machine.

Speech is espeak-ng's, placed on a telephone line: its band of 300 to 3400 Hz, levels and pauses as they occur, noise of four
kinds, A-law.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import numpy.typing as npt
import soxr

from media.frame import Samples
from media.g711 import decode_alaw, encode_alaw
from media.speech.espeak import Espeak
from tests.media.greetings import HELD_OUT, TUNING, Texts

RATE = 8000
FULL_SCALE = 32768.0
BAND = (300, 3400)
BEEPS = (440, 620, 800, 950, 1000, 1200, 1400, 1750, 2000, 2400)
"""Hertz."""
NOISES = ("white", "hum", "street", "babble")
RATIOS = (None, 30, 20, 10)
"""Speech over noise in dB; None is a line without any sound of its own."""
TAIL = 8.0
"""Seconds of line after the last sound."""

Wave = npt.NDArray[np.float64]
Random = np.random.Generator


@dataclass(frozen=True)
class Recording:
    """What a line hears from the answer on."""

    name: str
    kind: str
    """``person``, ``company`` (a person with much to say), ``machine``, ``fax``, ``silence`` or ``ringing``."""
    ending: str
    """What a machine's greeting ends with: ``beep``, ``silence`` or, when it goes on past the timeout, ``other``."""
    ratio: int | None
    samples: Samples


@dataclass(frozen=True)
class _Recipe:
    name: str
    kind: str
    make: Callable[[Random], list[Wave]]
    ending: str = ""
    noise: str = ""
    """Empty is any."""


def recordings(*, held_out: bool, share: int = 1) -> list[Recording]:
    """All recordings of one half, or one in ``share`` of each kind."""
    recipes = [*_speakers(HELD_OUT if held_out else TUNING), *_others()]
    numbered = [(index, recipe, ratio) for index, recipe in enumerate(recipes) for ratio in RATIOS]
    # Step from ratio to ratio along with the recipes, so that a share of them has all of both.
    chosen = [each for turn, each in enumerate(numbered) if (turn + each[0]) % share == 0]
    return [
        _record(recipe, ratio, np.random.default_rng((int(held_out), index, RATIOS.index(ratio))))
        for index, recipe, ratio in chosen
    ]


def _speakers(languages: Sequence[Texts]) -> Iterator[_Recipe]:
    beep = 0
    for language in languages:
        for voice in language.voices:
            say = partial(_say, voice)
            for text in language.people:
                yield _Recipe(f"{voice}: {text}", "person", partial(say, text))
            yield _Recipe(f"{voice}: {language.people[0]} twice", "person", partial(_say_again, voice, language.people[0]))
            for text in language.companies:
                yield _Recipe(f"{voice}: {text}", "company", partial(say, text))
            for text in language.machines:
                hertz = BEEPS[beep % len(BEEPS)]
                beep += 1
                yield _Recipe(f"{voice}: {text[:40]} + {hertz} Hz", "machine", partial(_greet, voice, text, hertz), "beep")
                yield _Recipe(f"{voice}: {text[:40]}", "machine", partial(say, text), "silence")
            yield _Recipe(f"{voice}: on and on", "machine", partial(_go_on, voice, language.machines), "other")


def _others() -> Iterator[_Recipe]:
    for noise in NOISES:
        yield _Recipe("nobody", "silence", lambda random: [], noise=noise)
    for _ in range(4):
        yield _Recipe("a fax answers", "fax", _fax_answers)
        yield _Recipe("a fax calls", "fax", _fax_calls)
    for name, tones, cadence in _RINGING:
        yield _Recipe(name, "ringing", partial(_ring, tones, cadence))


_RINGING = (
    ("ringing in America", (440.0, 480.0), ((2.0, 4.0),)),
    ("ringing in Europe", (425.0,), ((1.0, 4.0),)),
    ("ringing in Britain", (400.0, 450.0), ((0.4, 0.2), (0.4, 2.0))),
    ("busy in America", (480.0, 620.0), ((0.5, 0.5),)),
    ("busy in Europe", (425.0,), ((0.48, 0.48),)),
    ("dial tone", (350.0, 440.0), ((40.0, 0.0),)),
)


def _say(voice: str, text: str, random: Random) -> list[Wave]:
    """A text, somewhat faster or slower than the voice."""
    return [said(text, voice, round(random.uniform(0.88, 1.15), 2))]


def _say_again(voice: str, text: str, random: Random) -> list[Wave]:
    return [*_say(voice, text, random), _silence(random.uniform(0.5, 1.0)), *_say(voice, text, random)]


def _greet(voice: str, text: str, hertz: float, random: Random) -> list[Wave]:
    beep = random.uniform(0.3, 1.0) * _tone((hertz,), random.uniform(0.1, 1.5))
    return [*_say(voice, text, random), _silence(random.uniform(0.1, 1.0)), beep]


def _go_on(voice: str, texts: Sequence[str], random: Random) -> list[Wave]:
    """A greeting without an end; its pauses are shorter than the threshold."""
    parts: list[Wave] = []
    while sum(part.size for part in parts) < 32 * RATE:
        parts += [*_say(voice, texts[len(parts) // 2 % len(texts)], random), _silence(0.4)]
    return parts


def _fax_answers(random: Random) -> list[Wave]:
    """CED (ITU-T T.30): 2100 Hz for 2.6 to 4 s; here and there turned over every 450 ms (ANSam, V.8)."""
    tone = _tone((2100 + random.uniform(-15, 15),), random.uniform(2.6, 4.0))
    if random.random() < 0.5:
        tone *= 1 - 2 * ((np.arange(tone.size) // round(0.45 * RATE)) % 2)
    return [tone, _silence(0.075), _tone((1650,), 1.0)]


def _fax_calls(random: Random) -> list[Wave]:
    """CNG (ITU-T T.30): 1100 Hz, half a second on and three off."""
    hertz = 1100 + random.uniform(-35, 35)
    return [part for _ in range(4) for part in (_tone((hertz,), random.uniform(0.43, 0.57)), _silence(random.uniform(2.6, 3.4)))]


def _ring(tones: tuple[float, ...], cadence: tuple[tuple[float, float], ...], random: Random) -> list[Wave]:
    period = np.concatenate([part for on, off in cadence for part in (_tone(tones, on), _silence(off))])
    return [np.tile(period, -(-40 * RATE // period.size))]


def _record(recipe: _Recipe, ratio: int | None, random: Random) -> Recording:
    """Put sounds on a telephone line."""
    sound = recipe.make(random)
    lead = random.uniform(0.2, 1.8) if sound else 0.0
    wave = np.concatenate((_silence(lead), *sound, _silence(TAIL)))
    # A length that a Fourier transform likes.
    wave = np.concatenate((wave, np.zeros(-wave.size % (RATE // 2))))
    level = 10 ** (random.uniform(-30, -16) / 20)
    if sound:
        power = np.square(np.concatenate(sound))
        wave *= level / np.sqrt(power[power > 1e-4 * power.max()].mean())
    noise = recipe.noise or str(random.choice(NOISES))
    if ratio is not None:
        wave += level * 10 ** (-ratio / 20) * np.roll(minute(noise), random.integers(60 * RATE))[: wave.size]
    samples = np.clip(np.rint(in_band(wave) * FULL_SCALE), -32768, 32767).astype(np.int16)
    if ratio is None:
        return Recording(
            recipe.name, recipe.kind, recipe.ending, ratio, np.where(np.abs(samples) < 3, 0, samples).astype(np.int16)
        )
    name = f"{recipe.name} ({noise})"
    return Recording(name, recipe.kind, recipe.ending, ratio, decode_alaw(encode_alaw(samples)))


@cache
def minute(kind: str) -> Wave:
    """Noise with a root mean square of 1 within the band."""
    random = np.random.default_rng(NOISES.index(kind))
    time = np.arange(60 * RATE) / RATE
    wave = in_band(np.asarray(random.normal(0, 1, time.size)), colour=1.0 if kind == "street" else 0.0)
    match kind:
        case "hum":
            wave = 0.2 * wave + in_band(np.sum([np.sin(2 * np.pi * 50 * n * time + n) / n for n in range(1, 20)], axis=0))
        case "street":
            wave *= np.interp(time, np.arange(61), random.uniform(0.5, 1.5, 61))
        case "babble":
            crowd = [said(_CHATTER, voice) for voice in _CROWD]
            loud = [each / np.sqrt(np.square(each).mean()) for each in crowd]
            wave = in_band(np.sum([np.roll(np.resize(each, time.size), 7000 * n) for n, each in enumerate(loud)], axis=0))
    result: Wave = wave / np.sqrt(np.square(wave).mean())
    return result


_CROWD = ("en+m1", "en+f1", "en-us+m2", "en-us+f3", "en+m5", "en+f4", "en-us+m6", "en+m8")
_CHATTER = "So I told him that we would come on Saturday, if the weather is good and the children want to, but you never know."


def in_band(wave: Wave, colour: float = 0.0) -> Wave:
    """What the line carries of a wave; ``colour`` 1 takes 6 dB from each octave first."""
    spectrum = np.fft.rfft(wave)
    hertz = np.fft.rfftfreq(wave.size, 1 / RATE)
    spectrum[(hertz < BAND[0]) | (hertz > BAND[1])] = 0
    if colour:
        spectrum *= (BAND[0] / np.maximum(hertz, BAND[0])) ** colour
    result: Wave = np.fft.irfft(spectrum, wave.size)
    return result


def _tone(frequencies: tuple[float, ...], seconds: float) -> Wave:
    time = np.arange(round(seconds * RATE)) / RATE
    sines = np.sum([np.sin(2 * np.pi * each * time) for each in frequencies], axis=0)
    ramp = np.minimum(1, np.minimum(time, time[::-1]) / 0.005)
    wave: Wave = 0.3 / len(frequencies) * sines * ramp
    return wave


def _silence(seconds: float) -> Wave:
    return np.zeros(round(seconds * RATE))


@cache
def said(text: str, voice: str, speed: float = 1.0) -> Wave:
    """A text in the words of espeak-ng, without the silence around it; 1 is full scale."""
    engine = Espeak()
    samples = np.concatenate(list(engine.speak(text, voice))).astype(np.float64) / FULL_SCALE
    sounding = np.flatnonzero(np.abs(samples) > 1e-3)
    heard: Wave = soxr.resample(samples[sounding[0] : sounding[-1] + 1], engine.rate * speed, RATE)
    return heard
