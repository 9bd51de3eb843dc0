import pytest

from voice.calls.admission import Admission
from voice.calls.registry import Registry
from voice.errors import CallRefused
from voice.settings import Limits


class _Crowd(Registry):
    def __init__(self) -> None:
        super().__init__()
        self.size = 0

    def __len__(self) -> int:
        return self.size


def test_calls_beyond_the_limit_are_told_to_come_back() -> None:
    crowd = _Crowd()
    admission = Admission(Limits(max_calls=2), crowd, lambda: 0.0)
    admission.admit()
    crowd.size = 2
    assert admission.full
    with pytest.raises(CallRefused) as refusal:
        admission.admit()
    assert refusal.value.status == 503
    assert int(dict(refusal.value.headers)["Retry-After"]) > 0


def test_the_rate_of_new_calls_is_limited_and_recovers() -> None:
    moment = 0.0
    admission = Admission(Limits(calls_per_second=3), _Crowd(), lambda: moment)
    for _ in range(3):
        admission.admit()
    with pytest.raises(CallRefused, match="3 new calls"):
        admission.admit()
    moment = 1 / 3 + 0.001
    admission.admit()


def test_a_draining_switch_takes_nobody() -> None:
    admission = Admission(Limits(), _Crowd(), lambda: 0.0)
    admission.draining = True
    with pytest.raises(CallRefused, match="stopped"):
        admission.admit()
