from hypothesis import given
from hypothesis import strategies as st

from sip.nonces import Nonces

NOW = 1_000_000.0


def test_a_nonce_is_good_for_each_count_once_and_upwards() -> None:
    nonces = Nonces(b"key")
    nonce = nonces.make(NOW)
    assert [nonces.use(nonce, count, NOW) for count in (1, 1, 2, 5, 4, 6)] == [
        "good",
        "stale",
        "good",
        "good",
        "stale",
        "good",
    ]


def test_a_nonce_expires() -> None:
    nonces = Nonces(b"key", lifetime=30)
    nonce = nonces.make(NOW)
    assert nonces.use(nonce, 1, NOW + 29) == "good"
    assert nonces.use(nonce, 2, NOW + 31) == "stale"


def test_a_nonce_of_the_future_is_stale() -> None:
    nonces = Nonces(b"key")
    assert nonces.use(nonces.make(NOW + 60), 1, NOW) == "stale"


def test_a_nonce_of_another_server_is_foreign() -> None:
    assert Nonces(b"key").use(Nonces(b"other").make(NOW), 1, NOW) == "foreign"


def test_nonces_differ() -> None:
    nonces = Nonces(b"key")
    assert len({nonces.make(NOW) for _ in range(100)}) == 100


def test_a_forgotten_nonce_cannot_be_used_again() -> None:
    nonces = Nonces(b"key", most=3)
    made = [nonces.make(NOW + place) for place in range(5)]
    assert [nonces.use(nonce, 1, NOW + 5) for nonce in made] == ["good"] * 5
    assert [nonces.use(nonce, 1, NOW + 5) for nonce in made] == ["stale"] * 5


@given(st.text(max_size=100))
def test_any_text_is_a_foreign_nonce(text: str) -> None:
    assert Nonces(b"key").use(text, 1, NOW) == "foreign"


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), max_size=60), st.integers(1, 4))
def test_nothing_is_good_twice(uses: list[tuple[int, int]], most: int) -> None:
    nonces = Nonces(b"key", most=most)
    made = [nonces.make(NOW + place) for place in range(6)]
    good = [(which, count) for which, count in uses if nonces.use(made[which], count, NOW + 10) == "good"]
    assert len(set(good)) == len(good)
    for which in range(6):
        counts = [count for each, count in good if each == which]
        assert counts == sorted(counts)
