"""What is wrong with a file that somebody brought."""


class FileError(ValueError):
    """A file that cannot be used: `message` says what was found, `expected` what would do.

    Neither ends in a full stop.
    """

    def __init__(self, message: str, expected: str) -> None:
        super().__init__(message, expected)
        self.message = message
        self.expected = expected

    def __str__(self) -> str:
        return f"{self.message}; expected {self.expected}"
