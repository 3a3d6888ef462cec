"""`checkpoints/everyday`, from nothing: what words and pictures look like to the tower, then the transformer.

    python -m tina.research.recipes.everyday --out runs/everyday                         # as it ships
    python -m tina.research.recipes.everyday --out runs/no-pacs --without pacs           # for judging on PACS

Pictures of the sets in tina/research/judge/photo_sets.py, seen by the tower once and kept in the cache folder. What is
judged on a set comes from a Tina that was made without its group (`make`).
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from tina.blueprints.tower import TowerFeatures
from tina.encoder.encoder import Encoder
from tina.encoder.everyday import PhotoTower, everyday_square, open_tower
from tina.generator.diffusion import SamplingSettings
from tina.generator.tower.settings import TowerSettings
from tina.generator.tower.tina import TowerTina
from tina.generator.tower.words import WordRows
from tina.generator.transformer import TransformerConfig
from tina.options import number, seed, whole
from tina.research.judge.photo_archives import TESTED
from tina.research.judge.photo_rivals import PhotoBench
from tina.research.judge.photo_sets import FIFTHS, NINE, thousand
from tina.research.recipes.everyday_rows import RANK, Version, Vocabulary
from tina.storage import save_json
from tina.training.tower.calibrate import BATCHES, calibrate
from tina.training.tower.data import FeatureSet, TaskSource
from tina.training.tower.fit import fit_axes, fit_features, own_rows
from tina.training.tower.train import TowerTraining, train
from tina.worlds.base import unseen_names

ID, WORLD = "everyday", "everyday"
WORLDS = {"caltech": "caltech-101"}  # groups that have test pictures and unseen classes on the page
ROW_AXES, TEXT_AXES = 96, 48
NETWORK = {"width": 128, "depth": 3, "heads": 4}
DESCRIBED = " described"
SHARES = {  # of the tasks that the transformer learns from
    "caltech": 0.25,
    "caltech-broad": 0.05,
    "grocery": 0.12,
    "grocery-coarse": 0.08,
    "photo": 0.06,
    "art": 0.08,
    "cartoon": 0.08,
    "coins": 0.05,
    "tiles": 0.04,
    "scans": 0.04,
    "tiny-imagenet": 0.15,
    f"caltech{DESCRIBED}": 0.05,
    f"grocery{DESCRIBED}": 0.05,
}
UNNAMED = ("coins", "tiles", "scans")  # their names say nothing of what is seen
HIDDEN = 60  # of Tiny ImageNet's classes, which are among the thousand, so many are named as if they were not
MINUTES, STEPS = 2.0, 1_500  # of training on one core; longer learns the sets by heart


def make(
    bench: PhotoBench,
    minutes: float | None = None,
    without: str = "",
    hidden: Collection[int] = (),
    seed: int = 0,
    steps: int = STEPS,
    batches: int = BATCHES,
) -> TowerTina:
    """A Tina on the tower.

    Args:
        bench: tower and sets.
        minutes: of training, instead of steps.
        without: a group of sets from which nothing is learnt.
        hidden: classes of the thousand that count as unknown: neither their names nor their rows nor their pictures.
        seed: of the training.
        steps: of training.
        batches: of tasks that it is calibrated on.
    """
    sets = feature_sets(bench, without)
    reference, encoder, settings = reference_set(bench), Encoder(device="cpu"), TowerSettings()
    names = {name for data in sets for name in data.names}
    vocabulary = Vocabulary(encoder, settings, hidden, names, tiny_hidden(sets))

    own = own_rows_left_out if without == reference.group else own_rows

    def known(group: str = "") -> _Known:
        features = fit_features([data for data in _several(sets) if data.group != group], reference)
        kept = torch.tensor([int(label) not in hidden for label in reference.labels])
        z, labels = features.whiten(reference.middle.float())[kept], reference.labels[kept]
        return _Known(features, own(bench.tower.generic.weight.detach(), z, labels))

    whole = known()
    tina = _assembled(bench.tower, encoder, settings, whole, vocabulary.rows(whole.own, "all", RANK))
    of_sets = [(whole.features.whiten(data.middle.float()), data.labels) for data in _several(sets)]
    tina.reader.axes.copy_(fit_axes(whole.own, of_sets, tina.network.config.class_width))
    _set_text_axes(tina)
    sources, listed = [], []
    for group in dict.fromkeys(data.group for data in sets):
        others = whole if group == "imagenet" else known(group)  # the whitening knows nothing of Tiny ImageNet
        for data in (data for data in sets if data.group == group):
            sources.append(_source(data, others, vocabulary, "unlisted"))
            listed.append(_source(data, others, vocabulary, "all"))
    shares, counted = [SHARES[source.name] for source in sources], None if minutes else steps
    train(tina, sources, shares, 60 * (minutes or MINUTES), TowerTraining(), seed, counted)
    calibrate(tina, [*sources, *listed], seed + 1, batches)  # visitors' words may be in likes.txt, or not
    return tina


def closed_form(bench: PhotoBench, without: str = "") -> TowerTina:
    """A Tina on any packaged tower that has learnt nothing: features, words' rows and the regression on shown pictures,
    and a transformer that writes nothing. How sure she is, is not calibrated.

    Args:
        bench: tower and sets; only the nine sets are looked at.
        without: a group of sets from which nothing is learnt.
    """
    sets, reference, encoder = feature_sets(bench, without, NINE), reference_set(bench), Encoder(device="cpu")
    settings, features = TowerSettings(), fit_features(_several(sets), reference)
    own = own_rows(bench.tower.generic.weight.detach(), features.whiten(reference.middle.float()), reference.labels)
    vocabulary = Vocabulary(encoder, settings, (), (), ())
    return _assembled(bench.tower, encoder, settings, _Known(features, own), vocabulary.rows(own, "all", RANK))


def own_rows_left_out(head: Tensor, z: Tensor, labels: Tensor) -> Tensor:
    """As `own_rows`, but what a class's row on z is comes from pictures of other classes: with its own picture it would
    be judged on what it learnt from."""
    rows, fold = own_rows(head, z, labels), torch.arange(len(head)) % FIFTHS
    for left_out in range(FIFTHS):
        others, half = fold[labels] != left_out, head.shape[1]
        rows[fold == left_out, half:] = own_rows(head, z[others], labels[others])[fold == left_out, half:]
    return rows


@dataclass(frozen=True)
class _Known:
    """What closed form knows: features, and the tower's own rows on them."""

    features: TowerFeatures
    own: Tensor  # (C, 2 F)


