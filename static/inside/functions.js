/** Slopes of activations and losses as formulas, and both in NumPy. What they are called: models/catalogue. */

/** @typedef {{ slope: string, code: string, slopeCode: string }} Known */

const NORMAL = "0.5 * (1 + np.vectorize(math.erf)(z / 2**0.5))";

/**
 * By the name of an activation: f′(z) as a formula, and f and f′ in NumPy from `z` and `a`.
 * @type {Record<string, Known>}
 */
export const ACTIVATIONS = {
  linear: { slope: "1", code: "z", slopeCode: "np.ones_like(z)" },
  relu: { slope: "1, z > 0; 0, z ≤ 0", code: "np.maximum(0, z)", slopeCode: "np.where(z > 0, 1.0, 0.0)" },
  leaky_relu: {
    slope: "1, z > 0; 0.2, z ≤ 0",
    code: "np.where(z > 0, z, 0.2 * z)",
    slopeCode: "np.where(z > 0, 1.0, 0.2)",
  },
  elu: {
    slope: "1, z > 0; exp(z), z ≤ 0",
    code: "np.where(z > 0, z, np.exp(z) - 1)",
    slopeCode: "np.where(z > 0, 1.0, np.exp(z))",
  },
  selu: {
    slope: "1.0507, z > 0; 1.7581 exp(z), z ≤ 0",
    code: "np.where(z > 0, 1.050701 * z, 1.758099 * (np.exp(z) - 1))",
    slopeCode: "np.where(z > 0, 1.050701, 1.758099 * np.exp(z))",
  },
  gelu: {
    slope: "Φ(z) + z φ(z)",
    code: `z * ${NORMAL}`,
    slopeCode: `${NORMAL} + z * np.exp(-z**2 / 2) / (2 * np.pi) ** 0.5`,
  },
  silu: {
    slope: "s (1 + z (1 − s)), s = sigmoid(z)",
    code: "z / (1 + np.exp(-z))",
    slopeCode: "(1 + z / (1 + np.exp(z))) / (1 + np.exp(-z))",
  },
  softplus: {
    slope: "1 / (1 + exp(−z))",
    code: "np.log1p(np.exp(z))",
    slopeCode: "1 / (1 + np.exp(-z))",
  },
  softsign: {
    slope: "1 / (1 + |z|)²",
    code: "z / (1 + np.abs(z))",
    slopeCode: "1 / (1 + np.abs(z)) ** 2",
  },
  tanh: { slope: "1 − a²", code: "np.tanh(z)", slopeCode: "1 - a**2" },
  sigmoid: { slope: "a (1 − a)", code: "1 / (1 + np.exp(-z))", slopeCode: "a * (1 - a)" },
  sine: { slope: "cos(z)", code: "np.sin(z)", slopeCode: "np.cos(z)" },
  softmax: { slope: "", code: "np.exp(z) / np.exp(z).sum()", slopeCode: "" },
};

/** The slope of a loss by the output o, by the loss's name. @type {Record<string, string>} */
export const LOSS_SLOPES = {
  binary_crossentropy: "(o − t) / (o (1 − o))",
  mean_squared_error: "2 (o − t)",
  half_squared_error: "o − t",
  mean_absolute_error: "±1",
  huber: "o − t, −1 … 1",
  hinge: "−t, t o < 1; 0",
};
