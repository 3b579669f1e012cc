"""A value never compiles: XLA may take an argument for a constant and compile a program for each value.

Every compilation leaves a file in XLA's persistent cache, so the files are counted, in a process of its own.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

BEGIN = """
import sys
from pathlib import Path

from models import program, solo
from models.bucket import LANES, bucket_of
from models.cohort import Cohort
from models.lane import Goal, Lane, Mode
from models.snapshot import measured, snapshot
from models.solo_cohort import SoloCohort
from models.spelling import from_query

cache = Path(sys.argv[1])
cohort = None
counts = []
"""
END = """
    cohort.seat(lane)
    cohort.tick({"lane": 9})
    cohort.unseat(lane)
    measured(lane)
    snapshot(lane, 1, key=True, with_experiment=True)
    counts.append(len(list(cache.glob("xla_compile_cache*"))))
print(*counts)
"""
BUCKET = """
for query in (
    "",
    "hidden=",
    "hidden=8,8,8,8,8,8,8,8&activation=relu,elu,selu,silu,softsign,tanh,sigmoid,linear",
    "data=plane&hidden=3&activation=leaky_relu&train_share=1&batch_size=3",
    "data=spiral&features=x1,x2,sin_x1,sin_x2,x1x2&optimizer=adamw&learning_rate=0.5&train_share=0.1",
    "loss=half_squared_error&output_activation=tanh&regularization=l1&regularization_rate=0.1",
):
    lane = Lane("lane", from_query(query))
    lane.mode, lane.goal = Mode.PLAYING, Goal(step=9)
    if cohort is None:
        cohort = Cohort(lane.bucket, LANES[0], program.compiled(lane.bucket, LANES[0]))
    assert lane.bucket == cohort.bucket
"""
SOLO = """
for query in (
    "",
    "seed=3&learning_rate=1",
    "data=xor&train_share=0.3&seed=4",
    "data=spiral&noise=0.2&regularization_rate=0.1",
):
    lane = Lane("lane", from_query(query))
    lane.mode, lane.goal = Mode.PLAYING, Goal(step=9)
    cohort = cohort or SoloCohort(lane.structure, solo.compiled(lane.structure))
    assert cohort.made_for(lane)
"""


@pytest.mark.parametrize("script", [BUCKET, SOLO], ids=["a bucket's", "its own"])
def test_nothing_that_a_learner_changes_compiles(script: str, tmp_path: Path) -> None:
    environment = {**os.environ, "TF_XLA_FLAGS": f"--tf_xla_persistent_cache_directory={tmp_path}"}
    run = subprocess.run(
        [sys.executable, "-c", BEGIN + script + END, str(tmp_path)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    counts = [int(number) for number in run.stdout.split()]
    assert len(counts) >= 4
    assert set(counts) == {1}
