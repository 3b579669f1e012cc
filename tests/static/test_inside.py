"""What the look inside writes: numbers, sums, code that computes what Keras computes; elements that stay."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from models import catalogue, reference
from models.backend import keras, tf
from models.extras import EPSILON

NUMBERS = """async ({ values, sums }) => {
  const { aligned, short, sum } = await import("/static/inside/numbers.js");
  return [values.map(short), values.map(aligned), sums.map((terms) => sum(terms))];
}"""
CODE = """async (layers) => {
  const { forwardCode } = await import("/static/inside/forward.js");
  const { backwardCode } = await import("/static/inside/backward.js");
  const floats = (values) => Float32Array.from(values);
  return layers.map(({ x, kernel, bias, normal, byA, ...layer }) => {
    const read = {
      ...layer,
      units: bias.length,
      x: floats(x),
      weights: { kernel: floats(kernel.flat()), bias: floats(bias) },
      normal: normal && normal.map(floats),
      a: floats(bias),
    };
    const back = { byA: floats(byA), byZ: floats(byA) };
    return [forwardCode(read), backwardCode({ layer: read, back })];
  });
}"""
PATCH = """async () => {
  const { h, patch } = await import("/static/patch.js");
  const place = document.createElement("div");
  document.body.append(place);
  const line = (text, extra) =>
    h("p", { class: extra }, text, h("button", { "aria-expanded": String(extra) }, text), null, "");
  patch(place, [line("1", true), line("2", true), h("svg", {}, h("rect", { x: 1 }))]);
  const [first, , chart] = place.children;
  first.querySelector("button").focus();
  patch(place, [line("3", false), h("svg", {}, h("rect", { x: 2 })), "end"]);
  const stayed = document.activeElement === first.querySelector("button");
  const space = place.querySelector("rect").namespaceURI;
  return [place.innerHTML, stayed, first === place.children[0], space, chart.isConnected];
}"""
RANDOM = np.random.default_rng(3)
X = RANDOM.normal(size=3).astype(np.float32)
KERNEL = RANDOM.normal(size=(3, 4)).astype(np.float32)
BIAS = RANDOM.normal(size=4).astype(np.float32)
NORMAL = np.abs(RANDOM.normal(size=(4, 4))).astype(np.float32)
SLOPES = RANDOM.normal(size=4).astype(np.float32)
SINGLE = [row.name for row in catalogue.ACTIVATIONS]


def by_keras(name: str, normalized: bool) -> tuple[np.ndarray, np.ndarray]:
    """The layer's answer, and the slopes by its kernel of what its answer has the slopes SLOPES for."""
    activation: Any = keras.activations.get(reference.activation(name))
    kernel = tf.Variable(KERNEL)
    with tf.GradientTape() as tape:
        z = tf.constant(X[None]) @ kernel
        scale, shift, mean, variance = NORMAL
        y = scale * (z - mean) / np.sqrt(variance + EPSILON) + shift if normalized else z + BIAS
        a = activation(y)
        total = tf.reduce_sum(a * SLOPES)
    return a.numpy()[0], tape.gradient(total, kernel).numpy()


def test_numbers_are_short_and_sums_keep_their_signs(modules: Page) -> None:
    values = [0.30000001192, 1, 1.52, 0.82048, -0.0321, 0.003214, -0.0000321, 0, 1234.567, 2e6, -0.12]
    sums = [[[1], [0.3, 1], [0.1, 2.2]], [[-1], [-0.3, -1]]]
    short, aligned, added = modules.evaluate(NUMBERS, {"values": values, "sums": sums})
    wanted = "0.30 1.00 1.52 0.8205 −0.0321 0.00321 −3.21·10⁻⁵ 0.00 1234.6 2.00·10⁶ −0.12"
    assert short == wanted.split()
    assert aligned[0] == "0.3000"
    assert added == ["1.00 + 0.30·1.00 + 0.10·2.20", "−1.00 − 0.30·(−1.00)"]


def test_the_code_computes_what_keras_computes(modules: Page) -> None:
    cases = [(name, normalized) for name in SINGLE for normalized in (False, True)]
    layer = {"x": X.tolist(), "kernel": KERNEL.tolist(), "bias": BIAS.tolist(), "byA": SLOPES.tolist()}
    asked = [
        {**layer, "activation": name, "normal": NORMAL.tolist() if normalized else None}
        for name, normalized in cases
    ]
    for (name, normalized), codes in zip(cases, modules.evaluate(CODE, asked), strict=True):
        answer, slopes = by_keras(name, normalized)
        forward: dict[str, Any] = {}
        backward: dict[str, Any] = {}
        for code, names in zip(codes, (forward, backward), strict=True):
            exec(code, names)
        np.testing.assert_allclose(forward["a"], answer, rtol=2e-5, atol=2e-6, err_msg=name)
        np.testing.assert_allclose(backward["dW"], slopes, rtol=1e-4, atol=1e-5, err_msg=name)


def test_the_code_of_a_softmax(modules: Page) -> None:
    layer = {"x": X.tolist(), "kernel": KERNEL.tolist(), "bias": BIAS.tolist(), "byA": SLOPES.tolist()}
    [codes] = modules.evaluate(CODE, [{**layer, "activation": "softmax", "normal": None}])
    forward: dict[str, Any] = {}
    backward: dict[str, Any] = {}
    exec(codes[0], forward)
    exec(codes[1], backward)
    assert forward["a"] == pytest.approx(by_keras("softmax", normalized=False)[0], abs=1e-6)
    assert backward["dW"] == pytest.approx(np.outer(X, SLOPES), abs=1e-6)


def test_every_activation_has_a_slope(modules: Page) -> None:
    known = modules.evaluate(
        "async () => (await import('/static/inside/functions.js')).ACTIVATIONS",
    )
    assert set(known) == {*SINGLE, catalogue.SOFTMAX.name}
    losses = modules.evaluate("async () => (await import('/static/inside/functions.js')).LOSS_SLOPES")
    assert set(losses) == {row.name for row in catalogue.LOSSES if not row.several}


def test_elements_stay_where_they_fit(modules: Page) -> None:
    text, stayed, same, space, connected = modules.evaluate(PATCH)
    line = '<p>3<button aria-expanded="false">3</button></p>'
    assert text == f'{line}<svg><rect x="2"></rect></svg>end'
    assert stayed
    assert same
    assert space == "http://www.w3.org/2000/svg"
    assert not connected  # it was at another place
