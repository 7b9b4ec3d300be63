"""The process of one backend: it imports the framework, builds layers from the code shown, runs and compares them.

The parent speaks JSON, a line each way, over two pipes that nothing else in this process can reach: file descriptors
0 and 1 are pointed at the null device before any foreign code runs. Each answer is one or more lines, which add up;
the one with "status" is the last.
"""

from __future__ import annotations

import faulthandler
import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from tconv_design.errors import BackendUnavailable, NotExpressible, TooLarge
from tconv_design.layer import Layer
from tconv_design.plugins import framework_version, load, said
from tconv_design.steps import Step
from tconv_design.trial import TOLD, Trial, digest

if TYPE_CHECKING:
    import numpy as np

    from tconv_design.hookspecs import Backend

Say = Callable[..., None]
Program = Callable[[tuple[int, ...]], str]
"""The text of a program for an input size, asked of the backend where its mistakes are caught."""

GRACE = 5.0  # seconds after which a worker that its parent should have killed ends itself


def main() -> None:
    """Answer requests for the backend named on the command line until the parent closes the pipe."""
    commands, answers = _private_pipes()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches all; the parent decides
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")  # if memory runs out, let it be this process
    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(commands, requests), daemon=True).start()

    def say(**facts: Any) -> None:
        answers.write(json.dumps(facts).encode() + b"\n")
        answers.flush()

    worker = Worker(sys.argv[1], say)
    with open(os.devnull, "w") as nowhere:
        while True:
            request = requests.get()
            # a watchdog in C: it works even while foreign code holds the interpreter's lock
            faulthandler.dump_traceback_later(request["timeout"] + GRACE, exit=True, file=nowhere)
            worker.answer(request)
            faulthandler.cancel_dump_traceback_later()


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    commands, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "r+b") as nowhere:
        os.dup2(nowhere.fileno(), 0)
        os.dup2(nowhere.fileno(), 1)
    return commands, answers


def _listen(commands: BinaryIO, requests: queue.SimpleQueue[dict[str, Any]]) -> None:
    for line in commands:
        requests.put(json.loads(line))
    os._exit(0)  # the parent is gone, or done: do not outlive it, however busy


class BrokenCode(Exception):
    """What a backend gave as its code cannot be run by anybody."""


