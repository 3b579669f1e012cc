"""The page's modules joined into one script: a browser has one file sooner than forty-five."""

import re
from pathlib import Path

# The two forms in which our modules name each other; others are refused.
IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"([^"]+)";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|const|class) (\w+))", re.MULTILINE)
OTHER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


def joined(folder: Path, entry: str) -> str:
    """One module that does what `entry` (a path in `folder`) and all that it imports do.

    Each module becomes a function that is called once, after those it imports, and returns what it exports.

    Raises:
        ValueError: a module imports in a circle, or has another form of import or export than ours.
    """
    parts: list[str] = []
    numbers: dict[Path, int | None] = {}  # None while what a module imports is being joined

    def add(path: Path) -> int:
        name = path.relative_to(folder).as_posix()
        if path in numbers:
            number = numbers[path]
            if number is None:
                raise ValueError(f"{name} imports itself through others")
            return number
        numbers[path] = None

        def bind(found: re.Match[str]) -> str:
            module = add((path.parent / found[2]).resolve())
            names = (found[1] or "").replace(" as ", ": ")
            return f"const {{{names}}} = module{module};" if names.strip() else ""

        text = IMPORT.sub(bind, path.read_text(encoding="utf-8"))
        exports = ", ".join(EXPORT.findall(text))
        text = EXPORT.sub("", text)
        if other := OTHER.search(text):
            raise ValueError(f"{name}: {other[0]!r} is not a form that can be joined")
        number = numbers[path] = len(parts)
        body = f"{text}\nreturn {{ {exports} }};\n"
        parts.append(f"// {name}\nconst module{number} = (() => {{\n{body}}})();\n")
        return number

    add((folder / entry).resolve())
    return "\n".join(parts)
