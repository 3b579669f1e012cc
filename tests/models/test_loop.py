"""A host over its pipe."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import frame, imports, keras_file
from models.detail import LEVELS, STILL
from models.experiment import Experiment
from models.lane import Lane
from models.packing import flat
from models.programs import NEEDED
from models.saved_lane import SavedLane
from tests.models.host_client import Failure, HostClient
from tests.models.training import make, trained

MAX_LANES = 3
OWN = ("seq", "made", "applied", "blocks")  # what tells a frame of the same state from another


@pytest.fixture(scope="module")
def host(cache_dir: Path) -> Iterator[HostClient]:
    client = HostClient(
        device="cpu",
        cache_dir=str(cache_dir),
        compile_ahead=False,
        max_lanes=MAX_LANES,
        nice=10,
        frames_per_second=200,
    )
    try:
        yield client
        # What it does last: without a web process it ends by itself.
        assert client.hang_up() == 0
    finally:
        client.kill()


@pytest.fixture
def lane(host: HostClient) -> Iterator[str]:
    host.open("mine")
    yield "mine"
    host.close("mine")


def dumped(experiment: Experiment) -> dict[str, Any]:
    return experiment.model_dump(mode="json")


def test_it_says_what_it_compiles_until_it_is_ready(host: HostClient) -> None:
    """Opening is possible before; the answer comes when there is one."""
    host.open("early")
    host.close("early")
    states = [message[1] for message in host.kept("status")]
    assert [state["state"] for state in states[:-1]] == ["warming"] * (len(states) - 1)
    assert states[-1]["state"] == "ready"
    assert states[-1]["device"].startswith("CPU, ")
    assert all(state["message"] for state in states[:-1])
    progress = [state["progress"] for state in states]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0


def test_the_first_frame(host: HostClient, lane: str) -> None:
    header, blocks = host.frame(lane)
    assert (header["seq"], header["key"], header["step"], header["state"]) == (1, True, 0, "paused")
    assert header["experiment"] == dumped(Experiment())
    assert np.array_equal(blocks["weights"], flat(Lane("x", Experiment()).weights))
    assert blocks["history"][:, 0].tolist() == [0]


def test_who_only_looks_has_turns_while_another_floods(host: HostClient, lane: str) -> None:
    host.open("flooding")
    flood = 400

    def send() -> None:
        for number in range(flood):
            experiment = dumped(make(seed=number, hidden="8,8,8"))
            command = {"type": "set", "experiment": experiment}
            host.send("command", 10**6 + number, "flooding", number, command)
            if number == 0:
                host.send("want", lane, -1)  # a key frame, whatever has changed

    sending = threading.Thread(target=send)  # a pipe is only as long as somebody reads at its other end
    try:
        host.frame(lane)
        sending.start()
        host.coming_frame(lane)
        done = len(host.kept("reply"))
        assert done < flood, "every command came before the frame that was asked for first"
        while done < flood:
            host.receive(lambda message: message[0] == "reply")
            done += 1
    finally:
        sending.join()
        host.close("flooding")


def test_play_and_pause(host: HostClient, lane: str) -> None:
    host.command(lane, "speed", speed="full")
    number = host.command(lane, "play")
    header, _ = host.frame_when(lane, lambda header: header["epoch"] >= 3)
    assert header["state"] == "playing"
    assert header["applied"] == number
    number = host.command(lane, "pause")
    header, blocks = host.frame_when(lane, lambda header: header["applied"] == number)
    assert header["state"] == "paused"
    (expected,) = trained([Experiment()], header["step"])
    assert blocks["weights"].tobytes() == flat(expected.weights).tobytes()
    rows, _ = host.frame(lane, after=-1)
    assert rows["step"] == header["step"]


def test_one_epoch_and_some_batches(host: HostClient, lane: str) -> None:
    host.command(lane, "step", unit="batch", count=3)
    header, _ = host.frame_when(lane, lambda header: header["state"] == "paused" and header["step"] > 0)
    assert (header["step"], header["epoch"], header["offset"]) == (3, 0, 30)
    assert header["running"][0] > 0
    host.command(lane, "step", unit="epoch", count=1)
    header, _ = host.frame_when(lane, lambda header: header["state"] == "paused" and header["step"] > 3)
    assert (header["step"], header["epoch"], header["offset"]) == (25, 1, 0)
    assert header["running"] is None
    host.command(lane, "step", unit="epoch", count=70)
    header, _ = host.frame_when(lane, lambda header: header["state"] == "paused" and header["step"] > 25)
    assert (header["step"], header["epoch"]) == (71 * 25, 71)


def test_a_panel_shows_the_very_step_that_comes_next(host: HostClient, lane: str) -> None:
    """Of a lane in its seat, whose optimizer has come far since it sat down."""
    host.command(lane, "set", experiment=dumped(make(optimizer="adam", learning_rate=0.01)))
    host.command(lane, "panels", open={"batch": {}})
    host.command(lane, "step", unit="batch", count=180)
    header, blocks = host.frame_when(
        lane,
        lambda header: header["state"] == "paused" and header["step"] > 0 and "batch" in header["panels"],
    )
    host.command(lane, "step", unit="batch", count=1)
    after, moved = host.frame_when(lane, lambda later: later["step"] == header["step"] + 1)
    np.testing.assert_allclose(
        moved["weights"] - blocks["weights"], blocks["batch.update"], rtol=1e-4, atol=1e-6
    )
    assert after["run"] == header["run"]


def test_history_is_complete_over_frames(host: HostClient, lane: str) -> None:
    rows: list[float] = []
    host.command(lane, "step", unit="epoch", count=120)
    while True:
        header, blocks = host.frame(lane)
        rows += blocks["history"][:, 0].tolist()
        if header["state"] == "paused" and header["step"]:
            break
    assert rows == list(range(121))


def test_live_and_fresh_changes(host: HostClient, lane: str) -> None:
    host.command(lane, "step", unit="epoch", count=2)
    before, old = host.frame_when(lane, lambda header: header["epoch"] == 2 and header["state"] == "paused")
    live = make(learning_rate=0.1, regularization="l1", regularization_rate=0.01, batch_size=20)
    host.command(lane, "set", experiment=dumped(live))
    header, blocks = host.frame(lane)
    assert header["experiment"] == dumped(live)
    assert (header["step"], header["run"]) == (50, before["run"])
    assert blocks["weights"].tobytes() == old["weights"].tobytes()
    fresh = make(hidden="5,2", optimizer="adam")
    host.command(lane, "set", experiment=dumped(fresh))
    header, blocks = host.frame(lane)
    assert header["layers"] == [2, 5, 2, 1]
    assert (header["step"], header["epoch"], header["key"]) == (0, 0, True)
    assert header["run"] > before["run"]
    assert blocks["weights"].tobytes() == flat(Lane("x", fresh).weights).tobytes()
    assert blocks["history"][:, 0].tolist() == [0]


def test_a_playing_lane_goes_on_playing_a_new_network(host: HostClient, lane: str) -> None:
    host.command(lane, "play")
    host.frame_when(lane, lambda header: header["step"] > 0)
    number = host.command(lane, "set", experiment=dumped(make(hidden="5")))
    header, _ = host.frame_when(lane, lambda header: header["applied"] == number)
    assert header["state"] == "playing"
    host.frame_when(lane, lambda header: header["step"] > 0)


def test_rewind_gives_the_same_first_weights(host: HostClient, lane: str) -> None:
    start, first = host.frame(lane)
    host.command(lane, "step", unit="epoch", count=3)
    _, later = host.frame_when(lane, lambda header: header["epoch"] == 3 and header["state"] == "paused")
    assert later["weights"].tobytes() != first["weights"].tobytes()
    host.command(lane, "rewind")
    header, again = host.frame(lane)
    assert again["weights"].tobytes() == first["weights"].tobytes()
    assert again["history"].tobytes() == first["history"].tobytes()
    assert (header["step"], header["state"], header["key"]) == (0, "paused", True)
    assert header["run"] == start["run"] + 1


def test_speed_is_the_one_in_force(host: HostClient, lane: str) -> None:
    header, _ = host.frame(lane)
    assert header["speed"] == "fast"
    host.command(lane, "speed", speed="slow")
    header, _ = host.frame(lane)
    assert header["speed"] == "slow"


@pytest.mark.parametrize("speed", ["full", "faster"])
def test_conditions_pause_it_at_the_epoch_that_meets_them(host: HostClient, lane: str, speed: str) -> None:
    host.command(lane, "stop", epochs=None, test_loss=0.4, test_accuracy=None, patience=None)
    host.command(lane, "speed", speed=speed)
    host.command(lane, "play")
    header, _ = host.frame_when(lane, lambda header: header["stopped"] is not None)
    _, blocks = host.frame(lane, after=-1)
    losses = blocks["history"][:, 4]
    assert header["stopped"] == {"reason": "test_loss", "epoch": len(losses) - 1}
    assert (header["state"], header["step"]) == ("paused", 25 * (len(losses) - 1))
    assert losses[-1] <= 0.4 < losses[:-1].min()
    host.command(lane, "play")
    header, _ = host.frame_when(lane, lambda header: header["epoch"] > len(losses) + 10)
    assert (header["stopped"], header["stop"]["test_loss"]) == (None, 0.4)


def test_a_weight_is_edited_while_it_trains_at_full_speed(host: HostClient, lane: str) -> None:
    host.command(lane, "speed", speed="full")
    host.command(lane, "play")
    host.frame_when(lane, lambda header: header["epoch"] >= 3)
    number = host.command(lane, "weight", layer=3, source=None, unit=0, value=500.0)
    header, blocks = host.frame_when(lane, lambda header: header["applied"] == number)
    assert (header["state"], header["touched"]) == ("playing", True)
    assert blocks["weights"][-1] > 100  # a few steps may have been made since
    host.command(lane, "rewind")
    header, _ = host.frame_when(lane, lambda header: header["run"] == 2)
    assert not header["touched"]


def test_an_unwatched_lane_trains_no_step(host: HostClient, lane: str) -> None:
    host.command(lane, "speed", speed="full")
    host.command(lane, "play")
    host.frame_when(lane, lambda header: header["step"] > 0)
    host.command(lane, "watch", watched=False)
    blob = host.snapshot(lane)
    host.open("other")
    host.command("other", "step", unit="epoch", count=20)
    host.frame_when("other", lambda header: header["epoch"] == 20)
    host.close("other")
    assert host.snapshot(lane) == blob
    step = frame.decode(blob)[0]["step"]
    host.command(lane, "watch", watched=True)
    host.frame_when(lane, lambda header: header["step"] > step)


def test_reopened_from_a_blob_it_goes_on_to_the_same_bits(host: HostClient, lane: str) -> None:
    host.command(lane, "step", unit="batch", count=37)
    header, _ = host.frame_when(lane, lambda header: header["step"] == 37 and header["state"] == "paused")
    blob = host.snapshot(lane)
    host.open("again", blob=blob)
    restored, _ = host.frame("again")
    assert restored["key"]
    assert {**restored, **dict.fromkeys(OWN)} == {**host.frame(lane, after=-1)[0], **dict.fromkeys(OWN)}
    host.command("again", "step", unit="epoch", count=2)
    _, blocks = host.frame_when("again", lambda header: header["epoch"] == 3 and header["state"] == "paused")
    (expected,) = trained([Experiment()], 75)
    host.close("again")
    # 37 batches end in epoch 2; two epochs on are whole epochs.
    assert header["epoch"] == 1
    assert blocks["weights"].tobytes() == flat(expected.weights).tobytes()


def test_a_loaded_run_goes_on_to_the_same_bits(host: HostClient, lane: str) -> None:
    """As a file of it is opened by another page, which plays something else."""
    host.command(lane, "step", unit="batch", count=37)
    host.frame_when(lane, lambda header: header["step"] == 37 and header["state"] == "paused")
    file = keras_file.of_lane(SavedLane.of(host.snapshot(lane)))
    host.open("other", dumped(make(data="xor", hidden="3")))
    host.command("other", "play")
    before, _ = host.frame_when("other", lambda header: header["step"] > 0)
    found = imports.read(file, Experiment())
    load = {"experiment": dumped(found.experiment), "blob": found.blob, "weights": found.weights}
    host.command("other", "load", **load)
    header, blocks = host.frame_when("other", lambda header: header["run"] > before["run"])
    assert (header["key"], header["state"], header["step"], header["touched"]) == (True, "paused", 37, False)
    assert header["experiment"] == dumped(Experiment())
    assert blocks["history"][:, 0].tolist() == [0, 1]
    weights: dict[str, Any] = {"weights": [], "scales": [], "moving": []}
    with pytest.raises(Failure, match="shapes"):
        host.command("other", "load", **{**load, "blob": None, "weights": weights})
    host.command("other", "step", unit="epoch", count=2)
    _, blocks = host.frame_when("other", lambda header: header["epoch"] == 3 and header["state"] == "paused")
    host.close("other")
    (expected,) = trained([Experiment()], 75)
    assert blocks["weights"].tobytes() == flat(expected.weights).tobytes()


def test_blobs_come_by_themselves(host: HostClient, lane: str) -> None:
    host.kept("blob")
    host.command(lane, "step", unit="batch", count=5)
    _, _, blob = host.receive(
        lambda message: message[:2] == ("blob", lane) and frame.decode(message[2])[0]["step"] == 5
    )
    assert Lane.restored("x", blob).step == 5


def test_frames_only_when_wanted(host: HostClient, lane: str) -> None:
    host.frame(lane)
    host.command(lane, "step", unit="batch", count=2)
    # A blob is sent after the frames that are due, so one of the changed lane would have come before.
    host.receive(lambda message: message[:2] == ("blob", lane) and frame.decode(message[2])[0]["step"] == 2)
    assert host.kept("frame") == []
    header, _ = host.frame_when(lane, lambda header: header["step"] == 2)
    assert header["key"] is False


def test_a_wanted_frame_waits_for_news(host: HostClient, lane: str) -> None:
    host.frame_when(lane, lambda header: header["applied"] == 0)
    host.want(lane)
    host.snapshot(lane)
    assert host.kept("frame") == []
    number = host.command(lane, "speed", speed="slow")
    header, _ = host.coming_frame(lane)
    assert header["applied"] == number


def test_pictures_are_finer_when_it_stands_still(host: HostClient, lane: str) -> None:
    host.command(lane, "play")
    header, blocks = host.frame_when(lane, lambda header: header["step"] > 0)
    assert header["state"] == "playing"
    assert blocks["boundary"].shape == (LEVELS[0].boundary,) * 2
    number = host.command(lane, "pause")
    _, blocks = host.frame_when(lane, lambda header: header["applied"] == number)
    assert blocks["boundary"].shape == (STILL.boundary,) * 2


def test_pictures_are_those_that_the_page_can_show(host: HostClient, lane: str) -> None:
    seen = {"visible": True, "boundary": 30, "neurons": 8}
    host.command(lane, "view", **seen, pictures=[4])
    header, blocks = host.frame(lane)
    assert header["pictured"] == [4]
    assert (blocks["boundary"].shape, blocks["neurons"].shape) == ((30, 30), (1, 8, 8))
    # Another network has other neurons, of which the page has said nothing yet.
    host.command(lane, "set", experiment=dumped(make(hidden="5")))
    header, blocks = host.frame(lane)
    assert "pictured" not in header
    assert blocks["neurons"].shape == (5, 8, 8)
    host.command(lane, "watch", watched=True)  # another page
    _, blocks = host.frame(lane)
    assert blocks["boundary"].shape == (STILL.boundary,) * 2


def test_a_hidden_page_gets_no_frame_and_its_network_trains_on(host: HostClient, lane: str) -> None:
    host.frame(lane)
    seen = {"boundary": 100, "neurons": 24, "pictures": None}
    host.command(lane, "view", visible=False, **seen)
    host.want(lane)
    host.command(lane, "step", unit="epoch", count=3)
    host.receive(lambda message: message[:2] == ("blob", lane) and frame.decode(message[2])[0]["epoch"] == 3)
    assert host.kept("frame") == []
    number = host.command(lane, "view", visible=True, **seen)
    header, blocks = host.coming_frame(lane)
    assert (header["epoch"], header["applied"]) == (3, number)
    assert blocks["history"][:, 0].tolist() == [1, 2, 3]


def test_no_more_than_max_lanes(host: HostClient) -> None:
    names = [f"lane {number}" for number in range(MAX_LANES)]
    for name in names:
        host.open(name)
    with pytest.raises(Failure) as refused:
        host.open("one too many")
    assert refused.value.code == "busy"
    assert str(MAX_LANES) in refused.value.message
    host.open(names[0])  # opening is idempotent
    host.close(names[0])
    host.open("one too many")
    for name in [*names[1:], "one too many"]:
        host.close(name)


def test_a_lane_that_is_not_there(host: HostClient) -> None:
    for act in (
        lambda: host.command("nobody", "play"),
        lambda: host.snapshot("nobody"),
        lambda: host.close("nobody"),
    ):
        with pytest.raises(Failure) as refused:
            act()
        assert refused.value.code == "lane_lost"
    host.want("nobody")  # no answer, no harm


@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        ({"type": "set", "experiment": {"seed": "3"}}, "invalid", "seed"),
        ({"type": "set", "experiment": {"training": {"optimizer": "speed"}}}, "invalid", "optimizer"),
        ({"type": "set", "experiment": None}, "invalid", "None"),
        ({"type": "set"}, "unknown_command", "set"),
        ({"type": "speed", "speed": "warp"}, "unknown_command", "warp"),
        ({"type": "step", "unit": "year", "count": 1}, "unknown_command", "year"),
        ({"type": "dance"}, "unknown_command", "dance"),
        ({}, "unknown_command", "{}"),
    ],
)
def test_commands_that_will_not_do(
    command: dict[str, Any], code: str, says: str, host: HostClient, lane: str
) -> None:
    before = host.snapshot(lane)
    with pytest.raises(Failure) as refused:
        host.request("command", lane, 99, command)
    assert refused.value.code == code
    assert says in refused.value.message
    assert refused.value.expected
    assert host.snapshot(lane) == before


@pytest.mark.parametrize("blob", [b"", b"\xff\xff\xff\xff", b"\x04\0\0\0true"])
def test_bytes_that_are_no_blob(blob: bytes, host: HostClient) -> None:
    with pytest.raises(Failure) as refused:
        host.open("broken", blob=blob)
    assert refused.value.code == "invalid"
    with pytest.raises(Failure, match="lane_lost"):
        host.snapshot("broken")


def test_an_experiment_that_will_not_do(host: HostClient) -> None:
    with pytest.raises(Failure) as refused:
        host.open("broken", {"data": {"noise": 3.0}})
    assert (refused.value.code, refused.value.message.split(":")[0]) == ("invalid", "data.noise")


def test_a_diverged_lane_stops_and_can_go_on(host: HostClient) -> None:
    wild = make(data="plane", hidden="", features="x1_squared,x2_squared", learning_rate=10)
    host.open("wild", dumped(wild))
    host.command("wild", "play")
    header, blocks = host.frame_when("wild", lambda header: header["state"] != "playing")
    assert header["state"] == "diverged"
    assert np.isfinite(blocks["weights"]).all()
    host.command("wild", "rewind")
    header, _ = host.frame("wild")
    assert (header["state"], header["step"]) == ("paused", 0)
    host.close("wild")


def test_it_tells_what_it_counts(host: HostClient, lane: str) -> None:
    host.command(lane, "step", unit="epoch", count=3)
    shown, _ = host.frame_when(lane, lambda header: header["epoch"] == 3)

    def told(message: tuple[Any, ...]) -> bool:
        return (
            message[0] == "figures"
            and message[1]["steps"] >= shown["step"]
            and message[1]["lanes"]["playing"] == 0
        )

    _, figures = host.receive(told)
    assert figures["ticks"] >= 1
    assert figures["tick_seconds"] > 0
    assert figures["frames"] >= 1
    # Those that must be there before anybody is let in, and what other tests asked for.
    assert figures["programs"]["load"][0] >= len(NEEDED)
    assert figures["lanes"] == {"playing": 0, "paused": 1, "resting": 0, "diverged": 0}
