"""Python source out of parts: calls that break their lines where these get long, quoted texts, functions."""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

WIDTH = 110  # characters a line
NAME = 12  # what may stand before a call on its first line, such as `model = `
MODULES = {  # what code may use, by how it says so
    "base64.": "import base64",
    "itertools.": "import itertools",
    "math.": "import math",
    "keras.": "import keras",
    "plt.": "import matplotlib.pyplot as plt",
    "np.": "import numpy as np",
    "tf.": "import tensorflow as tf",
    "initializers.": "from keras import initializers",
    "layers.": "from keras import layers",
}


@dataclass(frozen=True)
class Call:
    """A call, or, without a name, a list: what stands in brackets, each item (key or "", value)."""

    name: str
    items: "tuple[tuple[str, str | Call], ...]"


Value = str | Call


def call(function: str, *positional: Value | float, **named: Value | float | None) -> Call:
    """`function(positional, name=value)`; what is None is left out. Texts are source."""
    items = [("", _value(value)) for value in positional]
    items += [(f"{name}=", _value(value)) for name, value in named.items() if value is not None]
    return Call(function, tuple(items))


def listed(values: Sequence[Value]) -> Call:
    """A list of these."""
    return Call("", tuple(("", value) for value in values))


def _value(value: Value | float) -> Value:
    return value if isinstance(value, str | Call) else repr(value)


def quoted(text: str) -> str:
    """A literal of a text, whatever it holds: on one line, in double quotation marks where these will do."""
    literal = repr(text)
    return f'"{literal[1:-1]}"' if literal[0] == "'" and '"' not in text else literal


def written(value: Value, indent: int = 0, taken: int = NAME) -> str:
    """The source of a value, the first line of which has `taken` characters of its own beside the indent."""
    one = _flat(value)
    if isinstance(value, str) or indent + taken + len(one) <= WIDTH:
        return one
    opening, closing = ("(", ")") if value.name else ("[", "]")
    inside = " " * (indent + 4)
    together = ", ".join(key + _flat(item) for key, item in value.items)
    if value.name and len(inside) + len(together) <= WIDTH:
        lines = [inside + together]
    else:
        lines = [f"{inside}{key}{written(item, indent + 4, len(key) + 1)}," for key, item in value.items]
    return "\n".join([value.name + opening, *lines, " " * indent + closing])


def _flat(value: Value) -> str:
    if isinstance(value, str):
        return value
    opening, closing = ("(", ")") if value.name else ("[", "]")
    return value.name + opening + ", ".join(key + _flat(item) for key, item in value.items) + closing


def imports(code: str) -> str:
    """The import statements that the code needs, the standard library's first."""
    used = [line for start, line in MODULES.items() if re.search(rf"(?<![\w.]){re.escape(start)}", code)]
    standard = [line for line in used if line.split()[1] in ("base64", "itertools", "math")]
    others = [line for line in used if line not in standard and not line.startswith("from keras")]
    if parts := [line.split()[-1] for line in used if line.startswith("from keras")]:
        others.append(f"from keras import {', '.join(parts)}")
    return "\n\n".join("\n".join(group) for group in (standard, others) if group)


def functions(*roots: Callable[..., Any]) -> str:
    """The source of functions of this project and of all they use, constants first, without annotations."""
    found: dict[str, str] = {}
    constants: dict[str, str] = {}
    for root in roots:
        _collect(root, found, constants)
    parts = ["\n".join(constants.values())] if constants else []
    return _public("\n\n\n".join([*parts, *found.values()]), [*found, *constants])


def _collect(function: Callable[..., Any], found: dict[str, str], constants: dict[str, str]) -> None:
    """Adds what the function uses, then the function itself, under their names."""
    lines = textwrap.dedent(inspect.getsource(function)).splitlines()
    definition = ast.parse("\n".join(lines)).body[0]
    assert isinstance(definition, ast.FunctionDef)
    used = {node.id for part in definition.body for node in ast.walk(part) if isinstance(node, ast.Name)}
    module = sys.modules[function.__module__]
    for name in sorted(used & set(vars(module))):
        value: Any = getattr(module, name)
        if inspect.isfunction(value):
            if value.__name__ not in found:
                _collect(value, found, constants)
        elif isinstance(value, int | float | np.ndarray):
            constants[name] = _assignment(module, name)
    arguments = ", ".join(argument.arg for argument in definition.args.args)
    body = lines[definition.body[0].lineno - 1 :]
    found[definition.name] = "\n".join([f"def {definition.name}({arguments}):", *body])


@cache
def _assignments(module: ModuleType) -> dict[str, str]:
    """The source of a module's assignments to a name."""
    source = inspect.getsource(module)
    assigned = [node for node in ast.parse(source).body if isinstance(node, ast.Assign)]
    return {
        node.targets[0].id: ast.get_source_segment(source, node) or ""
        for node in assigned
        if isinstance(node.targets[0], ast.Name)
    }


def _assignment(module: ModuleType, name: str) -> str:
    return _assignments(module)[name]


def _public(code: str, names: Sequence[str]) -> str:
    """With names that begin with an underscore without it: in a script all are the reader's own."""
    for name in names:
        if name.startswith("_"):
            code = re.sub(rf"\b{name}\b", name[1:], code)
    return code
