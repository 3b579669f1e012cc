"""Which programs are made before anybody asks, and which when somebody does."""

import threading

import pytest

from models import programs
from models.backend import tf
from models.bucket import LANES, WHOLE, Bucket
from models.maker import Key, Made, Maker
from models.programs import CLASS, DEFAULT, NEEDED, Programs, likeliest_first


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


def test_a_program_that_cannot_be_kept_keeps_no_other_from_being_made(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    full = (WHOLE, LANES[1])
    tried: list[Key] = []

    def make(bucket: Bucket, lanes: int) -> Key:
        tried.append((bucket, lanes))
        if (bucket, lanes) == full:
            raise tf.errors.ResourceExhaustedError(None, None, "No space left on device")
        return bucket, lanes

    monkeypatch.setattr(programs, "make_advance", make)
    made = Programs(NoProcess(), Made(None, ""), ahead=False)
    made.request(*full)
    made.request(DEFAULT, LANES[1])
    made.start()
    try:
        assert made.wait(30.0)
        assert made.advance(*full) is None
        assert made.advance(DEFAULT, LANES[1]) == (DEFAULT, LANES[1])
        assert "No space left on device" in capsys.readouterr().err
        made.request(*full)  # as somebody who waits for it does all the time
        assert made.wait(30.0)
        assert tried == [full, (DEFAULT, LANES[1])]
        monkeypatch.setattr(programs, "RETRY_SECONDS", 0.0)
        made.request(*full)
        assert made.wait(30.0)
        assert tried[2:] == [full]
    finally:
        made.stop()


@pytest.mark.parametrize("for_class", [True, False])
def test_a_host_for_a_class_has_at_once_what_is_compiled_of_its_programs(
    for_class: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "make_advance", at_once)
    made = Made(None, "")
    compiled, others = CLASS[:4], CLASS[4:]
    for key in compiled:
        made.add(key)
    warmed = Programs(NoProcess(), made, ahead=False)
    warmed.warm(lambda message, progress: None, for_class=for_class)
    assert all(warmed.advance(*key) for key in NEEDED)
    assert all(bool(warmed.advance(*key)) == for_class for key in compiled if key not in NEEDED)
    assert not any(warmed.advance(*key) for key in others), "compiling would take the longest"


class Stuck(Made):
    """A list on a disk that does not answer until it is told to."""

    def __init__(self) -> None:
        super().__init__(None, "")
        self.asked, self.answer = threading.Event(), threading.Event()

    def add(self, key: Key) -> None:
        self.asked.set()
        assert self.answer.wait(60.0)
        super().add(key)


def test_nobody_waits_for_a_slow_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "make_advance", at_once)
    disk = Stuck()
    made = Programs(NoProcess(), disk, ahead=False)
    made.request(WHOLE, LANES[1])
    made.start()
    try:
        assert disk.asked.wait(30.0)
        # What the host's loop asks in every turn comes back at once, from this very thread.
        made.request(DEFAULT, LANES[1])
        made.request(WHOLE, LANES[1])
        assert made.advance(WHOLE, LANES[1]) is None
        assert not disk.answer.is_set()
        disk.answer.set()
        assert made.wait(30.0)
        assert made.advance(WHOLE, LANES[1]) is not None
        assert made.advance(DEFAULT, LANES[1]) is not None
    finally:
        disk.answer.set()
        made.stop()
