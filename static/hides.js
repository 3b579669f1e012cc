/** The controls that a link may hide, so that learners see what a lesson is about. */

/** @import { Catalogue } from "./types.js" */

/** @typedef {{ name: string, key: string, selector: string }} Hideable key: of its label in the messages */

/** @param {string} id of a control in a field of its own */
const field = (id) => `.field:has(> #${id}), .field:has(#${id})`;

/** @type {Hideable[]} */
const CONTROLS = [
  { name: "play", key: "run.play", selector: "#play" },
  { name: "step", key: "run.step", selector: "#step, #step-batch" },
  { name: "rewind", key: "run.rewind", selector: "#rewind" },
  { name: "new_weights", key: "run.new_weights", selector: "#new-weights" },
  { name: "speed", key: "run.speed", selector: field("speed") },
  { name: "stop", key: "stop.menu", selector: "#stop" },
  { name: "learning_rate", key: "training.learning_rate", selector: field("learning-rate") },
  { name: "optimizer", key: "training.optimizer", selector: field("optimizer") },
  { name: "loss", key: "training.loss", selector: field("loss") },
  { name: "regularization", key: "training.regularization", selector: field("regularization") },
  {
    name: "regularization_rate",
    key: "training.regularization_rate",
    selector: field("regularization-rate"),
  },
  { name: "initializer", key: "training.initializer", selector: field("initializer") },
  { name: "batch_size", key: "training.batch_size", selector: field("batch-size") },
  { name: "more", key: "more.title", selector: "#more" },
  { name: "problem", key: "data.problem", selector: field("problem") },
  { name: "data", key: "data.set", selector: ".sets, #data-help" },
  { name: "own_data", key: "table.open", selector: "#own-data" },
  { name: "columns", key: "table.columns", selector: "#choose-columns" },
  { name: "download", key: "data.download", selector: "#download-data" },
  { name: "classes", key: "data.classes", selector: field("classes") },
  { name: "points", key: "data.points", selector: field("points") },
  { name: "noise", key: "data.noise", selector: field("noise") },
  { name: "train_share", key: "data.train_share", selector: `${field("train-share")}, #point-counts` },
  { name: "keep_weights", key: "data.keep", selector: ".check:has(#keep-weights)" },
  { name: "new_data", key: "data.new", selector: "#new-data" },
  { name: "features", key: "net.features", selector: ".feature.unused, .feature input" },
  { name: "hidden", key: "net.layers_group", selector: ".layer-count, .neuron-buttons" },
  { name: "activation", key: "net.activation", selector: `${field("activation")}, .layers .column-menu` },
  { name: "output_activation", key: "net.output_activation", selector: field("output-activation") },
  { name: "weights", key: "card.weights", selector: "#card, #edit-note" },
  { name: "inside", key: "inside.open", selector: "#inside-open, #inside" },
  { name: "show_test", key: "output.show_test", selector: ".check:has(#show-test)" },
  { name: "discretize", key: "output.discretize", selector: ".check:has(#discretize)" },
  { name: "residuals", key: "output.residuals", selector: ".check:has(#residuals)" },
  { name: "alone", key: "output.alone", selector: field("alone") },
  { name: "held", key: "output.held", selector: "#held" },
  { name: "draw", key: "draw.toggle", selector: "#draw, #draw-tools" },
  { name: "back", key: "back.title", selector: "#back" },
  { name: "curves", key: "curves.title", selector: "#curves" },
  { name: "log_scale", key: "curves.log", selector: "#log-scale" },
  { name: "take", key: "take.title", selector: "#take" },
];

/**
 * Every control that can be hidden; single features are named as in the catalogue.
 * @param {Catalogue} catalogue
 * @returns {Hideable[]}
 */
function controls(catalogue) {
  const features = catalogue.features.map(({ name }) => ({
    name,
    key: "",
    // One that the network uses stays in sight, without its box.
    selector: `.feature:has(> input[value="${name}"]) > input, .feature.unused:has(> input[value="${name}"])`,
  }));
  return [...CONTROLS, ...features];
}

/**
 * Their names, in the order that a link has them.
 * @param {Catalogue} catalogue
 */
export function hideable(catalogue) {
  return controls(catalogue).map(({ name }) => name);
}

/** Panels that go when none of their controls is left: class of the page, names. */
const PANELS = {
  "without-data": [
    "problem",
    "data",
    "own_data",
    "columns",
    "download",
    "classes",
    "points",
    "noise",
    "train_share",
    "keep_weights",
    "new_data",
  ],
  "without-training": [
    ...["learning_rate", "optimizer", "loss", "regularization", "regularization_rate", "initializer"],
    ...["batch_size", "more"],
  ],
};

/** Those that a teacher chooses from. */
export const CHOICES = CONTROLS;

/**
 * Hides these controls and shows all others. Parts of the diagram come and go, so what hides them is a style
 * sheet, and not an attribute of theirs.
 * @param {Document} page
 * @param {Catalogue} catalogue
 */
export function createHiding(page, catalogue) {
  const sheet = new CSSStyleSheet();
  page.adoptedStyleSheets = [...page.adoptedStyleSheets, sheet];
  const known = controls(catalogue);
  let applied = "";

  /** @param {string[]} hidden */
  return (hidden) => {
    const selectors = known.filter(({ name }) => hidden.includes(name)).map(({ selector }) => selector);
    // A label works without its box in sight, so it must not take the pointer.
    const still = [
      ...(hidden.includes("features") ? [".feature"] : []),
      ...catalogue.features
        .filter(({ name }) => hidden.includes(name))
        .map(({ name }) => `.feature:has(> input[value="${name}"])`),
    ];
    const rules = [
      ...(selectors.length > 0 ? [`:is(${selectors.join(", ")}) { display: none !important; }`] : []),
      ...(still.length > 0 ? [`:is(${still.join(", ")}) { pointer-events: none; }`] : []),
    ].join("\n");
    if (rules === applied) return;
    applied = rules;
    sheet.replaceSync(rules);
    for (const [name, panel] of Object.entries(PANELS)) {
      page.body.classList.toggle(
        name,
        panel.every((control) => hidden.includes(control)),
      );
    }
  };
}
