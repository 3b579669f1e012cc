"""The command `neural-playground` with a training process that trains nothing, and so starts at once."""

import sys
from functools import partial

from app import cli, main
from app.local_engine import LocalEngine

if __name__ == "__main__":
    main.LocalEngine = partial(LocalEngine, target="tests.app.fake_host:main")  # pyright: ignore[reportAttributeAccessIssue]
    sys.exit(cli.main())
