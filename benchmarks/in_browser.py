"""What the page itself costs, in a real Chromium: frames a second, blocked moments, memory, loading."""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from benchmarks.figure import Bar, Figure, percentile
from tests.support.browser import running_browser, watched_page
from tests.support.server import running_server

SIZE = {"width": 1440, "height": 900}
WATCHED = 20.0  # seconds
MINUTES = 10
BLOCKED_MS = 50.0
# Before anything else runs: when the network can be used, and how long tasks lasted while the page loaded.
INSTRUMENTS = """
window.longTasks = [];
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) window.longTasks.push([task.startTime, task.duration]);
}).observe({ type: "longtask", buffered: true });
const NativeSocket = window.WebSocket;
window.framesSeen = 0;
window.framesReceived = 0;
window.WebSocket = class extends NativeSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", ({ data }) => {
      if (typeof data !== "string") window.framesReceived += 1;
    });
  }
  send(data) {
    if (String(data).includes('"ack"')) window.framesSeen += 1;
    super.send(data);
  }
};
"""
USABLE = """() => new Promise((tell) => {
  const look = () => {
    const state = document.querySelector("#state")?.dataset.state;
    if (state === "paused") window.playable ??= performance.now();
    const chart = document.querySelector("#chart .main-svg");
    if (window.playable && chart) tell([window.playable, performance.now()]);
    else requestAnimationFrame(look);
  };
  look();
})"""
TRACED = "devtools.timeline,disabled-by-default-devtools.timeline,toplevel,v8.execute"


def _blocked(events: list[dict[str, Any]]) -> list[float]:
    """Lengths in ms of the main thread's tasks in which scripts of ours ran."""
    ours = [
        event
        for event in events
        if event["name"] in ("FunctionCall", "EvaluateScript", "FireAnimationFrame", "TimerFire")
    ]
    spans: list[float] = []
    for task in events:
        if task["name"] != "RunTask" or "dur" not in task:
            continue
        start, end = task["ts"], task["ts"] + task["dur"]
        if any(
            event["pid"] == task["pid"] and event["tid"] == task["tid"] and start <= event["ts"] < end
            for event in ours
        ):
            spans.append(task["dur"] / 1000)
    return spans


def _trace(page: Page, session: Any, seconds: float) -> tuple[list[float], float, float]:
    """Script tasks' lengths in ms, frames a second that came, and that were shown."""
    chunks: list[dict[str, Any]] = []

    def collect(part: Any) -> None:
        chunks.extend(part["value"])

    session.on("Tracing.dataCollected", collect)
    done: list[Any] = []
    session.on("Tracing.tracingComplete", lambda part: done.append(part))  # noqa: PLW0108 - it is wrapped
    session.send("Tracing.start", {"categories": TRACED, "transferMode": "ReportEvents"})
    before = page.evaluate("[framesReceived, framesSeen, performance.now()]")
    page.wait_for_timeout(seconds * 1000)
    after = page.evaluate("[framesReceived, framesSeen, performance.now()]")
    session.send("Tracing.end")
    while not done:
        page.wait_for_timeout(50)
    span = (after[2] - before[2]) / 1000
    return _blocked(chunks), (after[0] - before[0]) / span, (after[1] - before[1]) / span


def _heap(session: Any) -> float:
    """MiB that JavaScript holds after a collection."""
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 2**20


def run(quick: bool) -> list[Figure]:
    """Load the page, play the default network at full speed, watch it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        with running_server(root / "log", root / "cache") as server, running_browser(whole=True) as browser:
            page, _watch = watched_page(browser, server.url, viewport=SIZE)
            page.add_init_script(INSTRUMENTS)
            session: Any = page.context.new_cdp_session(page)
            session.send("HeapProfiler.enable")
            page.goto("/")
            page.evaluate(USABLE)
            page.get_by_role("combobox", name="Speed").select_option("full")
            page.get_by_role("button", name="Play").click()
            minutes = 1 if quick else MINUTES
            page.wait_for_timeout(30_000)
            heaps = [_heap(session)]
            began = time.monotonic()
            while time.monotonic() - began < 60 * minutes:
                page.wait_for_timeout(30_000)
                heaps.append(_heap(session))
            # By now the server has compiled all that it compiles ahead, on the core that the page needs.
            tasks, came, shown = _trace(page, session, WATCHED / (4 if quick else 1))
            epochs = int(page.get_by_test_id("epoch").inner_text())
            page.context.close()
            loads: list[list[float]] = []
            for _ in range(2 if quick else 5):
                page, _watch = watched_page(browser, server.url, viewport=SIZE)
                page.add_init_script(INSTRUMENTS)
                page.goto("/", wait_until="commit")
                loads.append(page.evaluate(USABLE))
                page.context.close()
    half = len(heaps) // 2
    early, late = max(heaps[: half + 1]), max(heaps[half:])
    return [
        Figure("a network can be played after: median", percentile([load[0] for load in loads], 0.5), "ms"),
        Figure(
            "and the chart is there after: median",
            percentile([load[1] for load in loads], 0.5),
            "ms",
            Bar(1000),
        ),
        Figure("frames a second that the server sent", came, "/s"),
        Figure(
            "frames a second that the page showed", shown, "/s", Bar(min(30.0, came) * 0.97, at_least=True)
        ),
        Figure("script tasks of the main thread: 99th percentile", percentile(tasks, 0.99), "ms"),
        Figure("script tasks of the main thread: longest", max(tasks), "ms", Bar(BLOCKED_MS)),
        Figure(f"memory after the first half of {minutes} min", early, "MiB"),
        Figure("growth of memory in the second half", late - early, "MiB", Bar(1.0)),
        Figure("epochs in all", epochs, ""),
    ]


if __name__ == "__main__":
    print(json.dumps([(figure.name, figure.shown) for figure in run(True)], indent=1))
