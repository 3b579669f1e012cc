"""What a notebook draws of an experiment, as code."""

from models.code.data import has_features, has_test
from models.code.layout import quoted
from models.datasets import PLANE, draw
from models.experiment import Experiment

CURVES = """\
figure, places = plt.subplots(1, {count}, figsize=({width}, 4))
for place, name in zip(np.ravel(places), {names}):
    place.plot(history.history[name], label="training")
{test}    place.set(xlabel="epoch", ylabel=name)
    place.legend()
plt.show()"""
CURVES_TEST = '    place.plot(history.history[f"val_{name}"], label="test")\n'


def curves_code(experiment: Experiment) -> str:
    """Code that draws the history."""
    names = ["loss", "accuracy"] if experiment.problem == "classification" else ["loss"]
    written = "[" + ", ".join(quoted(name) for name in names) + "]"
    test = CURVES_TEST if has_test(experiment) else ""
    return CURVES.format(count=len(names), width=5 * len(names), names=written, test=test)


def points_code(experiment: Experiment) -> str:
    """Code for `show_points`, and a look at them."""
    axes = draw(experiment.data).axes
    target = experiment.data.target or experiment.data.row.target or "class"
    on_line = len(axes) == 1
    if on_line:
        across, up, color, shades = "position[part, 0]", "label[part]", "", []
        names = [axes[0].name, target]
    else:
        across, up = "position[part, 0]", "position[part, 1]"
        color = ", c=label[part], **colors"
        colors = quoted(_colors(experiment))
        shades = [f"colors = dict(cmap={colors}, vmin=label.min(), vmax=label.max())", "", ""]
        names = [axis.name for axis in axes[:2]]
    lines = [
        *shades,
        "def show_points():",
        '    """Those to train on are discs, those to test with are crosses."""',
        '    for part, marker in [(slice(train), "o"), (slice(train, None), "x")]:',
        f"        plt.scatter({across}, {up}{color}, marker=marker, s=20)",
        f"    plt.xlabel({quoted(_plain(names[0]))})",
        f"    plt.ylabel({quoted(_plain(names[1]))})",
        "",
        "",
        "show_points()",
        "plt.show()",
    ]
    return "\n".join(lines)


def _plain(name: str) -> str:
    """As matplotlib is to write it: what stands between dollar signs would be a formula."""
    return name.replace("$", r"\$")


def _colors(experiment: Experiment) -> str:
    return "RdYlBu" if experiment.classes <= 2 else "tab10"


def answers_code(experiment: Experiment) -> str:
    """Code that draws what the network answers: a curve over one column, else the plane of the first two."""
    axes = draw(experiment.data).axes
    made = "features(cells)" if has_features(experiment) else "cells"
    predicted = f"answers = model.predict({made}, batch_size=1000, verbose=0)"
    limits = f"{-PLANE}, {PLANE}"
    if len(axes) == 1:
        low_high = limits if experiment.data.row.kind == "curve" else "position.min(), position.max()"
        return "\n".join(
            [
                f"cells = np.linspace({low_high}, 300, dtype=np.float32)[:, None]",
                predicted,
                "show_points()",
                f"plt.plot(cells[:, 0], {_on_line(experiment)})",
                "plt.show()",
            ]
        )
    if experiment.data.row.is_table:
        lines = [
            "low, high = position.min(axis=0), position.max(axis=0)",
            "across, up = np.meshgrid(np.linspace(low[0], high[0], 100), np.linspace(low[1], high[1], 100))",
        ]
    else:
        lines = [f"across, up = np.meshgrid(np.linspace({limits}, 100), np.linspace({limits}, 100))"]
    if len(axes) == 2:
        lines.append("cells = np.stack([across.ravel(), up.ravel()], axis=1).astype(np.float32)")
    else:
        lines += [
            "# The first two columns vary; the others are at their means.",
            "cells = np.tile(position.mean(axis=0), (across.size, 1))",
            "cells[:, 0], cells[:, 1] = across.ravel(), up.ravel()",
        ]
    return "\n".join([*lines, predicted, *_on_plane(experiment), "show_points()", "plt.show()"])


def _on_line(experiment: Experiment) -> str:
    """The answers in the numbers that the labels have."""
    numbered = experiment.data.row.is_table
    if experiment.units[-1] > 1:
        return "answers.argmax(axis=1)" if numbered else "answers"
    if experiment.output_activation in ("tanh", "linear") and experiment.classes == 2 and numbered:
        return "(answers + 1.0) / 2.0"
    return "answers"


def _on_plane(experiment: Experiment) -> list[str]:
    colors = quoted(_colors(experiment))
    if experiment.classes > 2:
        return [
            "likeliest = answers.argmax(axis=1).reshape(across.shape)",
            "plt.pcolormesh(across, up, likeliest, **colors, alpha=0.4)",
        ]
    one = "answers[:, 1]" if experiment.units[-1] > 1 else "answers"
    lines = [
        f"shown = {one}.reshape(across.shape)",
        f"plt.pcolormesh(across, up, shown, cmap={colors}, alpha=0.6)",
        "plt.colorbar()",
    ]
    if experiment.problem == "classification":
        middle = "0.5" if experiment.output_activation in ("sigmoid", "softmax") else "0.0"
        lines += [
            f"if shown.min() < {middle} < shown.max():",
            f'    plt.contour(across, up, shown, levels=[{middle}], colors="black")  # the decision boundary',
        ]
    return lines
