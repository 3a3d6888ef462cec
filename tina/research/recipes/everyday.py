"""`checkpoints/everyday`, from nothing: what words and pictures look like to the tower, then the transformer.

    python -m tina.research.recipes.everyday --out runs/everyday                         # as it ships
    python -m tina.research.recipes.everyday --out runs/no-pacs --without pacs           # for judging on PACS

Pictures of the sets in tina/research/judge/photo_sets.py, seen by the tower once and kept in the cache folder. What is
judged on a set comes from a Tina that was made without its group (`make`).
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
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
from tina.generator.tower.words import Said, WordRows
from tina.generator.transformer import TransformerConfig
from tina.research.judge.photo_rivals import PhotoBench
from tina.research.judge.photo_sets import NINE, thousand
from tina.research.recipes.everyday_words import KnownWords, known_words, make_lexicon
from tina.storage import save_json
from tina.training.tower.calibrate import BATCHES, calibrate
from tina.training.tower.data import FeatureSet, TaskSource
from tina.training.tower.fit import fit_axes, fit_features, fit_words, own_rows
from tina.training.tower.train import TowerTraining, train

ID, WORLD = "everyday", "photos"
RANK, ROW_AXES, TEXT_AXES = 320, 96, 48
NETWORK = {"width": 128, "depth": 3, "heads": 4}
SHARES = {  # of the tasks that the transformer learns from
    "caltech": 0.3,
    "grocery": 0.15,
    "grocery-coarse": 0.1,
    "photo": 0.06,
    "art": 0.08,
    "cartoon": 0.08,
    "coins": 0.05,
    "tiles": 0.04,
    "scans": 0.04,
    "tiny-imagenet": 0.15,
}
UNNAMED = ("coins", "tiles", "scans")  # their names say nothing of what is seen
HIDDEN = 60  # of Tiny ImageNet's classes, which are among the thousand, so many are named as if they were not
MINUTES = 2.0  # of training on one core; longer learns the sets by heart


def make(
    bench: PhotoBench,
    minutes: float,
    without: str = "",
    hidden: Collection[int] = (),
    seed: int = 0,
    steps: int | None = None,
    batches: int = BATCHES,
) -> TowerTina:
    """A Tina on the tower.

    Args:
        bench: tower and sets.
        minutes: of training.
        without: a group of sets from which nothing is learnt.
        hidden: classes of the thousand that count as unknown: neither their names nor their rows nor their pictures.
        seed: of the training.
        steps: of training instead of minutes.
        batches: of tasks that it is calibrated on.
    """
    sets = {id: feature_set(bench, id) for id in SHARES if bench.load(id)[0].group != without}
    several = [data for id, data in sets.items() if id in NINE and id != "grocery-coarse"]  # which is grocery again
    reference, encoder, settings = reference_set(bench), Encoder(device="cpu"), TowerSettings()
    features = fit_features(several, reference)
    kept = torch.tensor([int(label) not in hidden for label in reference.labels])
    z = features.whiten(reference.middle.float())[kept]
    own = own_rows(bench.tower.generic.weight.detach(), z, reference.labels[kept])
    names = {name for data in sets.values() for name in data.names}
    words, for_tasks, for_strangers = _word_rows(encoder, own, settings, hidden, names, tiny_hidden(sets))
    tina = _assembled(bench.tower, encoder, settings, features, words)
    sources = [
        TaskSource.of(data, features, _said(id, data, encoder, for_tasks, for_strangers), id not in UNNAMED)
        for id, data in sets.items()
    ]
    of_sets = [(features.whiten(data.middle.float()), data.labels) for data in several]
    tina.reader.axes.copy_(fit_axes(own, of_sets, tina.network.config.class_width))
    _set_text_axes(tina, words)
    train(tina, sources, [SHARES[id] for id in sets], 60 * minutes, TowerTraining(), seed, steps)
    listed = [
        TaskSource.of(data, features, _said(id, data, encoder, words, words), id not in UNNAMED)
        for id, data in sets.items()
    ]  # visitors' words may be in likes.txt, or not
    calibrate(tina, [of for of in (*sources, *listed) if of.name != "tiny-imagenet"], seed + 1, batches)
    return tina


def _assembled(
    tower: PhotoTower, encoder: Encoder, settings: TowerSettings, features: TowerFeatures, words: WordRows
) -> TowerTina:
    """Of what was fitted, with a transformer that knows nothing."""
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


def feature_set(bench: PhotoBench, id: str) -> FeatureSet:
    """A set as the tower sees it."""
    photos, features = bench.load(id)
    number = {label: k for k, label in enumerate(photos.names)}
    labels = torch.tensor([number[picture.label] for picture in photos.pictures])
    return FeatureSet(id, photos.group, tuple(photos.names.values()), labels, features.f, features.g)


def reference_set(bench: PhotoBench) -> FeatureSet:
    """One picture of each of the thousand, labelled by the rows of the tower's last layer."""
    photos, features = bench.load("imagenet-1000")
    number = {wnid: k for k, wnid in enumerate(thousand())}
    labels = torch.tensor([number[picture.label] for picture in photos.pictures])
    return FeatureSet("imagenet-1000", photos.group, tuple(thousand().values()), labels, features.f, features.g)


