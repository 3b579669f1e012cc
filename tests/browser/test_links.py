"""Links: those of the TensorFlow Playground, what a link hides, Back and Forward, and the dialog "Share"."""

import io
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from app.api import VIEW_NAMES
from models import spelling
from models.experiment import Experiment
from models.packing import shaped
from tests.browser.conftest import DESKTOP
from tests.browser.playground import Playground, spelled
from tests.static.test_tfp import FEATURES
from tests.support.browser import watched_page
from tests.support.server import Server

Find = Callable[[Playground], Locator]


def by_id(name: str) -> Find:
    return lambda playground: playground.page.locator(f"#{name}")


# What each name hides, found as a visitor finds it; only these can be checked by role and name in every link.
CONTROLS: dict[str, Find] = {
    "playButton": lambda p: p.button("Play"),
    "stepButton": lambda p: p.button("Step"),
    "resetButton": by_id("rewind"),
    "learningRate": lambda p: p.menu("Learning rate"),
    "activation": lambda p: p.menu("Activation"),
    "regularization": lambda p: p.menu("Regularization"),
    "regularizationRate": lambda p: p.menu("Regularization rate"),
    "problem": lambda p: p.menu("Problem"),
    "dataset": lambda p: p.page.get_by_role("radiogroup", name="Data set"),
    "percTrainData": lambda p: p.slider("Training share"),
    "noise": lambda p: p.slider("Noise"),
    "batchSize": lambda p: p.slider("Batch size"),
    "numHiddenLayers": by_id("add-layer"),
    "showTestData": by_id("show-test"),
    "discretize": by_id("discretize"),
    "x": lambda p: p.checkbox("x1"),
    "y": lambda p: p.checkbox("x2"),
    "xSquared": lambda p: p.checkbox("x1 squared"),
    "ySquared": lambda p: p.checkbox("x2 squared"),
    "xTimesY": lambda p: p.checkbox("x1 times x2"),
    "sinX": lambda p: p.checkbox("sine of x1"),
    "sinY": lambda p: p.checkbox("sine of x2"),
    "cosX": lambda p: p.checkbox("cos of x1"),
    "cosY": lambda p: p.checkbox("cos of x2"),
}
ALSO = {"regDataset": "dataset", "networkShape": "numHiddenLayers"}  # they hide the same
DEFAULT = "activation=tanh&batchSize=10&dataset=circle&regDataset=reg-plane&learningRate=0.03&regularizationRate=0&noise=0&networkShape=4,2&seed=0.16563&showTestData=false&discretize=false&percTrainData=50&x=true&y=true&xTimesY=false&xSquared=false&ySquared=false&cosX=false&sinX=false&cosY=false&sinY=false&collectStats=false&problem=classification&initZero=false&hideText=false"  # noqa: E501
LINKS = [
    DEFAULT,
    "dataset=xor&seed=1",
    "dataset=gauss&seed=0.5",
    "dataset=spiral&networkShape=8,8,8&activation=relu&seed=0.7",
    "problem=regression&regDataset=reg-plane&seed=2",
    "problem=regression&regDataset=reg-gauss&noise=20&seed=3",
    "activation=sigmoid&dataset=circle&networkShape=3&seed=4",
    "activation=linear&dataset=circle&networkShape=&seed=5",
    "regularization=L1&regularizationRate=0.003&seed=6",
    "regularization=L2&regularizationRate=0.1&seed=7",
    "learningRate=0.3&batchSize=30&seed=8",
    "noise=50&percTrainData=10&seed=9",
    "x=false&y=false&xSquared=true&ySquared=true&seed=10",
    "xTimesY=true&sinX=true&sinY=true&seed=11",
    "cosX=true&cosY=true&seed=12",
    "initZero=true&seed=13",
    "showTestData=true&discretize=true&seed=14",
    "tutorial=dp&hideText=true&seed=15",
    *[f"dataset=xor&seed=16&{name}_hide=true" for name in (*CONTROLS, *ALSO)],
    "dataset=gauss&seed=17&playButton_hide=true&stepButton_hide=true&resetButton_hide=true",
    "seed=18&problem_hide=true&dataset_hide=true&noise_hide=true&percTrainData_hide=true&batchSize_hide=false",
    "seed=19&x=true&" + "&".join(f"{name}_hide=true" for name in CONTROLS),
]
USUAL = Experiment().model_dump(mode="json")  # what that playground does not have
SETS = {"reg-plane": "plane", "reg-gauss": "multi_gauss"}

