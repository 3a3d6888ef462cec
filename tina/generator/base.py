"""What every Tina is: prompts in, classifiers out, a checkpoint. `tina.py` and `tower/tina.py` say how they write."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from tina.blueprints import HEAD, Blueprint, Weights
from tina.classifier.classifier import Classifier
from tina.encoder.encoder import EMBEDDED, Encoder
from tina.errors import MissingData, UserError
from tina.generator import checkpoint
from tina.generator.diffusion import SamplingSettings
from tina.paths import DEFAULT
from tina.prompts.known_words import is_thing, names_one_thing, tells_something
from tina.prompts.parsing import parse
from tina.prompts.prompt import ClassPrompt, Prompt, PromptError, check_text
from tina.prompts.readings import (
    DESCRIBED,
    READ_AS,
    UNKNOWN,
    Reading,
    UnknownWords,
    reading_of,
    unknown_labels,
    unknown_sentence,
)
from tina.prompts.sentences import looks_like_sentence, match
from tina.prompts.something_else import is_something_else
from tina.prompts.text import clean
from tina.worlds import World, load_world
from tina.worlds.folder import GoneWorld

KINDS = {"zoo": ("tina.generator.tina", "Tina"), "tower": ("tina.generator.tower.tina", "TowerTina")}  # in config.json


class BaseTina(
    nn.Module,
    PyTorchModelHubMixin,
    library_name="tina",
    license="apache-2.0",
    tags=["hypernetwork", "weight-generation", "image-classification"],
):
    """Its subclasses write weights, and say what they are made of."""

    kind: str  # in config.json
    eight_bits = False  # whether the transformer's matrices are saved in eight bits
    world_id: str
    encoder_id: str
    encoder_hash: str
    blueprint: Blueprint
    usual_sampling: SamplingSettings
    folder: Path | None = None  # that it was read from

    # -- a prompt's way ------------------------------------------------------------------------------------------------
    def generate(
        self,
        prompt: Prompt | str,
        *,
        steps: int | None = None,
        seed: int = 0,
    ) -> Classifier:
        """The classifier for a prompt.

        Args:
            prompt: what `understand` or `parse` gave, or a text for `understand`
            steps: of sampling, 1 to 1000
            seed: of the noise; the same prompt, checkpoint and seed give the same weights
        """
        if not isinstance(prompt, str | Prompt):
            raise UserError("A prompt is a text, or what `understand` or `parse` gave.")
        if not isinstance(seed, int) or not (steps is None or isinstance(steps, int)):
            raise UserError("Steps and seed are whole numbers.")
        return self.generate_many([prompt], steps=steps, seeds=[seed])[0]

    @abstractmethod
    def generate_many(
        self,
        prompts: Sequence[Prompt | str],
        *,
        steps: int | None = None,
        seeds: Sequence[int] | None = None,
    ) -> list[Classifier]:
        """Classifiers for prompts of any sizes, written together; each is the same as alone, to float tolerance. The
        arguments are those of `generate`, with a seed for each prompt."""

    @abstractmethod
    def leave_one_out(self, prompt: Prompt, seeds: Sequence[int], **chosen: Any) -> Tensor:
        """What classifiers make of a prompt's example pictures that were written without them.

        Args:
            prompt: N pictures of K classes
            seeds: S of them
            chosen: of sampling, as for `generate`

        Returns:
            probabilities, S x N x K; pictures in the classes' order
        """

    def is_name_tag(self, one: ClassPrompt) -> bool:
        """Whether the label of a class is only a label, which is not heard beside its pictures."""
        return bool(one.name_tag and one.pictures)

    def heard(self, prompt: Prompt) -> list[dict[str, Any]]:
        """Of each class its label, whether that is heard as a word, and the number of its pictures; and its `reading`
        where that is "described" or "unknown", or "read as" another name, `read_as`."""
        rows = []
        for one in prompt.classes:
            reading = self.reading(one)
            row = {"label": one.label, "heard": not self.is_name_tag(one), "pictures": len(one.pictures)}
            if reading.kind in (READ_AS, DESCRIBED, UNKNOWN):
                row |= {"reading": reading.kind} | ({"read_as": reading.name} if reading.name else {})
            rows.append(row)
        return rows

    def reading(self, one: ClassPrompt) -> Reading:
        """How sure the reading of a class is (tina/prompts/readings.py)."""
        return reading_of(one, self.is_name_tag(one), self._is_name)

    def _is_name(self, label: str) -> bool:
        """Whether the world has it, or it is an English word for a thing."""
        return " ".join(label.casefold().split()) in self._world_words or is_thing(label)

    @cached_property
    def _world_words(self) -> frozenset[str]:
        things = self.world.things.values()
        names = (name for thing in things for name in (thing.name, *thing.synonyms, *thing.families))
        return frozenset(name.casefold() for name in names)

    def understand(
        self,
        text: str,
        pictures: Mapping[str, Sequence[Any]] | None = None,
        name_tags: Mapping[str, bool | None] | None = None,
    ) -> Prompt:
        """A list of classes as it is; of a sentence ("things that fly") the classes of the world that it means.

        A note says of which classes nothing is known; where that is so of all of them, it is an `UnknownWords` error.
        An encoder that is not ours may know more words: then it is only a note.

        Args:
            text: names, `name: description` lines, or a sentence
            pictures: example pictures by label (paths, PIL pictures or uint8 arrays)
            name_tags: by label, whether it is only a label (True) or says what is seen (False); Tina decides for others
        """
        check_text(text)
        prompt = self._understand(text, pictures)
        for label, name_tag in (name_tags or {}).items():
            prompt = prompt.with_name_tag(label, name_tag)
        unknown = self._unknown(prompt.classes)
        return replace(prompt, notes=(*prompt.notes, unknown_sentence(unknown))) if unknown else prompt

    def _unknown(self, classes: Sequence[ClassPrompt]) -> list[str]:
        """The labels that nothing is known of; an error if that is all there is."""
        unknown = unknown_labels(classes, map(self.reading, classes))
        asked = [one for one in classes if not is_something_else(one.label)]
        if unknown and len(unknown) == len(asked) and self.encoder_id == EMBEDDED:
            raise UnknownWords(unknown_sentence(unknown), unknown[0], classes)
        return unknown

    def _understand(self, text: str, pictures: Mapping[str, Sequence[Any]] | None) -> Prompt:
        name = clean(text).casefold()
        one_class = name in (name.casefold() for name in self.world.names) or names_one_thing(name)
        strange = not tells_something(text)
        if pictures or one_class or strange or is_something_else(text) or not looks_like_sentence(text):
            try:
                return parse(text, pictures)
            except PromptError as error:
                self._unknown(error.classes)  # that says more than that one class is too few
                raise
        matches = match(text, self.world.names, self.encoder.encode_texts, self.world.families)
        prompt = parse("\n".join(f'"{name}"' for name, _ in matches))
        return Prompt(prompt.classes, (f"“{clean(text)}” was taken to mean {len(matches)} classes.",))

    def sampling(self, **chosen: Any) -> SamplingSettings:
        """The checkpoint's way of sampling, with what is chosen otherwise (None: as it is)."""
        return replace(self.usual_sampling, **{key: value for key, value in chosen.items() if value is not None})

    # -- what it is made of --------------------------------------------------------------------------------------------
    @cached_property
    def hash(self) -> str:
        """Of all numbers as they are saved and of every setting: the same before saving and after loading."""
        return checkpoint.digest(self)

    @cached_property
    def world(self) -> World:
        """Its world; where the pictures of somebody's own folder are gone, the classes that it learnt from them."""
        try:
            return load_world(self.world_id, self.blueprint.size)
        except MissingData:
            return GoneWorld(self.world_id, getattr(self, "names", ()), self.blueprint.size)

    @cached_property
    def encoder(self) -> Encoder:
        encoder = Encoder(self.encoder_id, self.device)
        if encoder.hash != self.encoder_hash:
            raise UserError(
                f"This Tina was trained with another version of the encoder {self.encoder_id!r} "
                f"({self.encoder_hash}, and here is {encoder.hash}): its prompts would mean something else."
            )
        return encoder

    @property
    @abstractmethod
    def device(self) -> torch.device: ...

    @property
    @abstractmethod
    def parameter_count(self) -> int:
        """Of the transformer."""

    @abstractmethod
    def config(self) -> dict[str, Any]:
        """What `__init__` takes, for config.json."""

    # -- files (tina/generator/checkpoint.py) --------------------------------------------------------------------------
    @classmethod
    def from_pretrained(cls, name: str | Path = DEFAULT, **hub: Any) -> Any:  # type: ignore[override]
        """A Tina that ships, one in a folder, or one on the Hub (OWNER/NAME); of the kind that its config names.

        Args:
            name: which
            hub: options of `hf_hub_download`, such as token, revision, cache_dir, local_files_only
        """
        config, tensors = checkpoint.read(name, **hub)
        with checkpoint.readable(name):
            module, of_kind = KINDS[config.pop("kind", "zoo")]
            tina = getattr(import_module(module), of_kind)(**config)
            tina.load(tensors)
        tina.folder = checkpoint.files_of(name, **hub)[0].parent
        return tina

    @cached_property
    def table(self) -> dict[str, Any]:
        """The stored results beside the checkpoint, if there are any."""
        file = self.folder / "table.json" if self.folder else None
        return json.loads(file.read_text("utf-8")) if file and file.is_file() else {}

    @abstractmethod
    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """What `checkpoint.read` gave, into a fresh Tina."""

    def _save_pretrained(self, save_directory: Path) -> None:
        checkpoint.save(self, save_directory)


def unstack(weights: Weights, m: int, ways: int) -> Weights:
    """The m-th classifier out of a stack, with its first `ways` classes."""
    one = {name: weight[m].cpu() for name, weight in weights.items()}
    return one | {name: one[name][:ways].clone() for name in HEAD}
