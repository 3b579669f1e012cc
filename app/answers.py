"""What the API answers when something will not do."""

from collections.abc import Mapping

from starlette.responses import JSONResponse


def failure(status: int, message: str, expected: str) -> JSONResponse:
    """The one form that errors of the API have."""
    return JSONResponse({"error": {"message": message, "expected": expected}}, status)


class Failure(Exception):
    """Something will not do: what `answer` says of it is answered."""

    def __init__(
        self, status: int, message: str, expected: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.expected, self.headers = status, message, expected, headers

    @classmethod
    def of(cls, status: int, error: ValueError) -> "Failure":
        """Of an error as `failure_of` takes it."""
        message, _, expected = str(error).partition("; expected ")
        return cls(status, message, expected)

    def answer(self) -> JSONResponse:
        answer = failure(self.status, self.message, self.expected)
        answer.headers.update(self.headers or {})
        return answer


def failure_of(status: int, error: ValueError) -> JSONResponse:
    """That form of an error whose text is "what was found; expected what would do"."""
    return Failure.of(status, error).answer()