# What the controls show when the page has drawn itself.
VALUES = """async () => {
  for (let i = 0; i < 2; i += 1) await new Promise(requestAnimationFrame);
  const of = (id) => document.getElementById(id);
  const label = (id) => of(id).selectedOptions[0].text;
  const neurons = [...document.querySelectorAll("[data-testid=neuron]")];
  const layers = neurons.map(({ dataset }) => dataset.layer - 1);
  return {
    problem: of("problem").value,
    activation: of("activation").value,
    learning_rate: label("learning-rate"),
    regularization: label("regularization"),
    regularization_rate: label("regularization-rate"),
    noise: of("noise-value").textContent,
    train_share: of("train-share-value").textContent,
    batch_size: [of("batch-size").value, of("batch-size-number").value],
    layers: of("layer-count").textContent,
    neurons: Array.from({ length: Math.max(...layers) + 1 }, (_, i) => layers.filter((l) => l === i).length),
  };
}"""


@pytest.fixture(scope="module")
def shared(browser: Browser, server: Server) -> Iterator[Playground]:
    """One page, whose address is changed from link to link."""
    page, watch = watched_page(browser, server.url, viewport=DESKTOP)
    page.route(
        "**/vendor/plotly.min.js", lambda route: route.fulfill(content_type="text/javascript", body="")
    )
    playground = Playground(page)
    playground.open()
    yield playground
    page.context.close()
    assert watch.unexpected() == []


def go(playground: Playground, hash: str) -> None:
    playground.page.evaluate("(hash) => { location.hash = hash; }", hash)


def experiment_of(page: Page) -> dict[str, Any]:
    """The experiment that the address bar spells, as the command line would read it."""
    said = {name: text for name, text in spelled(page).items() if name not in VIEW_NAMES}
    return spelling.parse(said).model_dump(mode="json")


@pytest.mark.parametrize("hash", LINKS)
def test_a_link_of_the_tensorflow_playground(shared: Playground, hash: str) -> None:
    page = shared.page
    says = {name: values[0] for name, values in parse_qs(hash, keep_blank_values=True).items()}
    problem = says.get("problem", "classification")
    go(shared, hash)
    # The address bar has our spelling.
    expect(page).to_have_url(re.compile("#.*loss=half_squared_error"))
    asked = experiment_of(page)
    seed = asked["seed"]
    seen = shared.set("seed", seed)
    assert seen.experiment == asked

    name = says.get("regDataset", "reg-plane") if problem == "regression" else says.get("dataset", "circle")
    assert asked["data"] == {
        **USUAL["data"],
        "name": SETS.get(name, name),
        "noise": int(says.get("noise", 0)) / 100,
        "train_share": int(says.get("percTrainData", 50)) / 100,
        "seed": seed,
    }
    used = {
        theirs for theirs in FEATURES if says.get(theirs, "true" if theirs in "xy" else "false") == "true"
    }
    assert set(asked["features"]) == {FEATURES[theirs] for theirs in used}
    zeros = says.get("initZero") == "true"
    shape = [int(n) for n in says.get("networkShape", "4,2").split(",") if n]
    assert asked["network"] == {
        "hidden": [
            {**USUAL["network"]["hidden"][0], "neurons": n, "activation": says.get("activation", "tanh")}
            for n in shape
        ],
        "output_activation": "linear" if problem == "regression" else "tanh",
        "initializer": "zeros" if zeros else "uniform",
        "bias": 0 if zeros else 0.1,
    }
    assert asked["training"] == {
        **USUAL["training"],
        "loss": "half_squared_error",
        "optimizer": "sgd",
        "learning_rate": float(says.get("learningRate", 0.03)),
        "regularization": says.get("regularization", "none").lower(),
        "regularization_rate": float(says.get("regularizationRate", 0)),
        "batch_size": int(says.get("batchSize", 10)),
    }
    expect(page.locator("#messages")).to_have_text("")

    # As there, the first weights are in ±½ and the biases 0.1.
    layers = shaped(np.frombuffer(seen.weights, np.float32), seen.layers)
    kernels = np.concatenate([kernel.ravel() for kernel in layers[::2]])
    assert {float(bias) for array in layers[1::2] for bias in array} == {
        0.0 if zeros else float(np.float32(0.1))
    }
    assert np.abs(kernels).max() <= (0 if zeros else 0.5)
    if len(kernels) > 100:
        assert kernels.min() < -0.4 < 0.4 < kernels.max()

    # The controls show it, and those that the link hides are gone.
    hidden = {ALSO.get(name, name) for name in (*CONTROLS, *ALSO) if says.get(f"{name}_hide") == "true"}
    for theirs, find in CONTROLS.items():
        expect(find(shared)).to_be_visible(visible=theirs not in hidden)
    assert page.evaluate(VALUES) == {
        "problem": problem,
        "activation": says.get("activation", "tanh") if shape else "",
        "learning_rate": says.get("learningRate", "0.03"),
        "regularization": says.get("regularization", "None"),
        "regularization_rate": says.get("regularizationRate", "0"),
        "noise": f"{says.get('noise', 0)} %",
        "train_share": f"{says.get('percTrainData', 50)} %",
        "batch_size": [says.get("batchSize", "10")] * 2,
        "layers": f"{len(shape)} hidden layer{'' if len(shape) == 1 else 's'}",
        "neurons": [*shape, 1],
    }
    expect(page.locator(f"[name=data-set][value={asked['data']['name']}]")).to_be_checked()
    expect(page.locator("#loss")).to_have_value("half_squared_error")
    expect(page.locator("#show-test")).to_be_checked(checked=says.get("showTestData") == "true")
    expect(page.locator("#discretize")).to_be_checked(checked=says.get("discretize") == "true")
    for theirs, ours in FEATURES.items():
        expect(page.locator(f"[name=feature][value={ours}]")).to_be_checked(checked=theirs in used)


