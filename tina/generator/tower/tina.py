"""A Tina on a pretrained image tower: rows for any class, from its name, a description, the pictures shown, or all.

    tina = Tina.from_pretrained("everyday")
    classifier = tina.generate(parse("", {"my cup": [...], "my sister's cup": [...]}))

`TowerTina.generate_many` is the whole way of a prompt in five steps. M prompts of up to K classes are written together;
F is the width of the tower's features, Q that of a class token.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, cached_property
from itertools import islice
from typing import Any

import torch
from torch import Tensor

from tina.blueprints import Weights
from tina.classifier.classifier import Classifier, as_array
from tina.classifier.record import Origin
from tina.generator.base import unstack
from tina.generator.tower.learnt import LearntClasses, learnt_rows
from tina.generator.tower.left_out import at_once, without_pictures
from tina.generator.tower.lexicon import singulars
from tina.generator.tower.reading import Reading, Shown, read, stack_said
from tina.generator.tower.words import Said
from tina.generator.tower.writer import TowerWriter
from tina.prompts.name_tags import says_something
from tina.prompts.prompt import ClassPrompt, Prompt
from tina.prompts.something_else import is_something_else
from tina.worlds import World
from tina.worlds.base import vocabulary
from tina.worlds.folder import GoneWorld
from tina.worlds.own_photos import OwnPhotos


@dataclass(frozen=True)
class TowerStep:
    """A step on the way, as stacks of weights with an axis for the prompts in front."""

    number: int  # 0 is the start: noise around what closed form says
    t: int
    estimate: Weights
    current: Weights
    difference: Tensor  # (M, K, Q)


class TowerTina(TowerWriter):
    """A `TowerWriter` that understands prompts, gives classifiers, and is a checkpoint."""

    kind = "tower"

    # -- a prompt's way ------------------------------------------------------------------------------------------------
    def generate_many(
        self, prompts: Sequence[Prompt | str], *, steps: int | None = None, seeds: Sequence[int] | None = None
    ) -> list[Classifier]:
        """Classifiers for prompts of any sizes, written together. The arguments are those of `generate`, with a seed
        for each prompt."""
        sampling = self.sampling(steps=steps)
        seeds = list(seeds or [0] * len(prompts))
        understood = [self.understand(prompt) if isinstance(prompt, str) else prompt for prompt in prompts]
        # 1. Words become rows that they predict, pictures become features; both are kept as sets
        shown = self.encode(understood)
        reading = read(shown, self.settings)
        # 2. The transformer removes noise from a set of tokens; what it writes is the difference from closed form
        difference = self.denoise(shown, reading, seeds, sampling)  # (M, K, Q)
        # 3. to 5. Rows, the regression on the shown pictures, "something else"
        rows = self.fitted_rows(difference, shown, reading)
        weights = self.finish(rows, shown, reading)
        shares = self.provenance(difference, shown, reading, rows)
        levels = self.none_level(shown, reading).tolist()
        return [
            Classifier(
                self.blueprint,
                unstack(weights, m, len(prompt.classes)),
                prompt,
                origin=Origin(self.world_id, self.hash, seed, sampling.steps, sampling.sampler, shares[m]),
                none_level=levels[m],
            )
            for m, (prompt, seed) in enumerate(zip(understood, seeds, strict=True))
        ]

    def assemble_weights(self, difference: Tensor, shown: Shown, reading: Reading) -> Weights:
        """Steps 3 to 5, from what the transformer wrote to a stack of weights."""
        return self.finish(self.fitted_rows(difference, shown, reading), shown, reading)

    def fitted_rows(self, difference: Tensor, shown: Shown, reading: Reading) -> Tensor:
        """Steps 3 and 4: (M, K, F)."""
        # 3. The difference is added to what closed form says
        rows = self.add_difference(difference, shown, reading)
        # 4. Logistic regression on the shown pictures begins there
        return self.fit_shown(rows, shown, reading)

    def finish(self, rows: Tensor, shown: Shown, reading: Reading) -> Weights:
        """Step 5: a stack of weights."""
        # 5. Probabilities are made to be what they say; "something else" gets a row of its own
        weights = self.scale(rows, shown, reading)
        return self.add_other_class(weights, shown, reading)

    # -- pieces of it --------------------------------------------------------------------------------------------------
    def encode(self, prompts: Sequence[Prompt], features: Tensor | None = None) -> Shown:
        """What M prompts say and show, as tensors.

        Args:
            prompts: M of them.
            features: of all their pictures in their order, if the tower has seen them already (`see`).
        """
        if features is None:
            features = self.see([picture for prompt in prompts for one in prompt.classes for picture in one.pictures])
        z = iter(features.cpu()[:, : self.features.width].split([len(c.pictures) for p in prompts for c in p.classes]))
        ways = max(len(prompt.classes) for prompt in prompts)
        most = max(1, *(len(one.pictures) for prompt in prompts for one in prompt.classes))
        mask = torch.zeros(len(prompts), ways, dtype=torch.bool)
        named, shown = mask.clone(), torch.zeros(len(prompts), ways, most, dtype=torch.bool)
        pictures = torch.zeros(len(prompts), ways, most, self.features.width)
        said, remembered = [], pictures.new_zeros(len(prompts), ways, self.features.width)
        for m, prompt in enumerate(prompts):
            texts = [self.texts_of(one) for one in prompt.classes]
            heard = [part or ("",) for part in texts]  # what nothing is said of has a place all the same
            vectors = self.encoder.encode_texts([text for part in heard for text in part])
            found = self.words(heard, vectors.to(self.device).split([len(part) for part in heard]))
            if self.learnt is not None:
                found, remembered[m, : len(texts)] = self._with_learnt(self.learnt, prompt.classes, found)
            said.append(found)
            for k, part in enumerate(islice(z, len(prompt.classes))):
                mask[m, k] = True
                named[m, k] = bool(texts[k]) and not is_something_else(prompt.classes[k].label)
                pictures[m, k, : len(part)], shown[m, k, : len(part)] = part, True
        memory = None if self.learnt is None else remembered
        return Shown(mask, named, pictures, shown, stack_said(said, ways), memory).to(self.device)

    def _with_learnt(self, learnt: LearntClasses, classes: Sequence[ClassPrompt], said: Said) -> tuple[Said, Tensor]:
        """What is said of K classes, with the rows of learnt ones in place of what names predict; and their means,
        (K, F), zeros for others."""
        found = [None if self.is_name_tag(one) else learnt.find(one.label, one.name) for one in classes]
        rows, means = (torch.zeros_like(said.row) for _ in range(2))
        for k, number in enumerate(found):
            if number is not None:
                rows[k], means[k] = learnt.rows[number], learnt.means[number]
        taught = torch.tensor([number is not None for number in found], device=rows.device)
        return said.replaced(taught, learnt_rows(said, rows)), means.cpu()

    def texts_of(self, one: ClassPrompt) -> tuple[str, ...]:
        """What is said of a class, without a label that is only a label."""
        return one.descriptions if self.is_name_tag(one) else one.words

    def is_name_tag(self, one: ClassPrompt) -> bool:
        """Whether the label of a class is only a label: where somebody said so, and else where pictures are shown of it
        and it names nothing that can be seen ("class 1", "Lisa")."""
        if one.name_tag is not None:
            return one.name_tag and bool(one.pictures)
        if self.learnt is not None and self.learnt.find(one.label, one.name) is not None:
            return False
        return bool(one.pictures) and not says_something(one.name, self.is_known)

    def is_known(self, word: str) -> bool:
        """Whether a word names something that can be seen: a noun whose looks are known, or a thing of our worlds."""
        return self.words.lexicon.has(word) or any(one in _our_words() for one in singulars(word))

    @torch.no_grad()
    def see(self, pictures: Sequence[Any]) -> Tensor:
        """z and u of pictures side by side: paths, PIL pictures or uint8 arrays of any size -> (N, 2 F)."""
        if not pictures:
            return torch.zeros(0, 2 * self.features.width)
        return self.blueprint.see([as_array(picture, self.blueprint) for picture in pictures])

    @torch.no_grad()
    def leave_one_out(
        self, prompt: Prompt, seeds: Sequence[int], *, features: Tensor | None = None, **chosen: Any
    ) -> Tensor:
        """S x N x K: what classifiers make of example pictures that they were written without. The tower sees each
        picture once, and not at all where its `features` are given (N x 2 F, as `see` gives them)."""
        if features is None:
            features = self.see([picture for one in prompt.classes for picture in one.pictures])
        bare = Prompt(tuple(replace(one, pictures=()) for one in prompt.classes))
        shown, alone = self.encode([prompt], features), self.encode([bare])
        found = []
        for seed in seeds:
            parts = []
            for at in torch.arange(len(features)).split(at_once(shown)):
                weights = self.write(without_pictures(shown, alone, at), [seed] * len(at), **chosen)
                logits = self.top.forward_many(weights, features[at, None].to(self.device))[:, 0]
                parts.append(logits.softmax(1).cpu())
            found.append(torch.cat(parts))
        return torch.stack(found)

    def write(self, shown: Shown, seeds: Sequence[int], **chosen: Any) -> Weights:
        """Steps 2 to 5: a stack of weights.

        Args:
            shown: what M prompts say and show.
            seeds: one for each of the M.
            chosen: steps, sampler, temperature.
        """
        reading = read(shown, self.settings)
        return self.assemble_weights(self.denoise(shown, reading, seeds, self.sampling(**chosen)), shown, reading)

    def steps(self, shown: Shown, seeds: Sequence[int], **chosen: Any) -> Iterator[TowerStep]:
        """`write` step by step, from the noise it starts with to the answer: for showing how it comes about."""
        reading = read(shown, self.settings)
        for step in self._sample(shown, reading, seeds, self.sampling(**chosen)):
            current = estimate = self.assemble_weights(step.current[1], shown, reading)
            if step.estimate is not step.current:
                estimate = self.assemble_weights(step.estimate[1], shown, reading)
            yield TowerStep(step.number, step.t, estimate, current, step.current[1])

    # -- what it is made of --------------------------------------------------------------------------------------------
    @property
    def names(self) -> list[str]:
        """Of the classes that it was taught with pictures."""
        return self.learnt.names if self.learnt is not None else []

    @cached_property
    def world(self) -> World:
        """Of a Tina that was taught with somebody's own photographs: these, where they still are."""
        if self.learnt is None:
            return super().world
        photos = OwnPhotos(self.world_id, self.names, self.blueprint.size)
        return photos if photos.present else GoneWorld(self.world_id, self.names, self.blueprint.size)

    @property
    def parameter_count(self) -> int:
        """Of the transformer and of what reads for it."""
        return sum(part.numel() for module in (self.network, self.reader) for part in module.parameters())

    def config(self) -> dict[str, Any]:
        """What `__init__` takes, for config.json."""
        return {
            "kind": self.kind,
            "tower": self.tower_id,
            "tower_hash": self.tower_hash,
            "world": self.world_id,
            "encoder": self.encoder_id,
            "encoder_hash": self.encoder_hash,
            "network": asdict(self.network.config),
            "sizes": self.sizes,
            "settings": asdict(self.settings),
            "sampling": asdict(self.usual_sampling),
        } | ({"learnt": self.names} if self.names else {})

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        self.load_state_dict(dict(tensors))


@cache
def _our_words() -> frozenset[str]:
    """Names and synonyms of every thing of our worlds, in small letters."""
    return frozenset(word.casefold() for thing in vocabulary().values() for word in (thing.name, *thing.synonyms))
