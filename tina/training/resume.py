"""Where a training stands, in a file: stopped and started again, it goes on as if it had not been.

    checkpointer = Checkpointer(folder / "state.safetensors", tensors, optimizer, generator)
    for step in range(checkpointer.load().step, steps):
        ...
        if checkpointer.due():
            checkpointer.save(Progress(step + 1, seconds))
    delete_state(folder / "state.safetensors")      # once the result is saved in a place of its own

The file before the last is kept beside it (`state.previous.safetensors`) and is read where the last is damaged.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from tina.errors import UserError
from tina.storage import save_tensors

EVERY = 60.0  # seconds between saves
OPTIMIZER, GENERATOR, TENSORS = "optimizer/", "generator", "tensors/"  # parts of the file


@dataclass(frozen=True)
class Progress:
    step: int = 0  # steps that were done
    seconds: float = 0.0  # spent on them, over all runs
    device: str = ""  # what they were done on


class Checkpointer:
    """Saves and restores a training in place.

    path: the file, which ends in .safetensors.
    tensors: all that is learnt or averaged, by name: parameters and buffers of networks, their EMA.
    optimizer: its moments are kept, by the order of its parameters.
    generator: whose random state is kept, if there is one.
    every: seconds after which `due()` says so (default: 60).
    """

    def __init__(
        self,
        path: Path,
        tensors: Mapping[str, Tensor],
        optimizer: torch.optim.Optimizer,
        generator: torch.Generator | None = None,
        every: float | None = None,
    ):
        self.path, self.tensors, self.optimizer, self.generator = path, tensors, optimizer, generator
        self.every, self._saved = EVERY if every is None else every, time.monotonic()

    def load(self) -> Progress:
        """Puts everything back as it was saved. Where nothing was, nothing changes and the progress is of 0 steps."""
        state, progress = _read(self.path)
        if not state:
            return progress
        missing = [name for name in self.tensors if TENSORS + name not in state]
        if missing:
            raise UserError(f"{self.path} is the state of another training (it has no {missing[0]}): delete it.")
        sizes = {name: (tensor.shape, state[TENSORS + name].shape) for name, tensor in self.tensors.items()}
        if other := [name for name, (here, there) in sizes.items() if here != there]:
            raise UserError(
                f"{self.path} is the state of another training ({other[0]} has another size there): go on with the "
                "options that it was begun with, take another folder, or delete it."
            )
        with torch.no_grad():
            for name, tensor in self.tensors.items():
                tensor.copy_(state[TENSORS + name])
        moments: dict[int, dict[str, Tensor]] = {}
        for name in (name for name in state if name.startswith(OPTIMIZER)):
            number, key = name.removeprefix(OPTIMIZER).split("/")
            moments.setdefault(int(number), {})[key] = state[name]
        self.optimizer.load_state_dict(self.optimizer.state_dict() | {"state": moments})
        if self.generator is not None:
            self.generator.set_state(state[GENERATOR])
        return progress

    def due(self) -> bool:
        """Whether `every` seconds have passed since the last save, or since the beginning."""
        return time.monotonic() - self._saved >= self.every

    def save(self, progress: Progress) -> None:
        """Everything as it is now; the file before is kept as the previous one. A training that came to numbers which
        are none is not saved: that is a `NotWritten`, and the state before stays."""
        state = {TENSORS + name: tensor for name, tensor in self.tensors.items()}
        for number, moments in self.optimizer.state_dict()["state"].items():
            state |= {f"{OPTIMIZER}{number}/{key}": torch.as_tensor(value) for key, value in moments.items()}
        if self.generator is not None:
            state[GENERATOR] = self.generator.get_state()
        state = {name: tensor.detach().clone() for name, tensor in state.items()}  # safetensors refuses shared memory
        about = {"step": str(progress.step), "seconds": repr(progress.seconds), "device": progress.device}
        save_tensors(state, self.path, about, keep=previous(self.path), finite=True)
        self._saved = time.monotonic()


def previous(path: Path) -> Path:
    """Where the state before the last one is."""
    return path.with_suffix(f".previous{path.suffix}")


def delete_state(path: Path) -> None:
    """Once what was trained is in a place of its own."""
    for file in (path, previous(path)):
        file.unlink(missing_ok=True)


def read_progress(path: Path) -> Progress:
    """How far the training whose state is in a file has come; of no steps where there is none."""
    return _read(path, tensors=False)[1]


def state_of(**parts: nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers of several networks, as `Checkpointer` takes them: "network/layer.weight" and so on."""
    return {f"{part}/{name}": tensor for part, module in parts.items() for name, tensor in module.state_dict().items()}


def _read(path: Path, tensors: bool = True) -> tuple[dict[str, Tensor], Progress]:
    """The last state, or the one before where the last is damaged. Without `tensors` only the progress is read."""
    for file in (path, previous(path)):
        if not file.is_file():
            continue
        try:
            with safe_open(file, "pt") as opened:
                about = opened.metadata()
                progress = Progress(int(about["step"]), float(about["seconds"]), about["device"])
                return {name: opened.get_tensor(name) for name in opened.keys() if tensors}, progress  # noqa: SIM118
        except (SafetensorError, OSError, TypeError, KeyError, ValueError) as error:  # the last three: no metadata
            print(f"{file} is damaged ({error}): trying the state before it.", file=sys.stderr)
    if path.is_file():
        raise UserError(f"{path} is damaged, and so is the state before it: delete both to begin anew.")
    return {}, Progress()
