"""All of Tina in miniature, for the tests of the zoo and of the judge: made-up pictures, few steps, no skill."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tina.blueprints import Blueprint, get_blueprint
from tina.blueprints.slicing import slice_rows
from tina.encoder.encoder import Encoder
from tina.generator.tina import Tina
from tina.generator.transformer import TransformerConfig
from tina.training.fit.normaliser import fit_normaliser
from tina.training.schedule import TrainSchedule
from tina.training.zoo.bank import Bank, finetuning_data
from tina.training.zoo.build import train_generic
from tina.training.zoo.finetune import train_many
from tina.training.zoo.store import Zoo
from tina.worlds import Thing, World, load_world
from tina.worlds.task import Task, plain_task

COLOURS = {
    "apple": (200, 30, 30),
    "banana": (230, 210, 40),
    "pear": (120, 190, 50),
    "grapes": (110, 30, 140),
    "motorbike": (20, 20, 30),
    "bicycle": (30, 60, 200),
    "tractor": (30, 130, 40),
    "clock": (240, 240, 235),
    "kite": (240, 120, 190),
    "cherry": (120, 0, 30),  # the last three are unseen: a folder's world says so by a hash of the name
    "bus": (240, 130, 20),
    "umbrella": (40, 200, 220),
}
UNSEEN = ("bus", "cherry", "umbrella")
FRUIT = ("apple", "banana", "grapes", "pear")
TASKS: list[Task] = [  # the zoo's: none of them is a part of another
    plain_task(["apple", "tractor", "clock"]),
    plain_task(["kite", "banana"]),
    {"motorbike": ("motorbike",), "fruit": FRUIT, "kite": ("kite",)},
    plain_task(["pear", "grapes", "bicycle", "apple"]),
    plain_task(["tractor", "bicycle", "motorbike"]),
    plain_task(["clock", "grapes"]),
    plain_task(["pear", "clock", "kite"]),
    plain_task(["banana", "tractor", "pear", "motorbike", "grapes"]),
]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Twelve classes of forty pictures, each class a colour of its own."""
    folder = tmp_path_factory.mktemp("pictures")
    draw = np.random.default_rng(0)
    for name, colour in COLOURS.items():
        (folder / name).mkdir()
        for i in range(40):
            pixels = np.clip(np.array(colour) + draw.normal(0, 30, (32, 32, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i}.png")
    return load_world(f"folder:{folder}")


@pytest.fixture(scope="session")
def bank(world: World) -> Bank:
    return Bank(world, world.seen, ("train", "zoo"))


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    """The embedded one, with a store of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINA_CACHE", str(tmp_path_factory.mktemp("cache")))
        encoder = Encoder(device="cpu")
        encoder.encode_texts_cached(["apple"])
    return encoder


@pytest.fixture(scope="session")
def zoo(world: World, bank: Bank, tmp_path_factory: pytest.TempPathFactory) -> Zoo:
    """Eight classifiers in two shards, each trained for a moment."""
    return zoo_of(get_blueprint("cnn-5k"), world, bank, tmp_path_factory.mktemp("zoo"))


@pytest.fixture(scope="session")
def adapters(world: World, tmp_path_factory: pytest.TempPathFactory) -> Zoo:
    """The same of a blueprint whose rows are given."""
    blueprint = get_blueprint("encoder-adapter:embedded")
    top, bank = finetuning_data(blueprint, world, world.seen, "cpu")
    return zoo_of(top, world, bank, tmp_path_factory.mktemp("adapters"))


def zoo_of(blueprint: Blueprint, world: World, bank: Bank, folder: Path) -> Zoo:
    about = {"names": world.seen, "world": world.id, "blueprint": blueprint.id}
    zoo = Zoo.plan(folder, TASKS, shard=4, **about)
    zoo.save_generic(train_generic(blueprint, bank, world.seen, TrainSchedule(20, 32), seed=0))
    for number, shard in enumerate(zoo.shards):
        tasks = [zoo.tasks[n] for n in shard]
        start = slice_rows(blueprint, zoo.generic, world.seen, tasks)
        zoo.save(number, train_many(blueprint, start, tasks, bank, TrainSchedule(10, 8), seed=number))
    return zoo


@pytest.fixture(scope="session")
def tina(world: World, encoder: Encoder, zoo: Zoo) -> Tina:
    """One that knows the zoo and has learnt nothing; its network says something all the same."""
    return tina_of(zoo, world, encoder)


def tina_of(zoo: Zoo, world: World, encoder: Encoder) -> Tina:
    blueprint = get_blueprint(zoo.manifest["blueprint"])
    config = TransformerConfig.sized(
        "tiny",
        shared=blueprint.shared_tokens,
        shared_width=blueprint.token_length,
        class_width=blueprint.class_width,
        prompt_width=encoder.dim,
    )
    tina = Tina(blueprint.id, world.id, world.seen, encoder.id, encoder.hash, asdict(config))
    tina.generic.load_state_dict(zoo.generic)
    tina.closed_form.normaliser = fit_normaliser([zoo.tokens(blueprint)])
    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in tina.network.parameters():  # an untrained one ends in zeros
            parameter += 0.02 * torch.randn(parameter.shape, generator=draw)
    tina.world, tina.encoder = world, encoder
    return tina


@pytest.fixture(scope="session")
def on_towers(
    world: World, encoder: Encoder, adapters: Zoo, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """Checkpoints whose classifiers stand on the encoder's image tower: rows, and adapters."""
    top, bank = finetuning_data(get_blueprint("encoder-head:embedded"), world, world.seen, "cpu")
    folder = tmp_path_factory.mktemp("towers")
    zoos = {"rows": zoo_of(top, world, bank, folder / "zoo"), "adapter": adapters}
    for name, zoo in zoos.items():
        tina_of(zoo, world, encoder).save_pretrained(folder / name)
    return {name: folder / name for name in zoos}


class Numbered(World):
    """Pictures of one pixel, which says what it shows: its class, its number, its split. Unequally many a class."""

    id = title = "numbered"
    licence = "none"
    size = 1
    splits = ("train", "zoo", "test")

    def __init__(self, counts: dict[str, int], unseen: tuple[str, ...] = (), things: tuple[Thing, ...] = ()):
        self.sizes = counts
        super().__init__(things or [Thing(name) for name in counts], unseen)

    def counts(self) -> dict[str, int]:
        return dict.fromkeys(self.splits, sum(self.sizes.values()))

    def _pictures(self, split: str, name: str, count: int | None) -> np.ndarray:
        pixels = [(self.names.index(name), i, self.splits.index(split)) for i in range(self.sizes[name])]
        return np.array(pixels, np.uint8).reshape(-1, 1, 1, 3)[:count]


def files_of(folder: Path) -> dict[str, bytes]:
    """Everything in a folder, to compare."""
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}
