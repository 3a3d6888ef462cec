"""Files are written whole: one that is there is complete, however the program that wrote it ended.

with write_atomically(folder / "classifier.zip") as temporary:
    build_archive(temporary)
save_json({"step": 3}, folder / "state.json")
save_tensors(weights, folder / "model.safetensors")
save_array(pictures, folder / "pictures.npy")
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tina.errors import NotWritten, UserError, reason

if TYPE_CHECKING:  # torch is imported where it is used: worlds need none
    from torch import Tensor


@contextmanager
def write_atomically(path: str | Path, keep: Path | None = None) -> Iterator[Path]:
    """A temporary path in the folder of `path` (made if it is missing) to write to. It takes the place of `path` when
    the block ends, and is removed if the block raises: then `path` is as it was before. What it replaces is moved to
    `keep`, if that is given. What the system refuses is a `NotWritten`."""
    path = Path(path)
    # A name of its own, so that two writers of the same file do not write into each other's.
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.touch(exist_ok=False)
        mode = stat.S_IMODE(temporary.stat().st_mode)
        yield temporary
        temporary.chmod(mode)  # that of any new file: some writers make files that only their owner can read
        if keep is not None and path.is_file():
            path.replace(keep)
        temporary.replace(path)
    except UserError:
        raise
    except OSError as error:
        raise NotWritten(f"{path} cannot be written: {reason(error)}.") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def check_place(path: Path, folder: bool = False) -> Path:
    """Before a long computation: a `NotWritten` where its result could not be written.

    Args:
        path: of the result.
        folder: whether that is a folder of files.

    Returns:
        `path`.
    """
    place = path if folder else path.parent
    try:
        if not folder and path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "")
        while not os.path.lexists(place):
            place = place.parent
        if not place.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "")
        if not os.access(place, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "")
    except OSError as error:
        raise NotWritten(f"{path} cannot be written: {reason(error)}.") from error
    return path


def save_tensors(
    tensors: Mapping[str, Tensor],
    path: str | Path,
    metadata: dict[str, str] | None = None,
    keep: Path | None = None,
    finite: bool = False,
) -> None:
    """A safetensors file of `tensors`, whole; from any device and in any memory layout. `keep` as above. `finite`:
    nothing is written, and it is a `NotWritten`, where a number is none."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    odd = next((name for name, tensor in tensors.items() if not tensor.float().isfinite().all()), "") if finite else ""
    if odd:
        raise NotWritten(f"{path} is not written: in {odd} are numbers that are none (NaN), or infinite.")
    with write_atomically(path, keep) as temporary:
        plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        try:
            save_file(plain, temporary, metadata=metadata)
        except SafetensorError as error:  # of the system, in words of its own
            code = re.search(r"code: (\d+)", str(error))
            raise OSError(int(code[1]) if code else None, str(error)) from error


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


def load_json(path: str | Path) -> Any:
    """What `save_json` wrote; a `UserError` that names the file where it is empty, cut short or something else."""
    try:
        return json.loads(Path(path).read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is damaged: it holds no JSON. Delete it to begin anew.") from error


def save_json(data: Any, path: str | Path, **options: Any) -> None:
    """`data` as JSON, whole, in UTF-8, with a line feed at its end. `options` (such as indent) go to `json.dumps`.
    Nothing is written, and it is a `NotWritten`, where a number is none."""
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False, **options)
    except ValueError as error:
        raise NotWritten(f"{path} is not written: there are numbers in it that are none (NaN), or infinite.") from error
    with write_atomically(path) as temporary:
        temporary.write_text(text + "\n", "utf-8")
