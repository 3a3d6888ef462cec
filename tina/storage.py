"""Files are written whole: one that is there is complete, however the program that wrote it ended.

with write_atomically(folder / "classifier.zip") as temporary:
    build_archive(temporary)
save_json({"step": 3}, folder / "state.json")
save_tensors(weights, folder / "model.safetensors")
save_array(pictures, folder / "pictures.npy")
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # torch is imported where it is used: worlds need none
    from torch import Tensor


@contextmanager
def write_atomically(path: str | Path, keep: Path | None = None) -> Iterator[Path]:
    """A temporary path in the folder of `path` (made if it is missing) to write to. It takes the place of `path` when
    the block ends, and is removed if the block raises: then `path` is as it was before. What it replaces is moved to
    `keep`, if that is given."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own, so that two writers of the same file do not write into each other's.
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.partial")
    try:
        yield temporary
        _respect_umask(temporary)
        if keep is not None and path.is_file():
            path.replace(keep)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def save_tensors(
    tensors: Mapping[str, Tensor],
    path: str | Path,
    metadata: dict[str, str] | None = None,
    keep: Path | None = None,
) -> None:
    """A safetensors file of `tensors`, whole; from any device and in any memory layout. `keep` as above."""
    from safetensors.torch import save_file

    with write_atomically(path, keep) as temporary:
        plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        save_file(plain, temporary, metadata=metadata)


def tensor_digest(tensors: Mapping[str, Tensor], about: str = "") -> str:
    """16 hexadecimal digits that identify tensors, on any device.

    Args:
        tensors: name -> tensor; their order does not matter.
        about: whatever else is identified.
    """
    import torch

    found = hashlib.sha256(about.encode())
    for name, tensor in sorted(tensors.items()):
        found.update(name.encode())
        found.update(tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return found.hexdigest()[:16]


def save_array(array: np.ndarray, path: str | Path) -> None:
    """A `.npy` file, whole."""
    with write_atomically(path) as temporary, temporary.open("wb") as file:
        np.save(file, array)


def save_json(data: Any, path: str | Path, **options: Any) -> None:
    """`data` as JSON, whole, in UTF-8, with a line feed at its end. `options` (such as indent) go to `json.dumps`."""
    with write_atomically(path) as temporary:
        temporary.write_text(json.dumps(data, ensure_ascii=False, **options) + "\n", "utf-8")


def _respect_umask(path: Path) -> None:
    """safetensors makes files that only their owner can read; others that we write have the permissions of any new
    file, so these have too."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)
