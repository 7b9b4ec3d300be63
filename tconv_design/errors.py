"""What can be wrong, each with a sentence for the user and a hint that helps."""


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
