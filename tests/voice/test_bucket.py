from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voice.bucket import Bucket


def test_a_full_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = Bucket(rate=2, size=3, now=100)
    assert [bucket.take(100) for _ in range(4)] == [True, True, True, False]
    assert not bucket.take(100.4)
    assert bucket.take(100.5)
    assert not bucket.take(100.5)


def test_looking_takes_nothing() -> None:
    bucket = Bucket(rate=1, size=1, now=0)
    assert bucket.holds(0)
    assert bucket.holds(0)
    assert bucket.take(0)
    assert not bucket.holds(0)


@given(st.lists(st.floats(0, 10), max_size=50))
def test_it_never_gives_more_than_its_size_and_what_has_flowed_in(pauses: list[float]) -> None:
    bucket, now, taken = Bucket(rate=1.5, size=4, now=0), 0.0, 0
    for pause in pauses:
        now += pause
        taken += bucket.take(now)
    assert taken <= 4 + 1.5 * now + 1e-6
