"""Draws by key, against numpy's own seeding."""

import numpy as np
import pytest

from models.seeds import BLOCK, Purpose, batch_order


@pytest.mark.parametrize("seed", [0, 1, 12345, 2**31, 2**32 - 1])
def test_an_epochs_order_is_numpys(seed: int) -> None:
    for epoch in (0, 1, BLOCK - 1, BLOCK, 3 * BLOCK + 5, 2**20 + 1, 2**32 - 1):
        expected = np.random.default_rng([seed, int(Purpose.BATCHES), epoch]).permutation(250)
        np.testing.assert_array_equal(batch_order(seed, epoch, 250), expected)


def test_orders_differ_by_seed_epoch_and_points() -> None:
    orders = [batch_order(*key).tolist() for key in ((1, 1, 40), (2, 1, 40), (1, 2, 40), (1, 1, 41))]
    assert len({str(order) for order in orders}) == len(orders)
    assert [sorted(order) for order in orders] == [list(range(n)) for n in (40, 40, 40, 41)]
