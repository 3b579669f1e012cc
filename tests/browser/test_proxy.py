"""Behind nginx, under a prefix: a page trains, and outlives a restart of the server."""

import json
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.support import nginx
from tests.support.nginx import running_nginx
from tests.support.server import free_port, running_server

PREFIX = "/playground"
STOPS_WITHIN = 10.0  # seconds: what is promised to whoever runs the server
RESTART = 120_000  # milliseconds until a server is back, on two busy cores


@pytest.mark.timeout(600)  # two servers start one after the other
@pytest.mark.skipif(nginx.find() is None, reason="no nginx is installed")
def test_a_page_trains_through_a_proxy_and_outlives_a_restart(
    visit: Visit, tolerate: Callable[[str], None], tmp_path: Path, cache_dir: Path
) -> None:
    port = free_port()
    settings = {"root_path": PREFIX, "trusted_proxies": "127.0.0.1", "compile_ahead": "false"}
    settings |= {"log_format": "json", "log_level": "debug"}
    with running_nginx(tmp_path / "nginx", port) as origin:
        with running_server(tmp_path / "first", cache_dir, settings, port=port) as server:
            playground = visit(f"{PREFIX}/#optimizer=adam", origin=origin)
            tolerate("WebSocket connection to .* failed")
            tolerate("net::ERR_.*icon.svg")
            playground.play()
            playground.until_epoch(20)
            expect(playground.page.locator("#back")).to_be_visible()  # no file is on its way any more
            server.process.send_signal(signal.SIGTERM)
            banner = playground.page.locator("#banner-text")
            expect(banner).to_have_text(
                re.compile("^The server is being restarted. This page keeps your run")
            )
            expect(playground.status).to_have_text("Server restarts")
            assert server.process.wait(STOPS_WITHIN) == 0, server.tail()
        token = playground.page.evaluate("sessionStorage.getItem('neural-playground.session')")
        log = server.log.read_text(encoding="utf-8")
        assert all(json.loads(line)["time"] for line in log.splitlines())  # TensorFlow's process included
        assert token not in log
        kept = playground.saved[-1]
        history = dict(playground.history)
        assert kept["epoch"] >= max(history)  # nothing that was shown is lost
        with running_server(tmp_path / "second", cache_dir, settings, port=port):
            expect(banner).to_be_hidden(timeout=RESTART)
            expect(playground.status).to_have_text("Playing", timeout=RESTART)
            after = playground.until_epoch(kept["epoch"] + 10)
            assert after.experiment["training"]["optimizer"] == "adam"
            # The very same run: every epoch that was shown before has the very same losses.
            assert history.items() <= playground.history.items()
            playground.page.close()  # before its server goes
