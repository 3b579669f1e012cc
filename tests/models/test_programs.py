"""Which programs are made before anybody asks, and which when somebody does."""

import pytest

from models import programs
from models.bucket import LANES, WHOLE, Bucket
from models.maker import Key, Made, Maker
from models.programs import DEFAULT, Programs, likeliest_first


class NoProcess(Maker):
    """Says that it has compiled what it was asked for."""

    def __init__(self) -> None:
        super().__init__({})
        self.asked: list[Key] = []

    def make(self, key: Key) -> bool:
        self.asked.append(key)
        return True


def at_once(bucket: Bucket, lanes: int) -> Key:
    return bucket, lanes


@pytest.mark.parametrize("ahead", [True, False])
def test_what_is_compiled_ahead(ahead: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "make_advance", at_once)
    maker = NoProcess()
    made = Programs(maker, Made(None, ""), ahead=ahead)
    made.request(WHOLE, LANES[1])
    made.start()
    try:
        assert made.wait(30.0)
        first, *others = maker.asked
        assert first == (WHOLE, LANES[1]), "what somebody waits for comes first"
        assert others == (likeliest_first() if ahead else [])
        assert (made.advance(DEFAULT, LANES[1]) is not None) == ahead
    finally:
        made.stop()
