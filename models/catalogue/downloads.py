"""Data that somebody else keeps: downloaded when a learner asks for it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from models.catalogue.row import Row


@dataclass(frozen=True)
class Download(Row):
    """A table of numbers in a ZIP archive.

    `member` is its file there, without a header; `columns` are its columns' names and `rows` how many rows it
    has, by which it is told from anything else that is sent in its place.
    """

    url: str = ""
    member: str = ""
    columns: tuple[str, ...] = ()
    rows: int = 0
    source: str = ""

    @property
    def host(self) -> str:
        """Who is asked for it."""
        return urlsplit(self.url).netloc

    def public(self) -> dict[str, Any]:
        return {**super().public(), "host": self.host, "rows": self.rows, "source": self.source}


DOWNLOADS: tuple[Download, ...] = (
    Download(
        "banknotes",
        "Banknote authentication",
        help="Genuine (0) or forged (1), by four numbers of a wavelet transform of the note's picture.",
        url="https://archive.ics.uci.edu/static/public/267/banknote+authentication.zip",
        member="data_banknote_authentication.txt",
        columns=("variance", "skewness", "curtosis", "entropy", "class"),
        rows=1372,
        source="V. Lohweg (2012), https://archive.ics.uci.edu/dataset/267/banknote+authentication",
    ),
)
