"""Find a Chromium for the browser tests: one that is here, else (with --install) one that is fetched now.

Prints its path. Needs Playwright's Python package only for the last resort, Playwright's own download.
"""

import argparse
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

# The shell is the same engine without the windows, which cost each context a renderer of their own. It draws
# more slowly, so that what is timed is timed in a whole browser.
SHELL = "chromium-headless-shell"
WHOLE = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APPS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def runs(path: str) -> bool:
    """Whether there is a working browser: Ubuntu's `chromium-browser` may only ask for a snap."""
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def find(*, whole: bool = False) -> str | None:
    """The path of an installed browser: $CHROMIUM, else one of the usual names, else Playwright's own.

    Args:
        whole: Not the shell.
    """
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        return chosen
    names = WHOLE if whole else (SHELL, *WHOLE)
    for candidate in (*map(shutil.which, names), *MAC_APPS, playwrights_own()):
        if candidate and Path(candidate).exists() and runs(candidate):
            return candidate
    return None


def playwrights_own() -> str | None:
    """Where Playwright keeps the Chromium that it downloads, whether it is there or not."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def install() -> None:
    """Fetch a Chromium: from the system's packages when that is allowed, else by Playwright."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        apt = partial(subprocess.run, check=False, env=environment, stdout=sys.stderr)
        apt(["apt-get", "update", "-q"])
        for package in (SHELL, "chromium"):
            apt(["apt-get", "install", "-q", "-y", "--no-install-recommends", package])
            if find():
                return
    subprocess.run(
        [sys.executable, "-m", "playwright", "install", "chromium"], check=False, stdout=sys.stderr
    )


def main() -> int:
    """Print the path; 1 and a word of help when there is none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--install", action="store_true", help="fetch one if none is installed")
    arguments = parser.parse_args()
    found = find()
    if found is None and arguments.install:
        print("No Chromium is installed: fetching one for the browser tests (once) ...", file=sys.stderr)
        install()
        found = find()
    if found is None:
        print("No Chromium was found. Install one, or name it: CHROMIUM=/path/to/chromium", file=sys.stderr)
        return 1
    print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
