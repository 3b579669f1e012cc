"""What goes wrong: the training process dies, the connection drops, the engine warms up, messages are bad."""

import itertools
import json
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from playwright.sync_api import Page, expect
from websockets.sync.client import ClientConnection, connect

from app import language
from app.protocol import ErrorCode
from models import frame
from tests.browser.conftest import Visit
from tests.browser.playground import FULL_SPEED, Playground
from tests.support.browser import PATIENCE
from tests.support.processes import children
from tests.support.relay import running_relay
from tests.support.server import Server, running_server

EPOCHS_A_SECOND = 30  # of the default speed
LOST_SECONDS = 5  # at most, of training, when the training process dies
RESTART = 120_000  # milliseconds until a training process is back, on two busy cores
BAD_MESSAGES = 1000
LATE_ICON = "net::ERR_.*icon.svg"  # which a browser may ask for as late as when the connection is cut


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Iterator[Server]:
    """A server of this file's own, which may be harmed, and which reads many messages at once."""
    log = tmp_path_factory.mktemp("faults") / "log"
    settings = {
        "message_burst": str(2 * BAD_MESSAGES),
        "compile_ahead": "false",
        "save_seconds": "0.5",
    }
    with running_server(log, cache_dir, settings) as running:
        yield running


def host_of(server: Server) -> int:
    """The process that trains."""
    (host,) = [pid for pid, line in children(server.process.pid).items() if "spawn_main" in line]
    return host


def test_a_run_outlives_its_training_process(visit: Visit, own_server: Server) -> None:
    playground = visit(origin=own_server.url)
    playground.play()
    playground.until_epoch(LOST_SECONDS * EPOCHS_A_SECOND + 50)
    history = dict(playground.history)
    before, opened = playground.until(lambda _: True), playground.key
    os.kill(host_of(own_server), signal.SIGKILL)
    messages = playground.page.get_by_role("log", name="Messages")
    expect(playground.page.locator("#banner-text")).to_contain_text("The engine is restarting")
    expect(messages).to_contain_text("Your run goes on from its last saved state.", timeout=RESTART)
    restored = playground.key_frame(lambda seen: seen is not opened)
    assert restored.epoch >= before.epoch - LOST_SECONDS * EPOCHS_A_SECOND
    expect(playground.status).to_have_text("Playing")
    playground.until_epoch(before.epoch + 10)
    # The very same run: what was trained twice has the very same losses.
    assert history.keys() <= playground.history.keys()
    assert all(playground.history[epoch] == row for epoch, row in history.items())


def test_what_was_set_by_hand_outlives_the_training_process(visit: Visit, own_server: Server) -> None:
    playground = visit("/#stop_epochs=7", origin=own_server.url)
    playground.until(lambda seen: seen.header["stop"]["epochs"] == 7)
    playground.neurons(1).nth(0).click()
    playground.page.get_by_role("spinbutton", name="Bias").fill("2.5")
    before = playground.until(lambda seen: seen.header["touched"])
    opened = playground.key
    os.kill(host_of(own_server), signal.SIGKILL)
    log = playground.page.get_by_role("log", name="Messages")
    expect(log).to_contain_text("Your run goes on from its last saved state.", timeout=RESTART)
    restored = playground.key_frame(lambda seen: seen is not opened)
    assert restored.weights == before.weights
    assert (restored.header["touched"], restored.header["stop"]) == (True, before.header["stop"])
    playground.play(FULL_SPEED)
    expect(playground.page.locator("#stop-reason")).to_have_text("Stopped: epoch 7 was reached.")


def test_a_run_outlives_its_connection(
    visit: Visit, own_server: Server, tolerate: Callable[[str], None]
) -> None:
    with running_relay(own_server.url) as relay:
        playground = visit("/#optimizer=adam", origin=relay.url)
        tolerate("WebSocket connection to .* failed")
        tolerate(LATE_ICON)
        playground.button("Step").click()
        playground.button("Step").click()
        before = playground.until(lambda seen: seen.epoch == 2)
        expect(playground.page.locator("#back")).to_be_visible()  # no file is on its way any more
        relay.cut()
        expect(playground.status).to_have_text("Reconnecting")
        expect(playground.page.locator("#banner-text")).to_have_text("Connection lost, reconnecting…")
        # What is changed meanwhile is sent when the connection is back.
        playground.menu("Learning rate").select_option("0.1")
        relay.mend()
        expect(playground.status).to_have_text("Paused")
        after = playground.set("training.learning_rate", 0.1)
        assert playground.connections >= 2
        assert (after.header["run"], after.header["step"]) == (before.header["run"], before.header["step"])
        assert after.weights == before.weights
        playground.button("Step").click()
        expect(playground.epoch).to_have_text("3")


