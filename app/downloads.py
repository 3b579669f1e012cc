"""Data of others, asked for by name: downloaded once, then kept in the cache folder."""

import csv
import io
import logging
import zipfile
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from uuid import uuid4

from models.catalogue.downloads import Download

logger = logging.getLogger(__name__)

SECONDS = 15.0  # that the other side may stay silent
MOST_BYTES = 8_000_000  # of an archive, and of what is in it


class DownloadError(Exception):
    """It could not be had; `expected` says what would help. Both are one sentence without a full stop."""

    def __init__(self, message: str, expected: str) -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected


def table(download: Download, folder: Path) -> bytes:
    """The table as CSV with a header, from the folder or else from its source; DownloadError.

    It takes as long as the source does: not for an event loop.
    """
    path = folder / f"{download.name}.csv"
    try:
        kept = path.read_bytes()
    except OSError:
        kept = b""
    if kept and _has_its_form(kept, download, header=True):
        return kept
    raw = _as_csv(_fetched(download), download)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{uuid4().hex}")
        part.write_bytes(raw)
        part.replace(path)  # a reader sees the whole of it or nothing
    except OSError:
        logger.exception("a download could not be kept")  # the next one asks for it again
    return raw


def _fetched(download: Download) -> bytes:
    try:
        with urlopen(download.url, timeout=SECONDS) as answer:
            archive: bytes = answer.read(MOST_BYTES + 1)
    except (URLError, HTTPException, OSError) as error:
        logger.info("%s: %s", download.url, error)
        raise DownloadError(
            f"{download.label} could not be downloaded from {download.host}",
            "a server that can reach it, or the file itself, chosen or pasted",
        ) from error
    if len(archive) <= MOST_BYTES:
        try:
            with zipfile.ZipFile(io.BytesIO(archive)) as opened, opened.open(download.member) as member:
                raw = member.read(MOST_BYTES)
            if _has_its_form(raw, download, header=False):
                return raw
        except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError):
            logger.info("%s sent no such archive", download.url)
    raise DownloadError(
        f"{download.host} sent something else than {download.label}",
        f"an archive with {download.member}: {download.rows:,} rows of {len(download.columns)} numbers",
    )


def _rows(raw: bytes) -> list[list[str]]:
    return [row for row in csv.reader(raw.decode("ascii").splitlines()) if row]


def _has_its_form(raw: bytes, download: Download, *, header: bool) -> bool:
    try:
        rows = _rows(raw)
        if header and tuple(rows.pop(0)) != download.columns:
            return False
        numbers = [[float(cell) for cell in row] for row in rows]
    except (ValueError, IndexError):
        return False
    return len(numbers) == download.rows and {len(row) for row in numbers} == {len(download.columns)}


def _as_csv(raw: bytes, download: Download) -> bytes:
    lines = [download.columns, *_rows(raw)]
    return "".join(",".join(line) + "\n" for line in lines).encode()