def _several(sets: Sequence[FeatureSet]) -> list[FeatureSet]:
    """Those that the whitening is fitted on, each picture once."""
    return [data for data in sets if data.name in NINE and data.name != "grocery-coarse"]


def _source(data: FeatureSet, known: _Known, vocabulary: Vocabulary, version: Version) -> TaskSource:
    """Tasks of a set. What is `known` of it comes from sets of other groups, as it will be of a visitor's pictures."""
    texts, vectors = [[name] for name in data.names], vocabulary.encoder.encode_texts_cached(data.names)
    said = vocabulary.rows(known.own, version)(texts, vectors.split(1))
    hidden = tiny_hidden([data])
    if hidden and version == "unlisted":
        unknown = vocabulary.rows(known.own, "strange")(texts, vectors.split(1))
        said = said.replaced(torch.tensor([name in hidden for name in data.names]), unknown)
    return TaskSource.of(data, known.features, said, data.name not in UNNAMED)


def _assembled(
    tower: PhotoTower, encoder: Encoder, settings: TowerSettings, known: _Known, words: WordRows
) -> TowerTina:
    """Of what was fitted, with a transformer that knows nothing."""
    features = known.features
    sizes = {"shared": 0, "shared_width": 0, "class_width": ROW_AXES, "prompt_width": NETWORK["width"]}
    network = TransformerConfig(**sizes, **NETWORK)
    tina = TowerTina(
        tower=ID,
        tower_hash=tower.hash,
        world=WORLD,
        encoder=encoder.id,
        encoder_hash=encoder.hash,
        network=vars(network),
        sizes={"features": features.width, "texts": encoder.dim, "known": len(words.texts), "rank": len(words.basis)}
        | {"classes": len(words.own), "bytes": len(words.words), "text_axes": TEXT_AXES},
        settings=vars(settings),
        sampling=vars(SamplingSettings(steps=1, temperature=0.0)),
    )
    tina.features, tina.words = features, words
    return tina


