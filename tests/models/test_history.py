"""History rows: thinned when they get many, none left out of what is taken."""

import numpy as np

from models.history import COLUMNS, MOST, History


def row(epoch: int) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    return np.full(len(COLUMNS), epoch, np.float32)


def filled(epochs: int) -> History:
    history = History()
    for epoch in range(epochs + 1):
        history.add(row(epoch))
    return history


def test_few_rows_are_all_there() -> None:
    assert filled(MOST - 1).all()[:, 0].tolist() == list(range(MOST))


def test_empty() -> None:
    assert History().all().shape == History().take_new().shape == (0, len(COLUMNS))


def test_many_rows_are_thinned_and_keep_both_ends() -> None:
    for epochs in (MOST, MOST + 1, 2 * MOST, 10 * MOST + 7):
        kept = filled(epochs).all()[:, 0]
        assert len(kept) <= MOST
        assert len(kept) >= MOST // 4
        assert (kept[0], kept[-1]) == (0, epochs)
        assert (np.diff(kept) > 0).all()


def test_thinning_leaves_no_wide_gap() -> None:
    kept = filled(10 * MOST).all()[:, 0]
    assert np.diff(kept).max() <= 64


def test_new_rows_are_each_taken_once_even_when_old_ones_are_thinned() -> None:
    history, taken = History(), []
    for epoch in range(2 * MOST):
        history.add(row(epoch))
        if epoch % 777 == 0:
            taken += history.take_new()[:, 0].tolist()
    taken += history.take_new()[:, 0].tolist()
    assert taken == list(range(2 * MOST))
    assert len(history.take_new()) == 0


def test_restored_rows_are_not_new() -> None:
    rows = filled(5).all()
    history = History(rows)
    assert np.array_equal(history.all(), rows)
    assert len(history.take_new()) == 0
    history.add(row(6))
    assert history.take_new()[:, 0].tolist() == [6]
