"""The part of Plotly's script that draws lines, cut out of the whole: a quarter of its size.

Reading all of Plotly stops a page for a second. Plotly's own smaller bundles are in no Python package, and
npm is not needed to run the playground, so the part is taken from the script that the package brings. That
is a list of modules, `var Name=wrap(...);`, which call each other by name; the last one registers every
kind of chart but scatter, which the core registers itself. Without that list, all that only other charts
need is out of reach.
"""

import re

REGISTERED = re.compile(r"\.register\(\[(?:[\w$]+\(\),)+[\w$]+\(\)\]\)(?=;[\w$]+\.exports=)")
MODULE = re.compile(r"var ([\w$]+)=([\w$]+)\(")
NAME = re.compile(r"[\w$]+")
BESIDE = re.compile(r"function ([\w$]{2,})\(|[;,} ]([\w$]{2,})=")
HEADER = 4000  # characters, within which esbuild's own functions stand


def lines_only(bundle: str) -> str:
    """What of `bundle` is needed for scatter plots and lines.

    Raises:
        ValueError: the script is built in another way than this expects.
    """
    bundle, lists = REGISTERED.subn(".register([])", bundle)
    wraps = _wraps(bundle)
    if lists != 1 or len(wraps) != 2:
        raise ValueError("Plotly's script is not the list of modules that was expected")
    parts = re.split(rf"(?<=\}}\);)(?=var [\w$]+=(?:{'|'.join(map(re.escape, wraps))})\()", bundle)
    homes = _homes(parts)
    needed = {0, len(parts) - 1}
    ahead = list(needed)
    while ahead:
        for name in set(NAME.findall(parts[ahead.pop()])):
            found = homes.get(name, set()) - needed
            needed |= found
            ahead += found
    return "".join(parts[part] for part in sorted(needed))


def _wraps(bundle: str) -> list[str]:
    """The functions that wrap a module, one for CommonJS and one for ES modules; esbuild puts them first."""
    return re.findall(r"([\w$]+)=\([\w$,]+\)=>\(\)=>\{", bundle[:HEADER])


def _homes(parts: list[str]) -> dict[str, set[int]]:
    """Of each name the parts that declare it: a module its own, and what else stands beside it."""
    homes: dict[str, set[int]] = {}
    for index, part in enumerate(parts):
        module = MODULE.match(part)
        names = {module[1]} if module else set[str]()
        if not part.endswith("});"):
            names.update(a or b for a, b in BESIDE.findall(part))
        for name in names:
            homes.setdefault(name, set()).add(index)
    return homes
