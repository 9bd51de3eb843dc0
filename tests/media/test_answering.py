"""The classification of sounds, by stories told in blocks of 100 ms, and by recordings that no threshold was chosen by."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.answering import AnswerDetector, AnsweredBy, Mode, Thresholds, Verdict
from media.meter import Sound, Tone
from tests.media.confusion import Confusion, judge, listen
from tests.media.recordings import recordings

LINE = Sound(-62, -64, -61, 0.2, 0.8)
LOUD = Sound(-20, -30, -17, 0.5, 0.6)
FAINT = Sound(-28, -40, -22, 0.5, 0.5)


def quiet(seconds: float) -> list[Sound]:
    return [LINE] * round(10 * seconds)


def speech(seconds: float) -> list[Sound]:
    return [LOUD, FAINT] * round(5 * seconds)


def tone(hertz: float, seconds: float) -> list[Sound]:
    """A single tone and the 100 ms in which its end is noticed."""
    blocks = round(10 * seconds)
    sounding = [
        Sound(-15, -15, -15, 1.0, 1.0 if block else 0.1, Tone(hertz, 100 * block + 100, False)) for block in range(blocks)
    ]
    return [*sounding, Sound(-40, -62, -15, 0.9, 0.1, Tone(hertz, round(1000 * seconds), over=True))]


def ringing(seconds: float) -> list[Sound]:
    """Two tones together: steady, but none of them alone."""
    return [Sound(-18, -20, -15, 0.95, 0.1), *[Sound(-18, -20, -15, 0.95, 1.0)] * round(10 * seconds - 1)]


def verdict(*parts: list[Sound], mode: Mode = "Enable", thresholds: Thresholds | None = None) -> Verdict:
    return judge([sound for part in parts for sound in part], mode, thresholds)


HELLO = (quiet(0.6), speech(0.6), quiet(2))
GREETING = (quiet(0.6), speech(6))


def test_a_short_word_and_silence_is_a_person() -> None:
    found = verdict(*HELLO)
    assert (found.answered_by, found.milliseconds) == ("human", 2400)
    assert found.reasons == ("0.6 s of speech, then 1.2 s of silence",)


def test_long_speech_is_a_machine_as_soon_as_it_is_long() -> None:
    found = verdict(*GREETING)
    assert (found.answered_by, found.milliseconds) == ("machine_start", 3000)
    assert found.reasons == ("2.4 s of speech",)


@pytest.mark.parametrize(
    ("ending", "answered_by"),
    [
        ((quiet(0.5), tone(1000, 0.4), quiet(2)), "machine_end_beep"),
        ((quiet(2),), "machine_end_silence"),
        ((speech(40),), "machine_end_other"),
        ((tone(2100, 3.0),), "fax"),
    ],
)
def test_the_end_of_a_greeting_is_told_by_what_follows(ending: tuple[list[Sound], ...], answered_by: str) -> None:
    found = verdict(*GREETING, *ending, mode="DetectMessageEnd")
    assert found.answered_by == answered_by
    assert found.reasons[0].startswith("2.4 s of speech" if answered_by != "fax" else "2.4 s")


def test_a_beep_is_told_when_it_is_over() -> None:
    found = verdict(*GREETING, quiet(0.5), tone(1000, 0.4), quiet(2), mode="DetectMessageEnd")
    assert found.milliseconds == 6600 + 500 + 400 + 100
    assert found.reasons[-1] == "a beep of 1000 Hz for 0.4 s"


@pytest.mark.parametrize("mode", ["Enable", "DetectMessageEnd"])
def test_a_short_greeting_with_a_beep_is_a_machine(mode: Mode) -> None:
    found = verdict(quiet(0.5), speech(1.2), quiet(0.6), tone(1400, 0.5), quiet(2), mode=mode)
    assert found.answered_by == ("machine_start" if mode == "Enable" else "machine_end_beep")


@pytest.mark.parametrize("mode", ["Enable", "DetectMessageEnd"])
def test_silence_is_nobody(mode: Mode) -> None:
    found = verdict(quiet(10), mode=mode)
    assert (found.answered_by, found.milliseconds) == ("unknown", 5000)


@pytest.mark.parametrize(
    ("parts", "answered_by"),
    [
        ((quiet(0.5), tone(2100, 3.0), quiet(1)), "fax"),
        ((quiet(0.5), tone(1100, 0.5), quiet(3), tone(1100, 0.5), quiet(3)), "fax"),
        ((quiet(0.5), tone(1100, 0.5), quiet(8)), "machine_start"),
        ((quiet(0.5), tone(1000, 0.5), quiet(8)), "machine_start"),
        ((quiet(0.5), tone(950, 0.3), tone(1400, 0.3), tone(1800, 0.3), quiet(0.5), speech(1)), "machine_start"),
        ((tone(425, 1.0), quiet(4), tone(425, 1.0), quiet(4), tone(425, 1.0), quiet(7)), "unknown"),
        ((tone(425, 0.5), quiet(0.5)) * 40, "unknown"),
        ((ringing(2), quiet(4)) * 3 + (speech(0.6), quiet(2)), "human"),
        ((ringing(2), quiet(4)) * 6, "unknown"),
    ],
)
def test_tones_are_no_speech(parts: tuple[list[Sound], ...], answered_by: str) -> None:
    assert verdict(*parts).answered_by == answered_by


def test_a_hum_within_speech_is_no_beep() -> None:
    hum = [Sound(-20, -24, -18, 0.9, 0.5, Tone(380, 120, over=True))]
    assert verdict(quiet(0.5), speech(0.6), hum, speech(0.6), quiet(2)).answered_by == "human"
    assert (
        verdict(quiet(0.5), speech(0.6), [Sound(-20, -24, -18, 0.9, 0.5, Tone(720, 80, over=True))], quiet(2)).answered_by
        == "human"
    )


def test_a_low_beep_that_stands_alone_is_one() -> None:
    assert verdict(*GREETING, quiet(0.5), tone(440, 0.5), quiet(2), mode="DetectMessageEnd").answered_by == "machine_end_beep"


def test_a_click_is_no_word() -> None:
    assert verdict(quiet(0.5), [LOUD], quiet(8)).answered_by == "unknown"


def test_a_word_said_twice_is_counted_without_the_pause() -> None:
    assert verdict(quiet(0.5), *(speech(0.6), quiet(1.0)) * 3, quiet(2)).answered_by == "human"


def test_noise_that_never_stops_is_no_speech() -> None:
    noise = [Sound(-30 + 0.5 * (block % 3), -31, -29, 0.2, 0.9) for block in range(100)]
    assert verdict(noise).answered_by == "unknown"
    assert verdict(quiet(0.0), [Sound(-90, -90, -90, 0, 0)] * 5, noise).answered_by == "unknown"


def test_speech_without_any_pause_is_speech() -> None:
    """Nothing is heard of the line before it, for the telephone sends nothing while nobody speaks."""
    assert verdict([Sound(-90, -90, -90, 0, 0)] * 5, [LOUD] * 60).answered_by == "machine_start"


def test_speech_is_told_from_the_noise_it_is_in() -> None:
    noise = [Sound(-36 + 0.5 * (block % 3), -37, -35, 0.2, 0.9) for block in range(100)]
    assert verdict(noise[:8], speech(0.6), noise).answered_by == "human"
    assert verdict(noise[:8], speech(6), noise).answered_by == "machine_start"


@pytest.mark.parametrize(
    ("thresholds", "parts", "found"),
    [
        (Thresholds(speech=5000), (quiet(0.5), speech(4), quiet(2)), ("human", 5700)),
        (Thresholds(speech=1000), (quiet(0.5), speech(4)), ("machine_start", 1500)),
        (Thresholds(speech_end=2000), (quiet(0.5), speech(1), quiet(3)), ("human", 3500)),
        (Thresholds(silence=2000), (quiet(3),), ("unknown", 2000)),
        (Thresholds(timeout=3000, silence=10_000), (quiet(5),), ("unknown", 3000)),
    ],
)
def test_a_customer_may_tune_it(thresholds: Thresholds, parts: tuple[list[Sound], ...], found: tuple[str, int]) -> None:
    result = verdict(*parts, thresholds=thresholds)
    assert (result.answered_by, result.milliseconds) == found


_ALLOWED: dict[Mode, set[AnsweredBy]] = {
    "Enable": {"human", "machine_start", "fax", "unknown"},
    "DetectMessageEnd": {"human", "fax", "unknown", "machine_end_beep", "machine_end_silence", "machine_end_other"},
}


@given(
    st.sampled_from(["Enable", "DetectMessageEnd"]),
    st.lists(
        st.builds(
            Sound,
            st.floats(-90, 0),
            st.floats(-90, 0),
            st.floats(-90, 0),
            st.floats(0, 1),
            st.floats(0, 1),
            st.none() | st.builds(Tone, st.floats(200, 3400), st.integers(60, 5000), st.booleans()),
        ),
        max_size=80,
    ),
)
@settings(deadline=None, max_examples=200)
def test_whatever_is_heard_there_is_one_verdict_of_the_mode_in_time(mode: Mode, sounds: list[Sound]) -> None:
    detector = AnswerDetector(mode, Thresholds(timeout=5000))
    found = next((each for each in map(detector.hear, [*sounds, *quiet(10)]) if each is not None), None)
    assert found is not None
    assert found.answered_by in _ALLOWED[mode]
    assert 0 < found.milliseconds <= 5000
    assert found.reasons


NO_NOISE, LITTLE, SOME, MUCH = None, 30, 20, 10


@pytest.fixture(scope="module")
def confusions() -> dict[Mode, Confusion]:
    """What a quarter of the recordings are taken for that no threshold was chosen by."""
    made = recordings(held_out=True, share=4)
    sounds = listen(made)
    modes: tuple[Mode, ...] = ("Enable", "DetectMessageEnd")
    return {mode: Confusion(mode, made, sounds) for mode in modes}


def test_people_and_machines_are_told_apart_in_recordings(confusions: dict[Mode, Confusion]) -> None:
    found = confusions["Enable"]
    assert found.share("person", NO_NOISE, LITTLE, SOME) >= 0.95
    assert found.share("person", MUCH) >= 0.85
    assert found.share("machine", NO_NOISE, LITTLE, SOME) >= 0.97
    assert found.share("machine", MUCH) >= 0.75
    assert found.share("fax", NO_NOISE, LITTLE, SOME) == 1
    assert found.share("silence", NO_NOISE, LITTLE, SOME) == 1
    assert found.share("ringing", NO_NOISE, LITTLE) == 1


def test_the_ends_of_greetings_are_told_apart_in_recordings(confusions: dict[Mode, Confusion]) -> None:
    found = confusions["DetectMessageEnd"]
    assert found.share("machine, beep", NO_NOISE, LITTLE, SOME) >= 0.85
    assert found.share("machine, silence", NO_NOISE, LITTLE, SOME) >= 0.95
    assert found.share("machine, other", NO_NOISE, LITTLE, SOME) >= 0.85
    assert found.counts["person", "machine_end_beep"] == 0
    assert found.counts["machine, silence", "machine_end_beep"] == 0


def test_a_person_with_much_to_say_is_taken_for_a_machine_by_default(confusions: dict[Mode, Confusion]) -> None:
    """The price of a decision by length; a higher speech threshold pays it back."""
    assert confusions["Enable"].share("company", NO_NOISE, LITTLE, SOME) == 0
    company = [each for each in recordings(held_out=True, share=4) if each.kind == "company"]
    patient = Thresholds(speech=6000)
    assert {judge(sounds, "Enable", patient).answered_by for sounds in listen(company)} == {"human"}