def test_a_run_that_plays_goes_on_after_the_connection(
    visit: Visit, own_server: Server, tolerate: Callable[[str], None]
) -> None:
    with running_relay(own_server.url) as relay:
        playground = visit(origin=relay.url)
        tolerate("WebSocket connection to .* failed")
        tolerate(LATE_ICON)
        playground.play()
        playground.until_epoch(5)
        expect(playground.page.locator("#back")).to_be_visible()  # no file is on its way any more
        before = playground.until(lambda _: True)
        relay.cut()
        expect(playground.status).to_have_text("Reconnecting")
        relay.mend()
        expect(playground.status).to_have_text("Playing")
        after = playground.key_frame(lambda seen: seen.epoch >= before.epoch)
        assert after.header["run"] == before.header["run"]
        playground.until_epoch(after.epoch + 5)


def test_a_run_that_the_server_has_lost_comes_from_the_page(
    visit: Visit, own_server: Server, tolerate: Callable[[str], None]
) -> None:
    with running_relay(own_server.url) as relay:
        playground = visit("/#optimizer=adam", origin=relay.url)
        tolerate("WebSocket connection to .* failed")
        tolerate(LATE_ICON)
        playground.play()
        assert playground.socket is not None
        playground.socket.wait_for_event(
            "framereceived",
            lambda _: any(run["epoch"] >= 10 for run in playground.saved),
            timeout=4 * PATIENCE,
        )
        expect(playground.page.locator("#back")).to_be_visible()  # no file is on its way any more
        history, saved = dict(playground.history), playground.saved[-1]["epoch"]
        relay.cut()
        expect(playground.status).to_have_text("Reconnecting")
        # To the server this is as if it had been killed and started again: it knows no session of this name.
        playground.page.evaluate("sessionStorage.setItem('neural-playground.session', 'of-before')")
        relay.mend()
        log = playground.page.get_by_role("log", name="Messages")
        expect(log).to_contain_text("It goes on from its last saved state.")
        expect(playground.status).to_have_text("Playing")
        restored = playground.key_frame(lambda seen: seen.header["run"] > 1)
        assert restored.epoch >= saved
        assert restored.experiment["training"]["optimizer"] == "adam"
        playground.until_epoch(max(history) + 1)
        # The very same run: what is trained again has the very same losses.
        assert all(playground.history[epoch] == row for epoch, row in history.items())
        expect(log).not_to_contain_text("starts anew")


def test_a_second_page_takes_the_run_over(playground: Playground) -> None:
    playground.button("Step").click()
    expect(playground.epoch).to_have_text("1")
    token = playground.page.evaluate("Object.assign({}, sessionStorage)")
    second = Playground(playground.page.context.new_page())
    # As a duplicated tab has it: the session's token comes along.
    copy = "; ".join(f"sessionStorage.setItem({json.dumps(k)}, {json.dumps(v)})" for k, v in token.items())
    second.page.add_init_script(copy)
    second.open()
    expect(second.epoch).to_have_text("1")
    expect(playground.status).to_have_text("Open in another tab")
    expect(playground.page.locator("#banner-text")).to_contain_text("Load this page again to take it back")
    second.page.close()
    playground.page.reload()
    expect(playground.epoch).to_have_text("1")
    expect(playground.status).to_have_text("Paused")


def test_warming_up_is_said_and_ends(open_page: Callable[..., Page], tmp_path: Path) -> None:
    with running_server(tmp_path / "log", tmp_path / "xla", ready=False) as server:
        server.wait_until_listening()
        playground = Playground(open_page(server.url))
        playground.page.goto("/")
        banner = playground.page.locator("#banner-text")
        expect(banner).to_have_text(
            re.compile(r"^TensorFlow is warming up: .+\. You can set up your network")
        )
        expect(playground.status).to_have_text(re.compile(r"^Warming up: .+"))
        expect(playground.page.get_by_role("progressbar", name="Warming up")).to_be_visible()
        # What is set up and started meanwhile is carried out when the engine is ready.
        playground.button("Add neuron to layer 1").click()
        expect(playground.neurons(1)).to_have_count(5)
        playground.button("Step").click()
        expect(banner).to_be_hidden(timeout=RESTART)
        expect(playground.epoch).to_have_text("1")
        playground.until(lambda seen: seen.layers == [2, 5, 2, 1])
        playground.page.close()  # before its server goes


