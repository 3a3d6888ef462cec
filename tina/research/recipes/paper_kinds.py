"""The cells of the papers' tables, as data: sets of pictures, what is written, and what a generator is trained with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tina.research.recipes.paper_stand import WIDTH

CLIP = "ViT-B-32/openai"  # encodes the prompts, in both papers
CLIP_MEGABYTES, CLIP_TEXT_MEGABYTES, RESNET_MEGABYTES = 605, 254, 47
PROMPTED = 64  # pictures of a class that prompts are made of
STATE_BYTES = 16  # of a parameter that is trained: itself, its average and the optimizer's two
TASKS = 200  # of each split of the table
SPLITS = ("id", "ood", "unseen")
GENERATOR = {"size": "S", "batch": 32, "tasks": 16, "pictures": 32, "jitter": 0.4, "steps": 30_000}
ROWS = {"generic_steps": 600, "generic_rate": 1e-3, "steps": 100, "rate": 1e-3}  # as of the other recipes on a tower


@dataclass(frozen=True)
class Pictures:
    """An official archive, as far as its size is to be known before it is here."""

    train: int
    zoo: int
    test: int
    edges: tuple[int, int]  # of a usual picture
    megabytes: int


@dataclass(frozen=True)
class Kind:
    """A column of a paper's table: what is written."""

    title: str
    blueprint: str  # {encoder}: its id
    settings: dict[str, Any]  # of `Recipe`
    sizes: tuple[int, int]  # the fewest and the most classes of a classifier
    classifiers: int
    ways: int  # of the table's tasks
    generator: dict[str, Any]
    on_resnet: bool = False  # the encoder is a ResNet-18 beside CLIP's text tower

    @property
    def on_encoder(self) -> bool:
        """Whether classifiers stand on the encoder's image tower."""
        return ":" in self.blueprint

    @property
    def family(self) -> str:
        """The blueprint's id without its encoder's."""
        return self.blueprint.partition(":")[0]


def _tina(title: str, blueprint: str, settings: dict[str, Any], **generator: Any) -> Kind:
    return Kind(title, blueprint, settings, (10, 10), 1_000, 10, GENERATOR | generator)


def _t2w(title: str, settings: dict[str, Any], on_resnet: bool = False, **generator: Any) -> Kind:
    # 80% of their 12,000 tasks are trained on
    return Kind(
        title, "encoder-adapter:{encoder}", settings, (8, 31), 9_600, 16, GENERATOR | generator, on_resnet=on_resnet
    )


WORLDS = {  # splits as the worlds make them, so about
    "cifar-100": Pictures(40_000, 10_000, 10_000, (32, 32), 169),
    "mini-imagenet": Pictures(32_500, 7_500, 10_000, (500, 375), 6_000),
    "caltech-101": Pictures(5_200, 1_300, 2_200, (300, 245), 137),
    "caltech-256": Pictures(17_900, 4_450, 7_450, (371, 326), 1_183),
    "tiny-imagenet": Pictures(79_960, 20_040, 10_000, (64, 64), 248),
    "imagenet": Pictures(120_000, 30_000, 50_000, (500, 375), 147_897),
}
WEIGHTS = {  # of a blueprint: shared ones, and of a class; none where the prompt's vectors are the rows
    "cnn-5k": (5_088, 33),
    "resnet20-head": (0, 65),
    "encoder-head": (0, WIDTH + 1),
    "encoder-adapter": (33 * WIDTH + 16, 0),
}
KINDS = {
    "tina": {
        "cnn": _tina(
            "a CNN", "cnn-5k", {"generic_steps": 40_000, "steps": 400, "move": 2}, pictures=64, diffusion=0.2, move=2
        ),
        "resnet20": _tina("rows on a ResNet-20", "resnet20-head", ROWS | {"generic_steps": 10_000, "move": 2}),
        "vit-b-32": _tina("rows on CLIP's ViT-B/32", "encoder-head:{encoder}", ROWS),
    },
    "t2w": {
        "clip": _t2w("an adapter 512-16-512 on CLIP's ViT-B/32", ROWS),
        "resnet18": _t2w(
            "an adapter 512-16-512 on a ResNet-18, prompts by CLIP",
            ROWS | {"generic_steps": 20_000},
            on_resnet=True,
            prompt_mix="texts",
        ),
    },
}
TABLES = {
    "tina": ("mini-imagenet", "cifar-100", "caltech-101"),
    "t2w": ("cifar-100", "caltech-256", "tiny-imagenet", "imagenet"),
}