def test_what_cannot_be_used_is_said(playground: Playground) -> None:
    go(playground, "dataset=moons&noise=80&batchSize=500&seed=1")
    seen = playground.set("training.batch_size", 30)
    assert (seen.experiment["data"]["name"], seen.experiment["data"]["noise"]) == ("circle", 0.5)
    messages = playground.page.locator("#messages")
    for said in ("dataset", "moons", "circle", "noise", "80", "50", "batchSize", "500", "30"):
        expect(messages).to_contain_text(said)


def test_a_reload_begins_with_the_same_weights_and_data(visit: Callable[..., Playground]) -> None:
    playground = visit("/#dataset=spiral&noise=10&playButton_hide=true")  # without a seed, a random one
    page = playground.page
    expect(page).to_have_url(re.compile("data=spiral.*&seed=\\d+.*&hide=play$"))
    before = playground.key_frame(lambda _: True)
    loss = page.get_by_test_id("test-loss").inner_text()
    again = visit("/" + page.url[page.url.index("#") :])  # another visitor
    after = again.key_frame(lambda _: True)
    assert (after.experiment, after.weights) == (before.experiment, before.weights)
    expect(again.page.get_by_test_id("test-loss")).to_have_text(loss)
    address = page.url
    assert playground.reload().weights == before.weights
    expect(page).to_have_url(address)
    expect(page.get_by_test_id("test-loss")).to_have_text(loss)
    expect(playground.button("Play")).not_to_be_visible()


def test_back_and_forward(playground: Playground) -> None:
    page = playground.page
    # The page's clock can be put forward; timers and frames go on as ever.
    page.evaluate(
        """() => {
          const now = performance.now.bind(performance);
          let ahead = 0;
          performance.now = () => now() + ahead;
          window.later = () => { ahead += 2000; };
        }"""
    )
    playground.menu("Optimizer").select_option("adam")
    playground.set("training.optimizer", "adam")
    page.evaluate("later()")
    playground.drag("Noise", 10)
    playground.drag("Noise", 20)  # soon after: the same step of Back
    page.evaluate("later()")
    playground.checkbox("Show test data").check()
    expect(page).to_have_url(re.compile("#noise=0.2&optimizer=adam&show_test=true$"))
    page.evaluate("history.back()")
    expect(playground.checkbox("Show test data")).not_to_be_checked()
    page.evaluate("history.back()")
    expect(playground.slider("Noise")).to_have_value("0")
    assert playground.set("data.noise", 0).experiment["training"]["optimizer"] == "adam"
    page.evaluate("history.back()")
    playground.set("training.optimizer", "sgd")
    expect(page).to_have_url(re.compile("/$"))
    page.evaluate("history.go(3)")
    expect(page).to_have_url(re.compile("#noise=0.2&optimizer=adam&show_test=true$"))
    expect(playground.checkbox("Show test data")).to_be_checked()
    playground.set("data.noise", 0.2)


