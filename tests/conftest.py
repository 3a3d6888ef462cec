"""What all tests share."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import torch
from PIL import Image

from tests.tiny import adapters, bank, encoder, on_towers, tina, world, zoo  # noqa: F401 (fixtures)
from tina.worlds.photos import Caltech101, TinyImageNet

hypothesis.settings.register_profile("tina", deadline=None)  # no test depends on how busy the machine is
hypothesis.settings.load_profile("tina")
if "PYTEST_XDIST_WORKER" in os.environ:
    torch.set_num_threads(1)  # the others have the other cores


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`data` tests are skipped without the photo archives. Beside them, browser tests are skipped without Chromium and
    those of C without a compiler (in CI they fail), a file's permissions are tested on POSIX alone, and the style of
    the Dockerfile where hadolint has a package; nothing else is ever skipped."""
    photos = all(kind.source.find() for kind in (TinyImageNet, Caltech101))
    for item in items:
        if "data" in item.keywords and not photos:
            item.add_marker(pytest.mark.skip(reason="the photo archives are not on this machine (see README, Data)"))


@pytest.fixture(autouse=True)
def _fresh_accelerate() -> Iterator[None]:
    """accelerate keeps one state for a whole process, and refuses another precision later on."""
    yield
    if "accelerate.state" in sys.modules:
        sys.modules["accelerate.state"].AcceleratorState._reset_state(reset_partial_state=True)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and no archive anywhere."""
    monkeypatch.setenv("TINA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TINA_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("tina.worlds.archives.places", lambda: [Path(os.environ["TINA_DATA"])])
    (tmp_path / "data").mkdir()
    return tmp_path


def picture_bytes(seed: int = 0, size: tuple[int, int] = (40, 32), kind: str = "PNG", **options) -> bytes:
    """A small picture of noise as a file's content."""
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()