def tiny_hidden(sets: dict[str, FeatureSet]) -> frozenset[str]:
    """Names of Tiny ImageNet that the transformer is to meet as strangers."""
    names = sets["tiny-imagenet"].names if "tiny-imagenet" in sets else ()
    order = torch.randperm(len(names), generator=torch.Generator().manual_seed(3)).tolist()
    return frozenset(names[k] for k in order[:HIDDEN])


def _word_rows(
    encoder: Encoder,
    own: Tensor,
    settings: TowerSettings,
    hidden: Collection[int],
    set_names: Collection[str],
    strangers: Collection[str],
) -> tuple[WordRows, WordRows, WordRows]:
    """The regression that ships; one without what likes.txt says of the sets' own classes, for training; and one that
    does not know the strangers either."""
    wnids, names = zip(*thousand().items(), strict=True)
    known = known_words(wnids, names).without_classes(hidden)
    vectors = encoder.encode_texts_cached(known.texts)
    lexicon = make_lexicon(wnids, names).without_classes(hidden).to_bytes()
    unlisted = known.without(frozenset(name.casefold() for name in set_names))
    unknown = [k for k, name in enumerate(names) if name in strangers]

    def rows(part: KnownWords, lexicon: Tensor) -> WordRows:
        at = torch.tensor([known.texts.index(text) for text in part.texts]) if part is not known else slice(None)
        found = vectors[at]
        weights, basis = fit_words(found, part.shares(len(own)), part.ridges, own, settings.radius, RANK)
        size = weights.std(0, keepdim=True).clamp(min=1e-12)  # coefficients of about one keep their digits
        scale = found.shape[1] ** 0.5
        own_scaled = own * (own.shape[1] // 2) ** 0.5
        return WordRows(
            found * scale, weights / size, basis * size.T, own_scaled, lexicon, settings.radius, settings.kin
        )

    without = make_lexicon(wnids, names).without_classes({*hidden, *unknown}).to_bytes()
    return rows(known, lexicon), rows(unlisted, lexicon), rows(unlisted.without_classes(unknown), without)


def _said(id: str, data: FeatureSet, encoder: Encoder, words: WordRows, strangers: WordRows) -> Said:
    """What the names of a set's classes say."""
    texts = [[name] for name in data.names]
    vectors = encoder.encode_texts_cached(data.names)
    known = words(texts, vectors.split(1))
    if id != "tiny-imagenet":
        return known
    unknown = strangers(texts, vectors.split(1))
    hidden = tiny_hidden({id: data})
    mask = torch.tensor([name in hidden for name in data.names])
    return Said(
        *(
            torch.where(mask.reshape(-1, *[1] * (a.ndim - 1)), b, a)
            for a, b in zip(vars(known).values(), vars(unknown).values(), strict=True)
        )
    )


def _set_text_axes(tina: TowerTina, words: WordRows) -> None:
    """Along which texts differ most, over the known ones."""
    texts = F.normalize(words.texts, dim=1)
    tina.reader.text_mean.copy_(texts.mean(0))
    tina.reader.text_axes.copy_(torch.linalg.svd(texts - texts.mean(0), full_matrices=False)[2][:TEXT_AXES])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tina.research.recipes.everyday", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="of training")
    parser.add_argument("--without", default="", help="a group of sets to learn nothing from")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    tina = make(PhotoBench(open_tower(), everyday_square), args.minutes, args.without, seed=args.seed)
    tina.save_pretrained(args.out)
    recipe = {"command": "python -m tina.research.recipes.everyday", "minutes": args.minutes, "without": args.without}
    save_json(recipe | {"seed": args.seed}, args.out / "recipe.json")


if __name__ == "__main__":
    main()
