"""Learners' own tables: kept under the digest of their bytes, read again by whoever trains on them.

The web process writes a file, the host reads it: the file is how a table comes from one to the other, and
outlives neither the session that brought it nor the server.
"""

import hashlib
import os
import re
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

from models.table import MAX_BYTES, MAX_ROWS, Table, TableError, read

FOLDER = "NEURAL_PLAYGROUND_TABLES"  # environment variable: where this process's tables are
_DIGEST = re.compile("[0-9a-f]{32}")  # nothing else becomes a path


def digest_of(raw: bytes) -> str:
    """32 hexadecimal digits by which a table is named."""
    return hashlib.sha256(raw).hexdigest()[:32]


def use(folder: Path) -> None:
    """Keep tables of this process, and of those that it starts, in this folder."""
    os.environ[FOLDER] = str(folder)


def _path(digest: str) -> Path | None:
    folder = os.environ.get(FOLDER)
    return Path(folder) / f"{digest}.csv" if folder and _DIGEST.fullmatch(digest) else None


def keep(raw: bytes, *, max_bytes: int = MAX_BYTES, max_rows: int = MAX_ROWS) -> tuple[str, Table]:
    """Read a table and keep it: its digest and what it holds. TableError if it is none, OSError: no room."""
    table = read(raw, max_bytes=max_bytes, max_rows=max_rows)
    digest = digest_of(raw)
    path = _path(digest)
    if path is None:
        raise RuntimeError("no folder for tables; call use first")
    if not path.exists():
        part = path.with_suffix(f".{uuid4().hex}")
        try:
            part.write_bytes(raw)
            part.replace(path)  # a reader sees the whole of it or nothing
        finally:
            part.unlink(missing_ok=True)
    return digest, table


def forget(digest: str) -> None:
    """Delete a table, if it is there."""
    if path := _path(digest):
        path.unlink(missing_ok=True)


def is_kept(digest: str) -> bool:
    """Whether the table is here."""
    path = _path(digest)
    return path is not None and path.exists()


def raw(digest: str) -> bytes | None:
    """The table's file as it was brought; None if it is not here (any more)."""
    path = _path(digest)
    try:
        return path.read_bytes() if path else None
    except FileNotFoundError:
        return None


def find(digest: str) -> Table:
    """The table of that digest; TableError if it is not here (any more)."""
    path = _path(digest)
    if path is None or not path.exists():
        raise TableError("The table is not on this server (any more)", "the file again")
    return _found(path)


@lru_cache(maxsize=16)
def _found(path: Path) -> Table:
    raw = path.read_bytes()
    return read(raw, max_bytes=len(raw))
