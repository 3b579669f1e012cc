"""The command `neural-playground`."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from app import __version__
from app.settings import PREFIX, Settings


def _add_settings(parser: argparse.ArgumentParser) -> None:
    for name, field in Settings.model_fields.items():
        default: Any = field.get_default(call_default_factory=True, validated_data={})
        shown = "none" if default in ("", ()) else str(default)
        parser.add_argument(
            "--" + name.replace("_", "-"),
            dest=name,
            metavar=name.upper(),
            default=argparse.SUPPRESS,
            help=f"{field.description} (default: {shown}; environment: {PREFIX}{name.upper()})",
        )


def _settings(given: dict[str, Any]) -> Settings:
    """The settings of the environment, with these flags before them; ValueError if one will not do."""
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        source = "--" + name.replace("_", "-") if name in given else PREFIX + name.upper()
        description = (
            Settings.model_fields[name].description if name in Settings.model_fields else "no such setting"
        )
        raise ValueError(f"{source}: {first['input']!r} will not do; expected {description}") from None


def _parser() -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    parser = argparse.ArgumentParser(
        prog="neural-playground",
        description="Build small neural networks in the browser and watch them learn.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_settings(commands.add_parser("serve", help="serve the playground to browsers"))
    train = commands.add_parser("train", help="train an experiment without a browser")
    return parser, train


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    parser, train = _parser()
    if "train" in given[:1]:
        # Only this command needs all that can be trained; the others start faster without.
        from models.train import add_arguments, run

        add_arguments(train)
        return run(parser.parse_args(given))
    flags = vars(parser.parse_args(given))
    del flags["command"]
    try:
        settings = _settings(flags)
    except ValueError as error:
        parser.error(str(error))
    from app.serve import serve

    return serve(settings)


if __name__ == "__main__":
    sys.exit(main())