def test_what_is_refused_is_said_in_the_pages_language(visit: Visit) -> None:
    playground = visit(locale="de")
    # The page itself sends nothing that will not do.
    playground.page.evaluate(
        """() => {
          const { send } = WebSocket.prototype;
          WebSocket.prototype.send = function (data) {
            send.call(this, data.replace('"learning_rate":0.1', '"learning_rate":-1'));
          };
        }"""
    )
    playground.page.get_by_role("combobox", name="Lernrate", exact=True).select_option("0.1")
    said = re.compile(r"Der Server kann diesen Wert von „Lernrate“ nicht verwenden\. \(.+-1")
    expect(playground.page.get_by_role("log")).to_have_text(said)
    german = set(language.messages("de").values())
    for code in get_args(ErrorCode):
        event = {"type": "error", "id": 1, "code": code, "message": "as it is", "expected": "better"}
        words: str = playground.page.evaluate(
            "async (event) => (await import('/static/words.js')).errorWords(event)", event
        )
        assert words.partition(" (")[0] in german, code


def bad_messages() -> Iterator[str | bytes]:
    """Malformed and illegal messages, over and over; an id that grows where one is needed to get that far."""
    for number in itertools.count(10):
        for message in (
            {"type": "set", "id": number, "experiment": {"network": {"hidden": [{"neurons": 65}]}}},
            {"type": "set", "id": number, "experiment": {"training": {"learning_rate": -1}}},
            {"type": "set", "id": number},
            {"type": "step", "id": number, "unit": "epoch", "count": 0},
            {"type": "speed", "id": number, "speed": "warp"},
            {"type": "fly", "id": number},
            {"type": "play", "id": 1},
            {"type": "open", "id": number},
            {"type": "ack", "seq": 10**9},
            {"id": number},
        ):
            yield json.dumps(message)
        yield from ("{", "[]", "null", '"play"', "", b"\x00\xff", '{"type": "play", "id": NaN}', "\u2028")


def heard(page: ClientConnection) -> dict[str, Any]:
    """The next event, or the header of the next frame."""
    message = page.recv(timeout=PATIENCE / 1000)
    return json.loads(message) if isinstance(message, str) else frame.decode(message)[0]


def test_a_thousand_bad_messages_beside_a_playing_page(visit: Visit, own_server: Server) -> None:
    playground = visit(origin=own_server.url)
    playground.play()
    before = playground.until_epoch(3)
    with connect(own_server.url.replace("http", "ws", 1) + "/ws") as raw:
        raw.send(json.dumps({"type": "open", "id": 1}))
        first = heard(raw)
        while "seq" not in first:
            first = heard(raw)
        for message in itertools.islice(bad_messages(), BAD_MESSAGES):
            raw.send(message)
        answers = [heard(raw) for _ in range(BAD_MESSAGES)]
        assert {answer["type"] for answer in answers} == {"error"}
        assert {answer["code"] for answer in answers} == {
            "malformed",
            "invalid",
            "illegal",
            "unknown_command",
        }
        assert all(answer["message"] and answer["expected"] for answer in answers)
        # One answer each, and the lane is as it was: the next thing heard is what a good command does.
        raw.send(json.dumps({"type": "ack", "seq": first["seq"]}))
        raw.send(json.dumps({"type": "step", "id": 10**6, "unit": "batch", "count": 1}))
        shown = heard(raw)
        while "seq" in shown and shown["step"] == 0:
            shown = heard(raw)
        assert (shown["step"], shown["run"], shown["layers"]) == (1, first["run"], first["layers"])
    after = playground.until_epoch(before.epoch + 10)
    assert after.header["run"] == before.header["run"]
    assert after.experiment == before.experiment
    expect(playground.status).to_have_text("Playing")
    expect(playground.page.get_by_role("log", name="Messages").get_by_role("button")).to_have_count(0)
