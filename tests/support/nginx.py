"""An nginx with the configuration of the documentation; with --install, one that is fetched now."""

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from tests.support.server import ROOT, free_port

EXAMPLE = ROOT / "docs" / "deploy" / "nginx.conf"
LISTENS_WITHIN = 60.0  # seconds
STOPS_WITHIN = 20.0
# What differs between the documented site and one of a test: no certificate, and other ports.
CHANGES = (
    (r"listen 443 ssl;", "listen 127.0.0.1:{port};"),
    (r"ssl_certificate +\S+;", ""),
    (r"ssl_certificate_key +\S+;", ""),
    (r"proxy_pass http://127\.0\.0\.1:8000/;", "proxy_pass http://127.0.0.1:{server}/;"),
)


def find() -> str | None:
    """The path of an installed nginx: $NGINX, else the usual one."""
    return os.environ.get("NGINX") or shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def install() -> None:
    """Fetch one from the system's packages, where that is allowed."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        apt = partial(subprocess.run, check=False, env=environment, stdout=sys.stderr)
        apt(["apt-get", "update", "-q"])
        apt(["apt-get", "install", "-q", "-y", "--no-install-recommends", "nginx-light"])


def configuration(folder: Path, port: int, server: int) -> str:
    """The documented site as a whole configuration, which keeps everything in the folder."""
    site = EXAMPLE.read_text(encoding="utf-8")
    for pattern, replacement in CHANGES:
        site, found = re.subn(pattern, replacement.format(port=port, server=server), site)
        assert found == 1, f"{EXAMPLE.name} has {found} lines like {pattern}"
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder / kind};\n" for kind in kinds)
    return (
        f"daemon off;\nmaster_process off;\npid {folder / 'pid'};\nerror_log stderr;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{places}{site}\n}}\n"
    )


@contextmanager
def running_nginx(folder: Path, server: int) -> Generator[str]:
    """An nginx before a server's port; its own origin."""
    path = find()
    assert path, "no nginx is installed"
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "nginx.conf"
    file.write_text(configuration(folder, port, server), encoding="utf-8")
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen([path, "-p", str(folder), "-c", str(file)], stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + LISTENS_WITHIN
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
                break
            assert process.poll() is None, f"nginx ended:\n{log.read_text()}"
            assert time.monotonic() < deadline, f"nginx does not listen:\n{log.read_text()}"
            time.sleep(0.05)  # another process listens or does not: there is no event to wait for
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main() -> None:
    """Say whether there is one; the tests that need it are skipped otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--install", action="store_true", help="fetch one if none is installed")
    if find() is None and parser.parse_args().install:
        print("No nginx is installed: fetching one for the tests of the proxy (once) ...", file=sys.stderr)
        install()
    if find() is None:
        print("No nginx was found: the tests of the proxy are skipped.", file=sys.stderr)


if __name__ == "__main__":
    main()
