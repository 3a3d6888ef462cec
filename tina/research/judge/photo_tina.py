"""The everyday Tina among her rivals: for each group of sets one that was made without it.

    python -m tina table everyday            # makes the Tinas in runs/everyday, and the table
    python -m tina table everyday --splits art coins --prompts "1 picture" --tasks 10
    python -m tina table everyday --tower everyday-large      # closed form on another tower, beside its nearest mean

tina             what the recipe makes, but for the group
prior alone      the transformer's difference left out
written alone    no regression on the shown pictures after it
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from tina.encoder.encoder import Encoder
from tina.encoder.everyday import everyday_square, open_tower
from tina.encoder.packaged import PACKAGES
from tina.errors import UserError
from tina.generator.tina import Tina
from tina.generator.tower.reading import Shown, read, stack_said
from tina.generator.tower.tina import TowerTina
from tina.research.judge.photo_rivals import RIVALS, LeftOut, PhotoBench, PhotoMethod, Rival, Setting, Words
from tina.research.judge.photo_sets import GROUPS, NINE, SETS, fifths, thousand
from tina.research.judge.photo_table import measure
from tina.research.judge.photo_tasks import COUNT, PROMPTS, Shots
from tina.research.recipes.everyday import closed_form, make

Write = Callable[[TowerTina, Shown], dict[str, Tensor]]
KINDS = ("words", "pictures", "both")
EVERYDAY = "everyday"


@dataclass
class Makers:
    """Tinas without a group of sets, each made once and kept in a folder."""

    folder: Path

    def __post_init__(self) -> None:
        self.without = cache(self._without)

    def _without(self, bench: PhotoBench, group: str) -> TowerTina:
        place = self.folder / (f"without-{group}".replace(" ", "-") if group else "whole")
        if not (place / "config.json").is_file():
            print(f"making a Tina without {group or 'nothing'}", file=sys.stderr)
            hidden = [k for k, of in enumerate(fifths(thousand()).values()) if of == group]
            made = make(bench, without=group, hidden=hidden)
            made.save_pretrained(place)
        found: TowerTina = Tina.from_pretrained(place)
        return found

    def rivals(self) -> dict[str, Rival]:
        """The rows of a table that are hers."""
        return {
            "tina": self._rival("Tina", lambda tina, shown: tina.write(shown, [0])),
            "prior alone": self._rival("Tina's closed form, nothing written by the transformer", prior_alone),
            "written alone": self._rival("Tina, no regression on the shown pictures", _written),
        }

    def _rival(self, title: str, write: Write) -> Rival:
        def method(bench: PhotoBench, left_out: LeftOut, setting: Setting) -> PhotoMethod:
            (group,) = left_out
            tina = self.without(bench, group if group in GROUPS_LEARNT or group.startswith("fifth") else "")

            return _asked(tina, bench, write)

        return Rival(title, method, KINDS, calibrated=True, levelled=True)


def _asked(tina: TowerTina, bench: PhotoBench, write: Write) -> PhotoMethod:
    @torch.no_grad()
    def logits(shots: Shots) -> Tensor:
        shown = as_shown(tina, bench, shots)
        x = tina.features(shots.tested.f.float(), shots.tested.g.float())
        found = tina.top.forward_many(write(tina, shown), x)[0]
        level = tina.none_level(shown, read(shown, tina.settings))
        return torch.cat([found, level.expand(len(found), 1)], dim=1)

    return logits


GROUPS_LEARNT = (*GROUPS, "imagenet")


def as_shown(tina: TowerTina, bench: PhotoBench, shots: Shots) -> Shown:
    """A task as she would have read it."""
    ways = len(shots.texts) if shots.texts else len(shots.shown)
    texts = [[text] for text in shots.texts or [""] * ways]
    vectors = bench.encode([text for (text,) in texts]).split(1)
    count = shots.shown.f.shape[1] if len(shots.shown) else 0
    pictures = torch.zeros(1, ways, max(count, 1), tina.features.width)
    if count:
        pictures[0] = tina.features.whiten(shots.shown.g.float())
    mask = torch.ones(1, ways, dtype=torch.bool)
    shown = torch.full((1, ways, max(count, 1)), count > 0)
    return Shown(mask, mask & bool(shots.texts), pictures, shown, stack_said([tina.words(texts, vectors)], ways))


def prior_alone(tina: TowerTina, shown: Shown) -> dict[str, Tensor]:
    """Weights, as if the transformer wrote no difference."""
    nothing = torch.zeros(*shown.mask.shape, tina.network.config.class_width)
    return tina.assemble_weights(nothing, shown, read(shown, tina.settings))


def _written(tina: TowerTina, shown: Shown) -> dict[str, Tensor]:
    reading = read(shown, tina.settings)
    rows = tina.add_difference(tina.denoise(shown, reading, [0], tina.sampling()), shown, reading)
    return tina.add_other_class(tina.scale(rows, shown, reading), shown, reading)


def measure_all(
    folder: Path,
    sets: Sequence[str] | None = None,
    prompts: Sequence[str] | None = None,
    ways: Sequence[str] | None = None,
    methods: Sequence[str] | None = None,
    tasks: int | None = None,
    out: Path | None = None,
    tower: str = EVERYDAY,
) -> dict[str, Any]:
    """The table: Tinas that are missing are made, and rows that are missing are measured.

    Args:
        folder: of the Tinas.
        sets: ids of photo_sets, or folder:PATH; by default all of the former.
        prompts: keys of PROMPTS; by default all.
        ways: keys of WAYS; by default 10 and all.
        methods: names of rivals; by default all.
        tasks: of each set.
        out: where the table is kept, by default beside the Tinas.
        tower: another one than Tina's, which has a table of its own: of the nine sets, with what needs no training.
    """
    if tower not in PACKAGES:
        raise UserError(f"There is no tower {tower!r}: it is one of {', '.join(PACKAGES)}.")
    if tower == EVERYDAY:
        rivals, usual, others, file = RIVALS | Makers(folder).rivals(), SETS, ("10", "all"), "table.json"
    else:
        rivals, usual, others, file = _untrained(), NINE, ("10",), f"table-{tower}.json"
    if wrong := [name for name in methods or () if name not in rivals]:
        raise UserError(f"There is no method {wrong[0]!r}: it is one of {', '.join(rivals)}.")
    chosen = {name: rivals[name] for name in methods or rivals}
    how = (tuple(sets or usual), tuple(prompts or PROMPTS), tuple(ways or others))
    bench = everyday_bench() if tower == EVERYDAY else other_bench(tower)
    return measure(bench, chosen, *how, tasks or COUNT, out=out or folder / file)


def _untrained() -> dict[str, Rival]:
    """What stands on a tower without a Tina of its own."""
    without = cache(closed_form)

    def method(bench: PhotoBench, left_out: LeftOut, setting: Setting) -> PhotoMethod:
        (group,) = left_out
        tina = without(bench, group)
        return _asked(tina, bench, prior_alone)

    rival = Rival("Tina's closed form, not calibrated", method, KINDS, calibrated=True, levelled=True)
    return {name: RIVALS[name] for name in ("means", "discriminant", "logistic")} | {"prior alone": rival}


def other_bench(id: str) -> PhotoBench:
    """Another packaged tower, and the embedded encoder's words."""
    tower, encoder = open_tower(id), Encoder(device="cpu")
    assert tower.generic is not None
    words = Words(encoder.encode_texts_cached, tower.generic.weight.detach(), tower.generic.bias.detach())
    return PhotoBench(tower, partial(everyday_square, size=tower.size), words)


def everyday_bench() -> PhotoBench:
    """The everyday tower, and the words that rivals and Tina are given: the embedded encoder's."""
    tower, encoder, zero_shot = open_tower(), Encoder(device="cpu"), Encoder("everyday", "cpu")
    assert tower.generic is not None
    project = zero_shot.model.visual.head
    words = Words(
        encoder.encode_texts_cached,
        tower.generic.weight.detach(),
        tower.generic.bias.detach(),
        lambda f: F.normalize(project(f), dim=-1),
        zero_shot.encode_texts,
    )
    return PhotoBench(tower, everyday_square, words)
