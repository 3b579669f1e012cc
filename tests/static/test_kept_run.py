"""The run that a page keeps and gives back, without a server."""

from typing import Any

from playwright.sync_api import Page

# Steps on a kept run, and what each gave. `post` answers the request that is under way.
TRY = """async (steps) => {
  const { createKeptRun } = await import("/static/kept_run.js");
  const kept = createKeptRun("/root", sessionStorage);
  const asked = [];
  window.fetch = (address, { body, headers, signal }) =>
    new Promise((resolve, reject) => {
      asked.push({ address, bytes: body.byteLength, session: headers["X-Session"], resolve });
      signal.addEventListener("abort", () => reject(new Error("aborted")));
    });
  const answers = [];
  const said = [];
  const frame = ([key, run, seq]) => ({ header: { key, run, seq } });
  for (const [name, ...given] of steps) {
    if (name === "token") sessionStorage.setItem("neural-playground.session", given[0]);
    if (name === "keep") kept.keep(given[0], new ArrayBuffer(given[1]));
    if (name === "missing") said.push(kept.isMissing(...given));
    if (name === "give") answers.push(kept.giveBack());
    if (name === "lost") kept.lost();
    if (name === "frame") said.push(kept.holds(frame(given)));
    if (name === "post") {
      asked.at(-1).resolve({ ok: given[0], json: async () => ({ experiment: { seed: 5 } }) });
      const { experiment, frames } = await answers.at(-1);
      said.push([experiment ?? String(experiment), frames.map(({ header }) => header.seq)]);
    }
  }
  const given = await Promise.all(answers);
  return {
    said,
    asked: asked.map(({ address, bytes, session }) => [address, bytes, session]),
    experiments: given.map(({ experiment }) => experiment ?? String(experiment)),
  };
}"""
SEED = {"seed": 5}


def tried(modules: Page, *steps: list[Any]) -> dict[str, Any]:
    return modules.evaluate(TRY, list(steps))


def test_only_the_run_that_was_shown_last_is_given_back(modules: Page) -> None:
    said = tried(
        modules,
        ["missing", False, 1],
        ["keep", 2, 10],
        ["missing", True, 2],
        ["missing", False, 2],
        ["missing", False, 3],
    )["said"]
    assert said == [False, False, True, False]


def test_the_new_lane_is_not_shown_until_it_has_the_run(modules: Page) -> None:
    found = tried(
        modules,
        ["token", "mine"],
        ["keep", 4, 10],
        ["give"],
        ["frame", True, 1, 0],
        ["keep", 1, 7],  # of the new lane: what is to be given back stays
        ["frame", False, 1, 1],
        ["post", True],
        ["frame", False, 1, 2],
        ["frame", True, 2, 3],
        ["frame", False, 2, 4],
        ["missing", False, 2],
    )
    assert found["said"] == [True, True, [SEED, []], True, False, False, True]
    assert found["asked"] == [["/root/api/runs/import", 10, "mine"]]


def test_frames_of_the_run_may_come_before_the_answer(modules: Page) -> None:
    found = tried(
        modules,
        ["keep", 4, 10],
        ["give"],
        ["frame", True, 1, 0],
        ["frame", True, 2, 1],
        ["frame", False, 2, 2],
        ["post", True],
        ["frame", False, 2, 3],
        ["missing", False, 2],
    )
    assert found["said"] == [True, True, True, [SEED, [1, 2]], False, True]


def test_what_the_server_will_not_have_is_shown_as_it_is(modules: Page) -> None:
    found = tried(modules, ["keep", 4, 10], ["give"], ["frame", True, 1, 0], ["post", False])
    assert found["said"] == [True, ["null", [0]]]


def test_it_is_given_again_when_the_connection_drops_meanwhile(modules: Page) -> None:
    found = tried(
        modules,
        ["keep", 4, 10],
        ["give"],
        ["frame", True, 1, 0],
        ["lost"],
        ["missing", True, 9],
        ["give"],
        ["frame", True, 2, 0],
        ["post", True],
    )
    assert found["said"] == [True, True, True, [SEED, [0]]]
    assert found["experiments"] == ["undefined", SEED]
    assert len(found["asked"]) == 2
