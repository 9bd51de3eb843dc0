from __future__ import annotations

from collections import Counter
from operator import itemgetter
from random import Random

from voice.routing.lottery import draw


def test_each_is_drawn_once_and_lower_ranks_come_first() -> None:
    tickets = [(20, 5, "c"), (10, 0, "a"), (10, 9, "b")]
    drawn = list(draw(tickets, itemgetter(0), itemgetter(1), Random(7)))
    assert sorted(drawn) == sorted(tickets)
    assert drawn[-1] == (20, 5, "c")


def test_weights_say_how_often_one_is_the_first() -> None:
    random = Random(7)
    tickets = [(0, 3, "often"), (0, 1, "seldom"), (0, 0, "hardly")]
    first = Counter(next(draw(tickets, itemgetter(0), itemgetter(1), random))[2] for _ in range(4000))
    assert 2800 < first["often"] < 3200
    assert 800 < first["seldom"] < 1200
    assert first["hardly"] < 60
