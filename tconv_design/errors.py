"""What can be wrong, each with a sentence for the user and a hint that helps."""

from collections.abc import Sequence
from typing import NamedTuple


class TconvDesignError(Exception):
    """The base of every error that this package raises on purpose.

    `kind` is the word that scripts see in JSON, `hint` the nearest fix (may be empty).
    """

    kind = "error"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class InvalidQuestion(TconvDesignError):
    """An option, a value or a combination that no answer can exist for (exit code 2)."""

    kind = "invalid_question"


class InvalidLayer(InvalidQuestion):
    """A layer that breaks a rule of the canonical model, or that leaves nothing of its input."""

    kind = "invalid_layer"


class Refused(InvalidLayer):
    """A call in a framework's words that the framework refuses, or that is no layer of the canonical model."""

    kind = "refused"


class NoLayer(Refused):
    """A call that its framework takes, and that is no layer of the canonical model."""


class TooLarge(TconvDesignError, MemoryError):
    """A layer that takes more memory than is free; told before any is taken."""

    kind = "too_large"


class Mistake(NamedTuple):
    """One thing wrong in a file: on which line (0: in none), at which key, and the nearest fix (may be empty)."""

    line: int
    key: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        sentence = f"{self.message}; {self.hint}" if self.hint else self.message
        return f"line {self.line}: {sentence}" if self.line else sentence


class InvalidArchitecture(InvalidQuestion):
    """An architecture file with mistakes, all of them at once.

    `problems` are the mistakes in the order of their lines, the first of them where there are very many; `count` is
    how many there are, `origin` the file's name. The message has a line for each of the first twenty.
    """

    kind = "invalid_architecture"
    PRINTED = 20

    def __init__(self, problems: Sequence[Mistake], count: int, origin: str) -> None:
        self.problems = list(problems)
        self.count = count
        self.origin = origin
        first = self.problems[0]
        if count == 1:
            place = f"{origin}, line {first.line}" if first.line else origin
            super().__init__(f"{place}: {first.message}", first.hint)
            return
        rest = count - min(len(self.problems), self.PRINTED)
        lines = [f"{origin} has {count} mistakes", *map(str, self.problems[: self.PRINTED])]
        super().__init__("\n  ".join(lines + [f"and {rest} more"] * (rest > 0)))


class UnknownBackend(InvalidQuestion):
    """A backend name that is neither installed nor one of our own plugins."""

    kind = "unknown_backend"


class BackendUnavailable(TconvDesignError):
    """A backend that is known but cannot answer here: not installed, or its framework does not import."""

    kind = "backend_unavailable"


class NotExpressible(TconvDesignError):
    """A layer that a framework has no words for; `nearest` names a layer that it can build."""

    kind = "not_expressible"

    def __init__(self, message: str, nearest: str = "") -> None:
        super().__init__(message, f"nearest: {nearest}" if nearest else "")
        self.nearest = nearest
