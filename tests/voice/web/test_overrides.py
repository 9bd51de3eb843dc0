"""Section 1.3: connection overrides in the URL fragment."""

from __future__ import annotations

import pytest

from voice.web.overrides import BadPolicy, Overrides, split_overrides


@pytest.mark.parametrize(
    ("fragment", "overrides"),
    [
        ("", Overrides()),
        ("#rc=3", Overrides(retries=3)),
        ("#ct=2000&rt=3000&tt=4000", Overrides(2.0, 3.0, 4.0)),
        ("#rp=4xx,5xx", Overrides(policy=frozenset({"4xx", "5xx"}))),
        ("#rp=all&rc=9", Overrides(retries=5, policy=frozenset({"all"}))),
        ("#tt=99999&ct=1", Overrides(connect=0.1, total=15.0)),
        ("#e=dublin&sni=y", Overrides()),
        ("#section-2", Overrides()),
        ("#rc=two", Overrides()),
    ],
)
def test_the_fragment_is_taken_off_and_read(fragment: str, overrides: Overrides) -> None:
    assert split_overrides("http://h/p?q=1" + fragment) == ("http://h/p?q=1", overrides)


def test_an_unknown_policy_is_an_error() -> None:
    with pytest.raises(BadPolicy, match="sometimes"):
        split_overrides("http://h/#rp=sometimes")
