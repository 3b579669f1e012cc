"""How much the fuzz tests try: little and always the same, or `FUZZ` times as much, each time something else.

`make test` runs them with few examples, drawn from a fixed seed, so that a failure is one of the change under
test. `FUZZ=50 make test ARGS=...` looks for what nobody has found yet (docs/reliability.md); what it finds is
printed as the smallest example, which then becomes a test of its own.
"""

import os
from typing import Any

from hypothesis import HealthCheck, settings

TIMES = max(1, int(os.environ.get("FUZZ", "1")))
IS_LONG = TIMES > 1

# Examples are bounded in number, not in time: a loaded machine is slow, and none of the tests is about speed.
SLOW = (
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.large_base_example,
)


def fuzzed(examples: int, **more: Any) -> settings:
    """Settings of hypothesis for a test that tries so many examples in `make test`."""
    return settings(
        max_examples=examples * TIMES,
        derandomize=not IS_LONG,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=SLOW,
        **more,
    )