def feature_sets(bench: PhotoBench, without: str = "", ids: Collection[str] | None = None) -> list[FeatureSet]:
    """What may be learnt of the sets of other groups, as the tower sees it: nothing of pictures that worlds keep for
    testing, nor of classes that they keep unseen. A set whose classes are described is there once more, with the
    descriptions for names."""
    found = []
    for id in ids or SHARES:
        set_id = id.removesuffix(DESCRIBED)
        photos, features = bench.load(set_id)
        if photos.group == without:
            continue
        unseen = set(unseen_names().get(WORLDS.get(photos.group, ""), ()))
        names = {label: name for label, name in photos.names.items() if name not in unseen}
        if set_id != id:
            names = {label: photos.descriptions[label] for label in names if label in photos.descriptions}
        kept = [i for i, picture in enumerate(photos.pictures) if picture.part != TESTED and picture.label in names]
        number = {label: k for k, label in enumerate(names)}
        labels = torch.tensor([number[photos.pictures[i].label] for i in kept])
        found.append(FeatureSet(id, photos.group, tuple(names.values()), labels, features.f[kept], features.g[kept]))
    return found


def reference_set(bench: PhotoBench) -> FeatureSet:
    """One picture of each of the thousand, labelled by the rows of the tower's last layer."""
    photos, features = bench.load("imagenet-1000")
    number = {wnid: k for k, wnid in enumerate(thousand())}
    labels = torch.tensor([number[picture.label] for picture in photos.pictures])
    return FeatureSet("imagenet-1000", photos.group, tuple(thousand().values()), labels, features.f, features.g)


def tiny_hidden(sets: Sequence[FeatureSet]) -> frozenset[str]:
    """Names of Tiny ImageNet that the transformer is to meet as strangers."""
    names = next((data.names for data in sets if data.name == "tiny-imagenet"), ())
    order = torch.randperm(len(names), generator=torch.Generator().manual_seed(3)).tolist()
    return frozenset(names[k] for k in order[:HIDDEN])


def _set_text_axes(tina: TowerTina) -> None:
    """Along which texts differ most, over the known ones."""
    texts = F.normalize(tina.words.texts, dim=1)
    tina.reader.text_mean.copy_(texts.mean(0))
    tina.reader.text_axes.copy_(torch.linalg.svd(texts - texts.mean(0), full_matrices=False)[2][:TEXT_AXES])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tina.research.recipes.everyday", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--steps", type=whole("--steps", 1, 10**7), default=STEPS, help="of training")
    parser.add_argument("--minutes", type=number("--minutes", above=0), help="of training, instead of steps")
    parser.add_argument("--without", default="", help="a group of sets to learn nothing from")
    parser.add_argument("--seed", type=seed(), default=0)
    args = parser.parse_args(arguments)
    tina = make(PhotoBench(open_tower(), everyday_square), args.minutes, args.without, seed=args.seed, steps=args.steps)
    tina.save_pretrained(args.out)
    if not args.without:
        recipe = {"module": "tina.research.recipes.everyday", "minutes": args.minutes or MINUTES, "seed": args.seed}
        save_json(recipe if args.minutes else recipe | {"steps": args.steps}, args.out / "recipe.json")


if __name__ == "__main__":
    main()