class NoResult(Exception):
    """What a backend did instead of giving a result, as a status of the public document and a sentence."""

    def __init__(self, status: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class Worker:
    """One backend and what is known of it. `say` sends facts to the parent."""

    def __init__(self, name: str, say: Say) -> None:
        self._name = name
        self._say = say
        self._backend: Backend | None = None

    def answer(self, request: dict[str, Any]) -> None:
        """Do what the request asks and say a status; only this program's own mistakes get out as exceptions."""
        task = {"import": self._import, "check": self._check, "chain": self._chain, "try": self._try}[request["task"]]
        try:
            task(request)
        except NoResult as reason:
            self._say(status=reason.status, detail=reason.detail)

    def _import(self, request: dict[str, Any]) -> None:
        try:
            self._started()
        except NoResult as reason:  # nothing was asked of it but to be there
            raise NoResult(reason.status.replace("unsupported", "unavailable"), reason.detail) from reason
        self._say(status="ok")

    def _check(self, request: dict[str, Any]) -> None:
        """One layer on sample data, judged in shape, phase and values; the request may bring the program."""
        layer, in_size, seed = Layer.from_dict(request["layer"]), tuple(request["in"]), request["seed"]
        backend = self._started()
        from tconv_design.compare import judge
        from tconv_design.reference import reference
        from tconv_design.samples import draw

        with self._foreign():  # it may be what runs out of memory
            samples = draw(layer, in_size, seed)
        code = request.get("code")
        actual = self._run(backend, _own(backend, layer) if code is None else code, *samples)
        samples = draw(layer, in_size, seed)  # anew: the backend may have written into its own
        verdict = judge(reference(layer, *samples), actual, samples.bias)
        self._say(
            status=verdict.status,
            detail=verdict.detail,
            actual_shape=verdict.actual_shape,
            max_abs_error=verdict.max_abs_error,
            phase_shift=verdict.phase_shift,
        )

    def _chain(self, request: dict[str, Any]) -> None:
        """A whole network, its convs and tconvs on the backend, until a layer differs."""
        steps = tuple(map(Step.from_list, request["steps"]))
        backend = self._started()
        from tconv_design.chain import run_chain

        def run(index: int, layer: Layer, *data: np.ndarray) -> Any:
            self._say(at=index)
            return self._run(backend, _own(backend, layer), *data)

        verdict = run_chain(steps, request["in"], request["seed"], run)
        if verdict.shape is None:
            self._say(status="differs", detail=verdict.detail)
            return
        zeros = [0] * (len(verdict.shape) - 2)
        self._say(status="agrees", actual_shape=verdict.shape, max_abs_error=0.0, phase_shift=zeros, code="")

    def _try(self, request: dict[str, Any]) -> None:
        """A program on shapes alone: what it makes, and whether it makes the same again; the caller judges."""
        trial = Trial.from_dict(request["trial"])
        backend = self._started()
        import numpy as np

        actual = self._run(backend, trial.code, *trial.samples())
        if not isinstance(actual, np.ndarray):
            raise NoResult("crashed", f"the result is a {type(actual).__name__}, not a numpy array")
        found = digest(actual)
        repeats = found == trial.expected
        if not repeats:
            soiled = [np.full(size, np.float32(1e30)) for size in (16, 256, 4096, 65536)]
            del soiled  # memory that is handed out uninitialised shall not hold zeros, or the right values, by chance
            again = self._run(backend, trial.code, *trial.samples())
            repeats = isinstance(again, np.ndarray) and digest(again) == found
        values = actual.ravel().tolist() if actual.size <= TOLD else []
        self._say(status="ran", actual_shape=actual.shape, digest=found, values=values, repeats=repeats)

    def _started(self) -> Backend:
        if self._backend is None:
            with self._foreign():
                began = time.perf_counter()
                backend = load(self._name)
                version = framework_version(backend)
                self._backend = backend
                self._say(version=version, start=time.perf_counter() - began)
        assert self._backend is not None
        return self._backend

    def _run(
        self, backend: Backend, program: str | Program, signal: np.ndarray, weight: np.ndarray, bias: np.ndarray
    ) -> Any:
        with self._foreign():
            began = time.perf_counter()
            code = program if isinstance(program, str) else program(signal.shape[2:])
            self._say(code=code)
            result = backend.run(build(code), signal, weight, bias)
            self._say(run=time.perf_counter() - began)
        return result

    @contextmanager
    def _foreign(self) -> Iterator[None]:
        """Whatever goes wrong in here is the backend's doing. Raises NoResult."""
        try:
            yield
        except BaseException as error:
            raise NoResult(*_reason(self._name, error)) from error


def _own(backend: Backend, layer: Layer) -> Program:
    """The program that the backend itself has for a layer."""
    return lambda in_size: backend.code(layer, in_size)


def build(code: str) -> Any:
    """Execute exactly this text and return what it calls `layer`. Raises whatever the text raises, or BrokenCode."""
    namespace: dict[str, Any] = {"__name__": "tconv_design_code"}
    try:
        program = compile(code, "<code>", "exec")
    except (SyntaxError, TypeError, ValueError) as error:
        raise BrokenCode(f"the code is no program: {said(error)}") from error
    exec(program, namespace)
    if "layer" not in namespace:
        raise BrokenCode("the code defines no 'layer'")
    return namespace["layer"]


def _reason(name: str, error: BaseException) -> tuple[str, str]:
    """Why there is no result, as a status of the public document and a sentence."""
    match error:
        case NotExpressible():
            return "unsupported", str(error)
        case BackendUnavailable():
            return "unavailable", str(error)
        case ImportError():
            return "unavailable", f"backend {name!r} cannot import what it needs: {said(error)}"
        case BrokenCode():
            return "crashed", f"backend {name!r} is broken: {error}"
        case TooLarge():
            return "unsupported", f"not run: {error}"
        case MemoryError():
            return "crashed", f"backend {name!r} ran out of memory"
        case Exception():
            return "unsupported", f"{name} refuses the layer: {said(error)}"
        case _:
            return "crashed", f"backend {name!r} tried to end the program: {said(error)}"
