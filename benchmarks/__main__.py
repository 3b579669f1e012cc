"""`python -m benchmarks [names...]`: measure, print, and with --write update docs/benchmarks.md."""

import argparse
import sys
from collections.abc import Callable, Sequence

from benchmarks import class_load, engine, in_browser, machine, panels, report, start_up, through_socket
from benchmarks.figure import Figure

BENCHMARKS: dict[str, tuple[str, Callable[[bool], list[Figure]]]] = {
    "engine": ("Training, against keras.Model.fit", engine.run),
    "socket": ("Through the WebSocket", through_socket.run),
    "class": ("A class at once", class_load.run),
    "panels": ("What open panels cost", panels.run),
    "page": ("The page in Chromium", in_browser.run),
    "start": ("From `serve` to ready", start_up.run),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks; 1 if --strict was given and a bar was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; default: all")
    parser.add_argument("--quick", action="store_true", help="shorter and less exact")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a bar is missed")
    options = parser.parse_args(arguments)
    names: list[str] = options.names or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        parser.error(f"no benchmark {unknown[0]!r}; expected some of {', '.join(BENCHMARKS)}")
    print(machine.description())
    missed: list[Figure] = []
    for name in names:
        title, run = BENCHMARKS[name]
        described = machine.description()
        figures = run(options.quick)
        report.print_table(title, figures)
        missed += [figure for figure in figures if figure.passed is False]
        if options.write:
            report.write(name, figures, described)
    print(f"{len(missed)} of the bars missed." if missed else "All bars kept.")
    return 1 if missed and options.strict else 0


if __name__ == "__main__":
    sys.exit(main())
