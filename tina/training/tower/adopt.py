"""A Tina on any open_clip encoder, in minutes and without a photograph.

    adopt("ViT-B-32/openai", Path("runs/better-eyes"), progress=print)

Texts and pictures of such an encoder are in one space: a text's own vector is the row of its class, once what all texts
have in common is taken away, and what all pictures have. The former is the mean of the vocabulary's names; the latter
that of the Sketchbook's drawings: of what can be had without a photograph (nothing, noise, flat colours, soft spots)
it comes nearest to what photographs would say. The transformer learns from made-up tasks: classes of the vocabulary,
whose pictures lie around what their names and descriptions say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from tina.blueprints.tower import TowerFeatures
from tina.encoder.encoder import Encoder
from tina.encoder.everyday import PhotoTower, everyday_square, tower_of
from tina.encoder.hub import fetch_weights
from tina.encoder.packaged import PACKAGES
from tina.errors import UserError
from tina.generator.diffusion import SamplingSettings
from tina.generator.tower.lexicon import Lexicon, singulars
from tina.generator.tower.settings import TowerSettings
from tina.generator.tower.tina import TowerTina
from tina.generator.tower.words import Said, TextRows
from tina.generator.transformer import TransformerConfig
from tina.storage import save_json
from tina.training.tower.calibrate import BATCHES, calibrate
from tina.training.tower.data import TaskSource
from tina.training.tower.train import TowerTraining, train
from tina.worlds import load_world
from tina.worlds.base import Thing, vocabulary

Progress = Callable[[str, float], None]  # what is being done, and which share of it

MINUTES = 1.5  # of training
WORLD, DRAWN = "everyday", "sketchbook"
DRAWINGS = 240
DESCRIPTIONS = 2  # of a thing, of those that it has
ROW_AXES, TEXT_AXES = 96, 48
NETWORK = {"width": 128, "depth": 3, "heads": 4}
PICTURES = 24  # made up for each class
# How far a class is from its words, and pictures from their class, in units of the words' vector. By the cosines of
# names and of pictures with each other, so is Caltech-101 (the second) and so are PACS's photographs (the last) to
# `embedded`.
SPREADS = ((1.5, 1.5), (2.3, 2.4), (3.5, 4.0), (3.5, 8.0))
COMMON, SHARE = 8, 0.9  # directions in which all pictures of a set differ, and how much of all differences they are
NEAR, LARGEST = 8, 40  # so many sets are of classes of one family, of at most so many
# Made-up classes are only roughly like real ones, so little is written: by `python -m tina.research.adopted` a `small`
# of 0.03 costs 0.4 points by names, 0.5 costs nothing and gains nothing (± 0.14). SPREADS, COMMON and SHARE set how
# sure classifiers are: the same command says how well that fits.
HOW = TowerTraining(small=0.5, denoising=0.05)
LEAST_BATCHES = 20  # to calibrate on
TOGETHER = 64  # texts or drawings between two words on progress


def adopt(
    encoder_id: str,
    folder: Path | str,
    minutes: float = MINUTES,
    progress: Progress | None = None,
    seed: int = 0,
    steps: int | None = None,
    batches: int | None = None,
) -> Path:
    """Make a checkpoint on an encoder's image side.

    Args:
        encoder_id: architecture/weights, hf-hub:OWNER/NAME, local-dir:FOLDER or embedded. It is fetched where it is not
            here yet, with open_clip's own progress bar; the checkpoint does not hold it.
        folder: of the checkpoint; made where it is missing.
        minutes: of training.
        progress: is told what is being done and which share of it.
        seed: of everything that is drawn.
        steps: of training, instead of minutes.
        batches: of tasks that it is calibrated on; by default as many as there is time for.

    Returns:
        The folder. A UserError where there is no such encoder, or the hub cannot be reached.
    """
    if encoder_id in PACKAGES or encoder_id.startswith("timm:"):
        raise UserError(f"{encoder_id!r} cannot be adopted: its texts are not those it learnt to see with.")
    tell = progress or (lambda doing, share: None)
    fetch_weights(encoder_id, lambda have, size: tell(f"fetching {size / 1e6:,.0f} MB", have / max(1, size)))
    tell("loading the encoder", 0.0)
    encoder = Encoder(encoder_id, "cpu")
    encoder.id = without_home(encoder_id)
    tower = tower_of(encoder.model.visual).eval().requires_grad_(False)
    things = list(vocabulary().values())
    names, descriptions = _texts(encoder, things, tell)
    features = _features(tower, tell)
    torch.manual_seed(seed)
    tina = _assembled(encoder, tower, features, names, _lexicon(things))
    sources = made_up(names, descriptions, tina.words, _families(things), seed)
    train(
        tina,
        sources,
        [1.0] * len(sources),
        60 * minutes,
        HOW,
        seed,
        steps,
        lambda share: tell("training", share),
    )
    tell("calibrating", 0.0)
    batches = batches or min(BATCHES, max(LEAST_BATCHES, round(BATCHES * minutes / MINUTES)))
    calibrate(tina, sources, seed + 1, batches)
    tina.save_pretrained(Path(folder))
    recipe = {"command": f"python -m tina adopt {encoder.id}", "minutes": minutes, "seed": seed}
    save_json(recipe, Path(folder) / "recipe.json")
    (Path(folder) / "README.md").write_text(_card(tina, minutes, seed), "utf-8")
    tell("done", 1.0)
    return Path(folder)


def without_home(encoder_id: str) -> str:
    """An id as it is written into a checkpoint: a folder in one's home begins with ~, and names nobody."""
    place = Path(encoder_id.removeprefix("local-dir:")).expanduser()
    if not encoder_id.startswith("local-dir:") or not place.is_relative_to(Path.home()):
        return encoder_id
    return f"local-dir:{Path('~') / place.relative_to(Path.home())}"


