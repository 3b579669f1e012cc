"""`.keras` files from anywhere, opened without trust: bounded reads, and nothing becomes a path."""

import io
import zipfile
import zlib

from models.file_error import FileError

KERAS_FILE = "a file that Keras 3 has saved with the ending .keras"
MOST_MEMBERS = 64
MOST_UNPACKED = 16_000_000  # bytes, of all members


class Archive:
    """The members of a zip file, by their whole names; nothing is ever written to a path."""

    def __init__(self, raw: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(raw))
            members = self._zip.infolist()
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
            raise FileError("the file is no .keras file, or not the whole of it", KERAS_FILE) from error
        if len(members) > MOST_MEMBERS:
            raise FileError(f"the file has {len(members)} members", f"at most {MOST_MEMBERS}")
        names = [member.filename for member in members]
        if len(set(names)) < len(names):
            raise FileError("the file holds a member twice", KERAS_FILE)
        if sum(member.file_size for member in members) > MOST_UNPACKED:
            raise FileError("the file is too large when it is unpacked", f"at most {MOST_UNPACKED:,} bytes")
        self._names = set(names)

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def read(self, name: str) -> bytes:
        """A member's bytes; FileError if it is not there, broken, encrypted or longer than it says."""
        if name not in self._names:
            raise FileError(f"the file has no {name}", KERAS_FILE)
        try:
            with self._zip.open(name) as member:
                content = member.read(MOST_UNPACKED + 1)
        except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError) as error:
            raise FileError(f"the file's {name} cannot be unpacked", KERAS_FILE) from error
        except ValueError as error:
            raise FileError(f"the file's {name} cannot be read", KERAS_FILE) from error
        if len(content) > MOST_UNPACKED:
            raise FileError(f"the file's {name} is too large", f"at most {MOST_UNPACKED:,} bytes")
        return content