def test_back_is_not_undone_by_a_frame_that_comes_before_the_page_hears_of_it(playground: Playground) -> None:
    page = playground.page
    page.add_init_script(
        """
        // A busy browser says late that the address has changed.
        addEventListener("hashchange", (event) => event.isTrusted && event.stopImmediatePropagation());
        // And what is sent is held for a while.
        const send = WebSocket.prototype.send;
        const held = [];
        window.hold = () => { WebSocket.prototype.send = function (text) { held.push([this, text]); }; };
        window.release = () => {
          WebSocket.prototype.send = send;
          for (const [socket, text] of held) send.call(socket, text);
        };
        """
    )
    playground.reload()
    page.evaluate("hold()")
    playground.menu("Optimizer").select_option("adam")
    expect(page).to_have_url(re.compile("#optimizer=adam$"))
    page.evaluate("history.back()")
    expect(page).to_have_url(re.compile("/$"))
    page.evaluate("release()")
    playground.set("training.optimizer", "adam")
    playground.button("Step").click()
    playground.until_epoch(1)
    expect(playground.epoch).to_have_text("1")
    expect(page).to_have_url(re.compile("/$"))
    page.evaluate("dispatchEvent(new HashChangeEvent('hashchange'))")
    expect(playground.menu("Optimizer")).to_have_value("sgd")
    playground.set("training.optimizer", "sgd")
    expect(page).to_have_url(re.compile("/$"))


def test_weights_and_the_log_scale_can_be_hidden(visit: Callable[..., Playground]) -> None:
    playground = visit("/#hide=weights,log_scale")
    page = playground.page
    expect(page.locator("#curves")).to_be_visible()
    expect(page.locator("#log-scale")).not_to_be_visible()
    expect(page.locator(".network-note")).not_to_contain_text("change its number", use_inner_text=True)
    playground.neurons(1).nth(0).click()
    card = page.locator("#card")
    expect(card).not_to_have_attribute("hidden", "")  # it would be shown now
    expect(card).not_to_be_visible()


def test_keys_of_hidden_buttons_do_nothing(visit: Callable[..., Playground]) -> None:
    playground = visit("/#hide=play,rewind")
    page = playground.page
    page.locator("#output").focus()
    page.keyboard.press("Space")
    page.keyboard.press("s")  # what is not hidden works
    playground.until_epoch(1)
    page.keyboard.press("r")
    page.keyboard.press("s")
    seen = playground.until_epoch(2)
    assert seen.header["state"] == "paused"


@pytest.mark.parametrize("viewport", [DESKTOP, {"width": 360, "height": 740}])
def test_share(visit: Callable[..., Playground], viewport: dict[str, int]) -> None:
    playground = visit("/#data=xor", viewport=viewport)
    page = playground.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    playground.button("Share this experiment").press("Enter")
    dialog = page.get_by_role("dialog", name="Share")
    link = dialog.get_by_role("textbox", name="Link")
    expect(link).to_have_value(page.url)
    expect(dialog.get_by_role("checkbox")).not_to_have_count(0)
    expect(dialog.get_by_role("checkbox", checked=False)).to_have_count(0)
    expect(page.locator("#share-preview")).to_contain_text("Exclusive or")
    dialog.get_by_role("checkbox", name="Play", exact=True).uncheck()
    dialog.get_by_role("checkbox", name="Noise", exact=True).uncheck()
    expect(link).to_have_value(re.compile("#data=xor&hide=play,noise$"))
    expect(page.locator("#share-preview")).to_contain_text("Noise")

    # A camera reads this very link from the picture.
    code = dialog.get_by_role("img", name="QR code of the link")
    code.evaluate("(picture) => picture.decode()")
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(code.screenshot())))
    assert read.text == link.input_value()
    box = dialog.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= viewport["width"]
    assert dialog.evaluate("(e) => e.scrollWidth <= e.clientWidth")

    dialog.get_by_role("button", name="Copy").click()
    expect(dialog.get_by_role("status")).to_have_text("The link is copied.")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied == link.input_value()
    # Over plain HTTP a page has no clipboard but the old way.
    page.evaluate(
        """() => {
          window.read = navigator.clipboard.readText.bind(navigator.clipboard);
          window.write = navigator.clipboard.writeText.bind(navigator.clipboard);
          Object.defineProperty(navigator, "clipboard", { value: undefined });
        }"""
    )
    page.evaluate("window.write('')")
    dialog.get_by_role("button", name="Copy").click()
    expect(dialog.get_by_role("status")).to_have_text("The link is copied.")
    assert page.evaluate("window.read()") == copied
    expect(playground.button("Play")).to_have_count(1)  # this page hides nothing itself
    dialog.get_by_role("button", name="Hide all").click()
    expect(dialog.get_by_role("checkbox", checked=True)).to_have_count(0)
    dialog.get_by_role("button", name="Show all").click()
    expect(link).to_have_value(page.url)
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    expect(playground.button("Share this experiment")).to_be_focused()

    learner = visit("/" + copied[copied.index("#") :], viewport=viewport)
    expect(learner.button("Step")).to_be_visible()
    expect(learner.button("Play")).not_to_be_visible()
    expect(learner.slider("Noise")).not_to_be_visible()
    expect(learner.slider("Training share")).to_be_visible()