# -- what is known beforehand ------------------------------------------------------------------------------------------
def _texts(encoder: Encoder, things: Sequence[Thing], tell: Progress) -> tuple[Tensor, Tensor]:
    """Vectors of C names (C, E), and of as many descriptions of each (C, DESCRIPTIONS, E)."""
    texts = [thing.name for thing in things]
    texts += [text for thing in things for text in _described(thing)]
    parts = []
    for at in range(0, len(texts), TOGETHER):
        tell("reading the vocabulary", at / len(texts))
        parts.append(encoder.encode_texts_cached(texts[at : at + TOGETHER]))
    names, descriptions = torch.cat(parts).split([len(things), len(things) * DESCRIPTIONS])
    return names, descriptions.unflatten(0, (len(things), DESCRIPTIONS))


def _described(thing: Thing) -> list[str]:
    some = [*thing.descriptions, *thing.synonyms, thing.name]
    return [some[i % len(some)] for i in range(DESCRIPTIONS)]


@torch.no_grad()
def _features(tower: PhotoTower, tell: Progress) -> TowerFeatures:
    """Unit vectors less the mean of drawings: nothing is whitened, as nothing is known of how photographs differ."""
    world = load_world(DRAWN)
    names = world.names[:: max(1, len(world.names) // DRAWINGS)]
    each = -(-DRAWINGS // len(names))
    total, count = torch.zeros(tower.width), 0
    for number, name in enumerate(names):
        if number * each % TOGETHER < each:
            tell("looking at drawings", number / len(names))
        drawn = [everyday_square(Image.fromarray(one), tower.size) for one in world.pictures("zoo", name, each)]
        x = torch.from_numpy(np.stack(drawn)).permute(0, 3, 1, 2) / 127.5 - 1
        total += tower(x)[0].sum(0)
        count += len(drawn)
    features = TowerFeatures(tower.width)
    features.whole_mean.copy_(total / count)
    features.middle_mean.copy_(total / count)
    return features


def _lexicon(things: Sequence[Thing]) -> Tensor:
    """Words of which it is known that they name something that can be seen."""
    words = {word for thing in things for name in (thing.name, *thing.synonyms) for word in singulars(name)}
    return Lexicon({}, [[0]], dict.fromkeys(sorted(words), 0), {}).to_bytes()


def _assembled(
    encoder: Encoder, tower: PhotoTower, features: TowerFeatures, names: Tensor, lexicon: Tensor
) -> TowerTina:
    """With a transformer that knows nothing."""
    mean = names.mean(0)
    axes = torch.linalg.svd(names - mean, full_matrices=False)[2]
    row_axes, text_axes = axes[:ROW_AXES], axes[:TEXT_AXES]
    sizes = {"shared": 0, "shared_width": 0, "class_width": len(row_axes), "prompt_width": NETWORK["width"]}
    tina = TowerTina(
        tower=encoder.id,
        tower_hash=tower.hash,
        world=WORLD,
        encoder=encoder.id,
        encoder_hash=encoder.hash,
        network=vars(TransformerConfig(**sizes, **NETWORK)),
        sizes={"features": tower.width, "texts": len(mean), "bytes": len(lexicon), "text_axes": len(text_axes)},
        settings=vars(TowerSettings()),
        sampling=vars(SamplingSettings(steps=1, temperature=0.0)),
    )
    tina.features = features
    tina.words = TextRows(mean, lexicon, (names - mean).norm(dim=1).mean())
    tina.reader.axes.copy_(row_axes)
    tina.reader.text_axes.copy_(text_axes)
    tina.reader.text_mean.copy_(mean)
    return tina


# -- made-up pictures --------------------------------------------------------------------------------------------------
def made_up(
    names: Tensor,
    descriptions: Tensor,
    words: Callable[..., Said],
    families: Sequence[Sequence[int]],
    seed: int,
) -> list[TaskSource]:
    """Sets of pictures that nobody took: of all classes one for each of `SPREADS`, then one of each family.

    A class looks like what its name and descriptions say, and otherwise somehow: mostly in a few directions in which
    all pictures of the set differ, so that classes are confused, the rest in those in which texts differ, and in any.
    Its pictures are spread around that likewise. Every other set is told by descriptions.

    Args:
        names: C x E.
        descriptions: C x D x E.
        words: from texts' vectors to `Said`.
        families: numbers of classes that are near each other.
        seed: of all that is drawn.
    """
    draw = torch.Generator().manual_seed(seed)
    centred = F.normalize(names - names.mean(0), dim=1)
    meant = F.normalize(F.normalize(torch.cat([names[:, None], descriptions], 1).mean(1), dim=1) - names.mean(0), dim=1)

    def unit(*size: int) -> Tensor:
        return F.normalize(torch.randn(*size, generator=draw), dim=1)

    def somehow(count: int, common: Tensor) -> Tensor:
        rest = F.normalize(F.normalize(unit(count, len(centred)) @ centred, dim=1) + unit(count, names.shape[1]), dim=1)
        low = F.normalize(unit(count, len(common)) @ common, dim=1)
        return F.normalize(SHARE * low + (1 - SHARE**2) ** 0.5 * rest, dim=1)

    sources = []
    for number, at in enumerate([*[range(len(names))] * len(SPREADS), *families]):
        apart, spread = SPREADS[number % len(SPREADS)]
        classes, labels = list(at), torch.arange(len(at)).repeat_interleave(PICTURES)
        common = F.normalize(unit(COMMON, len(centred)) @ centred, dim=1)
        looks = meant[classes] + apart * somehow(len(classes), common)
        z = F.normalize(looks[labels] + spread * somehow(len(labels), common), dim=1)
        said = words([[""]] * len(classes), (descriptions[classes, 0] if number % 2 else names[classes]).split(1))
        of_class = list(torch.arange(len(labels)).split(PICTURES))
        sources.append(TaskSource(f"made up {number}", str(number), z, z, of_class, said, True))
    return sources


def _families(things: Sequence[Thing]) -> list[list[int]]:
    """The NEAR largest of those that are not too large."""
    members: dict[str, list[int]] = {}
    for number, thing in enumerate(things):
        for family in thing.families:
            members.setdefault(family, []).append(number)
    return sorted((of for of in members.values() if len(of) <= LARGEST), key=len, reverse=True)[:NEAR]


# -- its card ----------------------------------------------------------------------------------------------------------
def _card(tina: TowerTina, minutes: float, seed: int) -> str:
    return f"""---
library_name: tina
license: apache-2.0
tags: [hypernetwork, weight-generation, image-classification]
---

# Tina on `{tina.encoder_id}`

Writes the last layer of image classifiers, from names, descriptions and example pictures, on the image side of the
open_clip encoder `{tina.encoder_id}`. **The encoder is not in this folder**: it is loaded, or fetched, when it is first
needed, and has to be the same version (texts {tina.encoder_hash}, pictures {tina.tower_hash}). Its licence is its own.

No photograph was used to make this checkpoint. A name's own vector is the row that the transformer
({tina.parameter_count / 1e6:.1f} M parameters) writes a small difference from; it was trained on made-up tasks around
the vocabulary's names. How well that works on photographs was not measured here: the probabilities are calibrated on
made-up pictures, and may be too bold or too shy.

Made by `python -m tina adopt {tina.encoder_id} --minutes {minutes:g} --seed {seed}`.
"""
