"""A Tina on an image tower on the page: rows for anything at all, and no pictures to train on but those that are
shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from tina.blueprints import Weights
from tina.blueprints.tower import TowerHeads
from tina.classifier.authors import ON_TOWER
from tina.classifier.own_pictures import fingerprint
from tina.classifier.tower_layers import on_layers
from tina.generator.base import unstack
from tina.generator.tower.logistic import fit_rows
from tina.generator.tower.reading import read
from tina.generator.tower.tina import TowerTina
from tina.prompts.prompt import ClassPrompt, Prompt
from tina.prompts.text import quoted
from tina.prompts.translate import names_of
from tina.storage import save_array
from tina.ui.server.engine_files import TowerFile
from tina.ui.server.held_out import HeldOutSet
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint, Written
from tina.ui.state import SamplingOptions
from tina.worlds.archives import cache_folder

TESTS = 10  # held-out pictures of a class: a picture takes the tower tens of milliseconds when it is first seen
FULL_ROW = 4.0  # times heat / the root of a row's length: a weight of this size is drawn at full strength


class TowerCheckpoint(LoadedCheckpoint):
    """A `LoadedCheckpoint` of the tower kind."""

    tina: TowerTina
    blueprint: TowerHeads
    can_train = False
    writers = ON_TOWER
    writers_explained = (
        "Diffusion is what the trained network wrote; closed form is a formula of what names mean and of what pictures "
        "average to; logistic regression is ordinary training on your pictures."
    )
    slice_caption = "the tower’s own rows"
    trained_caption = "logistic regression on your pictures alone"
    tests_per_class = TESTS
    views = ("Weights", "Compare", "Confusion", "Two prompts", "Details")

    def __init__(self, tina: TowerTina):
        super().__init__(tina)
        self.seen = frozenset(self.world.seen)
        self.watched_steps = tina.usual_sampling.steps  # others give other answers than those that were measured
        if not tina.usual_sampling.temperature:
            self.start = "closed form, before the transformer"
        self.picture_side = round(self.blueprint.size / self.blueprint.middle)  # of which the middle is looked at
        self.tower_file = TowerFile(self.blueprint) if on_layers(self.blueprint) else None
        self.scales = {"head.weight": FULL_ROW * tina.settings.heat / len(tina.reader.axes) ** 0.5}

    # -- classes ------------------------------------------------------------------------------------------------------
    def is_unseen(self, label: str) -> bool:
        """Nor is it one of the tower's own classes, or a kind of several of them."""
        lexicon = self.tina.words.lexicon
        return super().is_unseen(label) and not (lexicon.classes(label) or lexicon.members(label))

    def meaning(self, one: ClassPrompt) -> dict[str, Any]:
        """How a class is read: its label as a name of the tower's own classes, a kind of them, another known word, a
        word like another; or not at all, where it is only a label."""
        lexicon, label = self.tina.words.lexicon, one.name
        unseen = self.is_unseen(label)
        if self.tina.is_name_tag(one):
            said = "what you said of it and its pictures count" if self.tina.texts_of(one) else "its pictures count"
            return {"means": "", "title": f"{quoted(one.label)} is only a label: {said}", "unseen": False}
        if len(one.texts) > 1:
            return {"means": "described", "title": "its name and what you said of it", "unseen": False}
        if lexicon.classes(label):
            return {"means": "", "title": "one of the tower’s own thousand classes", "unseen": False}
        if members := lexicon.members(label):
            title = f"a kind of thing, of which the tower has {len(members)} among its own thousand classes"
            return {"means": f"{len(members)} kinds" if len(members) > 1 else "", "title": title, "unseen": False}
        if self.tina.is_known(label):
            title = "a known word, and none of the tower’s own classes: what it looks like is predicted from the word"
            return {"means": "", "title": title, "unseen": unseen}
        nearest = self.nearest_class(label)
        title = f"no word that is known here: it is read as a phrase, near {quoted(nearest)}"
        return {"means": f"near {nearest}", "title": title, "unseen": True}

    # -- what it is compared with -------------------------------------------------------------------------------------
    def catalogue_slice(self, held_out: HeldOutSet) -> Weights | None:
        """The tower's own rows of these classes, on u."""
        classes = [self.tina.words.lexicon.classes(name) for name in names_of(held_out.labels)]
        if not all(classes):
            return None
        plain = torch.stack([self.tina.words.own_rows(of).mean(0)[0] for of in classes]).cpu()  # (K, F)
        head = self.tina.settings.heat * torch.cat([torch.zeros_like(plain), plain], dim=1)
        return {
            "centre.weight": torch.zeros(plain.shape[1]),
            "head.weight": head,
            "head.bias": torch.zeros(len(head)),
        }

    def why_no_slice(self, held_out: HeldOutSet) -> str:
        """The first label that is none of the thousand."""
        names = zip(held_out.labels, names_of(held_out.labels), strict=True)
        strange = [label for label, name in names if not self.tina.words.lexicon.classes(name)]
        return f"none: “{strange[0]}” is none of the tower’s classes" if strange else ""

    @torch.no_grad()
    def trained_on_shown(self, prompt: Prompt) -> Weights | None:
        """Logistic regression from zero on the shown pictures alone, on the features that Tina's rows are on; None
        where a class has no pictures."""
        if not all(one.pictures for one in prompt.classes):
            return None
        how, shown = self.tina.settings, self._encode(prompt)
        reading, nothing = read(shown, how), torch.zeros_like(shown.said.row)
        rows = fit_rows(
            nothing, reading.pictures, shown.shown, shown.described, how.heat, how.decay, how.rate, how.rounds
        )
        rows = F.normalize(rows, dim=2) * how.heat * how.picture_heat
        weights = {
            "centre.weight": reading.centre,
            "head.weight": torch.cat([rows, nothing], dim=2),
            "head.bias": nothing[..., 0],
        }
        return unstack(weights, 0, len(prompt.classes))

    def drawn(self, weights: Weights) -> Weights:
        """Rows on the directions that tell classes apart: on z, and after it on u where anything stands there."""
        axes = self.tina.reader.axes.cpu()  # (Q, F)
        parts = [part @ axes.T for part in weights["head.weight"].chunk(2, dim=1) if bool(part.any())]
        return {"head.weight": torch.cat(parts, dim=1), "head.bias": weights["head.bias"]}

    # -- writing ------------------------------------------------------------------------------------------------------
    def _steps(self, prompt: Prompt, options: SamplingOptions, estimates: bool = True) -> Iterator[Written]:
        with torch.no_grad():
            shown = self._encode(prompt)
            reading, ways = read(shown, self.tina.settings), len(prompt.classes)
            none_level = float(self.tina.none_level(shown, reading)[0])
        for step in self.tina.steps(shown, [options.seed], steps=options.steps):
            current = unstack(step.current, 0, ways)
            estimate = unstack(step.estimate, 0, ways) if step.number else None
            yield Written(
                step.number,
                current,
                estimate,
                lambda step=step: self.tina.provenance(step.difference, shown, reading)[0],
                none_level,
            )

    def write_seeds(self, prompt: Prompt, seeds: Sequence[int], options: SamplingOptions) -> list[Weights]:
        """Of which all are the same where the checkpoint samples at a temperature of zero."""
        return [self._finished(prompt, seed, options.steps) for seed in seeds]

    def between(self, first: Prompt, second: Prompt, count: int, options: SamplingOptions) -> list[Weights]:
        """Finished rows, mixed."""
        ends = [self._finished(prompt, options.seed, options.steps) for prompt in (first, second)]
        shares = torch.linspace(0, 1, count)
        return [{name: torch.lerp(ends[0][name], ends[1][name], share) for name in ends[0]} for share in shares]

    @torch.no_grad()
    def _finished(self, prompt: Prompt, seed: int, steps: int) -> Weights:
        return unstack(self.tina.write(self._encode(prompt), [seed], steps=steps), 0, len(prompt.classes))

    def _encode(self, prompt: Prompt) -> Any:
        """The prompt as tensors; the tower looks at new pictures only."""
        features = self._seen_already(prompt)["features"]
        with self._lock:  # the tokenizer and the encoder's first pass are not made for two threads
            return self.tina.encode([prompt], features)

    # -- features -----------------------------------------------------------------------------------------------------
    def _seen_already(self, prompt: Prompt) -> dict[str, Tensor]:
        assert self.seen_pictures is not None
        return {"features": self.seen_pictures.look([picture for one in prompt.classes for picture in one.pictures])}

    def _backbone_features(self, name: str, count: int) -> Tensor:
        """Kept on disk, too: they are the world's pictures, and looking at them anew takes seconds."""
        pictures = self.world.pictures("test", name, count)
        file = cache_folder() / "features" / "page" / self.hash / f"{fingerprint(pictures)}.npy"
        if file.is_file():
            return torch.from_numpy(np.load(file))
        features = self.blueprint.look(self.blueprint.prepare(pictures))
        save_array(features.numpy(), file)
        return features
