"""A zoo on disk: `manifest.json` says what every classifier tells apart, safetensors shards hold their weights.

    zoo = Zoo("runs/sketchbook/zoo")
    zoo.tasks[0]                        # {"apple": ("apple",), "fruit": ("pear", "cherry"), ...}
    zoo.tokens(blueprint)               # shared N x S x D, classes N x K x C, mask N x K

The manifest is written first, whole, and a shard once it is finished; so what is missing of a zoo is plain to see, and
several processes can build one together.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from tina.blueprints import HEAD, Blueprint, Weights, get_blueprint
from tina.errors import UserError
from tina.storage import load_json, save_tensors, write_atomically
from tina.worlds.task import Task

FORMAT = 1


class Zoo:
    """The zoo in a folder, whole or still being built."""

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        file = self.folder / "manifest.json"
        if not file.is_file():
            raise UserError(f"There is no zoo in {self.folder} (python -m tina.zoo builds one).")
        self.manifest = load_json(file)
        if not isinstance(self.manifest, dict) or self.manifest.get("format") != FORMAT:
            raise UserError(f"The zoo in {self.folder} is of another format than this version of Tina reads.")
        self.tasks = [{label: tuple(names) for label, names in task.items()} for task in self.manifest["tasks"]]

    def _load(self, file: Path) -> Weights:
        try:
            return load_file(file)
        except SafetensorError as error:
            raise UserError(f"{file} is damaged: delete it, and python -m tina.zoo builds it again.") from error

    @classmethod
    def plan(cls, folder: str | Path, tasks: Sequence[Task], shard: int, **about: Any) -> Zoo:
        """A zoo to be built, or to be gone on with if the same one was begun here before."""
        folder = Path(folder)
        manifest = {"format": FORMAT, **about, "shard": shard, "tasks": [*tasks]}
        text = json.dumps(manifest, ensure_ascii=False, indent=1)
        file = folder / "manifest.json"
        if file.is_file():
            if load_json(file) != json.loads(text):
                raise UserError(f"{folder} holds another zoo: take another folder, or delete it to start anew.")
        else:
            with write_atomically(file) as temporary:
                temporary.write_text(text, "utf-8")
        return cls(folder)

    @property
    def shards(self) -> list[range]:
        """Which classifiers each shard holds."""
        size, count = self.manifest["shard"], len(self.tasks)
        return [range(first, min(first + size, count)) for first in range(0, count, size)]

    @property
    def missing(self) -> list[int]:
        """Numbers of the shards that are still to be built."""
        return [number for number in range(len(self.shards)) if not self._file(number).is_file()]

    @property
    def generic(self) -> Weights:
        """The network that every classifier started from, a row for each of the manifest's names."""
        return self._load(self.folder / "generic.safetensors")

    def save_generic(self, weights: Weights) -> None:
        save_tensors(weights, self.folder / "generic.safetensors")

    @property
    def has_generic(self) -> bool:
        return (self.folder / "generic.safetensors").is_file()

    def blueprint(self, device: str | torch.device = "cpu") -> Blueprint:
        """The manifest's, on the generic network's frozen part where it has one."""
        blueprint = get_blueprint(self.manifest["blueprint"])
        return blueprint.on(blueprint.whole.module(self.generic).to(device))

    def save(self, number: int, weights: Weights) -> None:
        save_tensors(weights, self._file(number))

    def weights(self) -> Weights:
        """All classifiers as one stack, the rows of the smaller ones padded with zeros."""
        if self.missing:
            raise UserError(f"{len(self.missing)} of {len(self.shards)} shards of {self.folder} are not built yet.")
        parts = [self._load(self._file(number)) for number in range(len(self.shards))]
        most = max(map(len, self.tasks))
        for part in parts:
            for name in HEAD:
                padded = part[name].new_zeros(len(part[name]), most, *part[name].shape[2:])
                padded[:, : part[name].shape[1]] = part[name]
                part[name] = padded
        return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}

    def tokens(self, blueprint: Blueprint) -> tuple[Tensor, Tensor, Tensor]:
        tokens = blueprint.to_tokens(self.weights())
        return tokens.shared, tokens.classes, self.mask

    @property
    def mask(self) -> Tensor:
        """N x K, True for a class, False for padding."""
        return torch.arange(max(map(len, self.tasks))) < torch.tensor([[len(task)] for task in self.tasks])

    def _file(self, number: int) -> Path:
        return self.folder / f"shard-{number:05}.safetensors"
