"""A disk that is full, and one that takes for ever: lanes train."""

import os
from pathlib import Path

import pytest

from models import host
from tests.conftest import Measured
from tests.faults.attending import all_of, attending
from tests.support.server import running_server

# No file of the server's and of what it starts gets longer than this; its log is one of them.
FULL = ("sh", "-c", 'ulimit -f 512; exec "$@"', "sh")


async def test_a_server_whose_disk_is_full_trains(
    tmp_path: Path, cache_dir: Path, measured: Measured
) -> None:
    settings = {"compile_ahead": "false"}
    with running_server(tmp_path / "log", cache_dir, settings, through=FULL) as server:
        async with attending(server.url, 2) as students:
            await all_of(students, lambda student: student.header["epoch"] >= 20)
            slowest = max(student.joins.percentile(1.0) for student in students)
            measured("full disk: until both pages that joined had a frame", slowest, "ms")
            assert all(student.errors == {} and student.epochs.lost == 0 for student in students)
        assert "Compiled programs are not kept" in server.tail()


def test_the_probe_leaves_nothing_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "cache"
    assert host.can_write(folder)
    assert list(folder.iterdir()) == []
    file = tmp_path / "file"
    file.touch()
    assert not host.can_write(file / "cache")
    assert "Compiled programs are not kept" in capsys.readouterr().err


def test_without_a_place_for_programs_what_is_there_is_read_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_XLA_FLAGS", "")
    options = {"cache_dir": str(tmp_path / "cache"), "nice": 0}
    assert host.set_up(options)["cache_dir"] == options["cache_dir"]
    assert "read_only" not in os.environ["TF_XLA_FLAGS"]
    (tmp_path / "cache").rmdir()
    (tmp_path / "cache").touch()  # a folder cannot be made there
    assert host.set_up(options)["cache_dir"] is None
    assert "--tf_xla_persistent_cache_read_only=true" in os.environ["TF_XLA_FLAGS"]
