"""Fit the projection of an encoder made of a packaged image network, in closed form, and measure it.

    python -m tina.research.recipes.everyday_projection                    # everyday
    python -m tina.research.recipes.everyday_projection everyday-large

Needs imagenet-1000.zip (one picture of each class), caltech-101.zip, grocery.zip and pacs.zip in the data folder, and
WordNet's data files. Two matrices from features to plain text vectors (without appearance) are added:

rows      ridge regression from the texts of the network's thousand classes (names, synonyms, glosses) to the unit rows
          of its last layer, transposed: a feature's likeness to a text is that to the row which the text predicts.
pictures  ridge regression from the features of one picture of each class to the mean of its class's texts.

Both are centred at the pictures' mean feature, which is projected to zero. Ridges, share and the sum were chosen by
zero-shot accuracy on the very sets that are reported (caltech-101, grocery, pacs; 10-way), of a few values each that
differ by less than a point; no picture or name of these sets is fitted to. `figures.json` beside the projection has the
accuracy of the parts, too.
"""

from __future__ import annotations

import argparse
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from tina.encoder.encoder import Encoder
from tina.encoder.everyday import everyday_square, open_tower
from tina.encoder.packaged import PACKAGES, projection_file
from tina.errors import MissingData
from tina.research.recipes.wordnet import synsets
from tina.storage import save_json, save_tensors
from tina.worlds.archives import cache_folder, places
from tina.worlds.pictures import open_picture

TEXT_RIDGE = 1.0
PICTURE_RIDGE = 3.0  # times the features' mean variance
PICTURE_SHARE = 0.5  # of the second matrix beside the first, both scaled to vectors of mean length one
PER_CLASS = {"imagenet-1000": 1, "caltech-101": 12, "grocery": 12, "pacs": 60}  # pictures
TASKS, WAYS, SEED = 200, 10, 0
BATCH = 16

Parts = list[str]  # of a path in an archive


def _spaced(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").lower()


# For each archive: from a path's parts to (set, class), or None where it is no picture to take.
LAYOUTS: dict[str, Callable[[Parts], tuple[str, str] | None]] = {
    "imagenet-1000": lambda parts: ("imagenet-1000", parts[1]),
    "caltech-101": lambda parts: None if parts[2] == "BACKGROUND_Google" else ("caltech-101", _spaced(parts[2])),
    "grocery": lambda parts: ("grocery", _spaced(parts[-2])) if parts[1] in ("train", "val", "test") else None,
    "pacs": lambda parts: (f"pacs, {_spaced(parts[1])}", _spaced(parts[2])),
}
JUDGED = ("caltech-101", "grocery", "pacs")


def features(id: str, archive: str) -> dict[str, dict[str, Tensor]]:
    """Features of an archive's pictures, `PER_CLASS` of a class; kept in the cache folder.

    Args:
        id: of a tower.
        archive: a key of `LAYOUTS`.

    Returns:
        For each set and class N x F.
    """
    tower = open_tower(id)
    kept = cache_folder() / "recipes" / "everyday-projection" / f"{archive}-{tower.hash}.safetensors"
    if kept.is_file():
        return _by_set(load_file(kept))
    path = next((place / f"{archive}.zip" for place in places() if (place / f"{archive}.zip").is_file()), None)
    if path is None:
        raise MissingData(f"{archive}.zip is not in the data folder: set TINA_DATA to the folder that it is in.")
    chosen: dict[tuple[str, str], list[str]] = {}
    with zipfile.ZipFile(path) as file:
        for name in sorted(file.namelist()):
            if name.lower().endswith((".jpg", ".jpeg", ".png")) and (key := LAYOUTS[archive](name.split("/"))):
                chosen.setdefault(key, []).append(name)
        rng = np.random.default_rng(SEED)
        drawn = [(key, name) for key, names in chosen.items() for name in rng.permutation(names)[: PER_CLASS[archive]]]
        vectors = []
        for start in range(0, len(drawn), BATCH):
            squares = [
                everyday_square(open_picture(file.read(name), name), tower.size)
                for _, name in drawn[start : start + BATCH]
            ]  # uint8, size x size x 3
            x = torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2) / 127.5 - 1
            with torch.inference_mode():
                vectors.append(tower(x)[0])
    keys, all_vectors = [key for key, _ in drawn], torch.cat(vectors)  # (N, F)
    found = {"/".join(one): all_vectors[torch.tensor([key == one for key in keys])] for one in chosen}
    save_tensors(found, kept)
    return _by_set(found)


def _by_set(features: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """Of "set/class"."""
    found: dict[str, dict[str, Tensor]] = {}
    for name in features:
        set_name, _, label = name.partition("/")
        found.setdefault(set_name, {})[label] = features[name]
    return found


def class_texts(classes: list[str]) -> list[list[str]]:
    """Names, synonyms and gloss of ImageNet's classes.

    Args:
        classes: file names such as n02123045_tabby.JPEG: WordNet's offset, and a name.

    Returns:
        For each class its texts.
    """
    nouns = {synset.id: synset for synset in synsets(("noun",))}
    found = []
    for name in classes:
        synset = nouns[f"noun-{name[1:9]}"]
        title = Path(name).stem[10:].replace("_", " ")
        found.append(list(dict.fromkeys([title, *synset.names, synset.gloss])))
    return found


def fit(rows: Tensor, pictures: Tensor, texts: list[Tensor]) -> dict[str, tuple[Tensor, Tensor]]:
    """The two matrices and their sum.

    Args:
        rows: C x F, of the network's last layer.
        pictures: C x F, the features of one picture of each class.
        texts: for each class T x dim, unit vectors.

    Returns:
        "rows", "pictures", "both": weight (dim x F) and bias (dim).
    """
    mean = pictures.mean(0)
    centred = pictures - mean  # (C, F)
    all_texts = torch.cat(texts) - torch.cat(texts).mean(0)  # (sum of T, dim)
    unit_rows = F.normalize(rows - rows.mean(0), dim=1)
    targets = torch.cat([row.expand(len(t), -1) for row, t in zip(unit_rows, texts, strict=True)])  # (sum of T, F)
    gram = all_texts.T @ all_texts + TEXT_RIDGE * torch.eye(all_texts.shape[1])
    by_rows = torch.linalg.solve(gram, all_texts.T @ targets)  # (dim, F)

    means = torch.stack([F.normalize(t.mean(0), dim=0) for t in texts])  # (C, dim)
    covariance = centred.T @ centred / len(centred)
    covariance = covariance + PICTURE_RIDGE * covariance.diagonal().mean() * torch.eye(len(covariance))
    by_pictures = torch.linalg.solve(covariance, centred.T @ (means - means.mean(0)) / len(centred)).T  # (dim, F)

    by_rows, by_pictures = (matrix / (centred @ matrix.T).norm(dim=1).mean() for matrix in (by_rows, by_pictures))
    both = by_rows + PICTURE_SHARE * by_pictures
    found = {"rows": by_rows, "pictures": by_pictures, "both": both / (centred @ both.T).norm(dim=1).mean()}
    return {name: (weight, -weight @ mean) for name, weight in found.items()}


def zero_shot(by_class: dict[str, Tensor], encode: Callable[[list[str]], Tensor], weight: Tensor, bias: Tensor) -> dict:
    """Accuracy by the cosine of a picture's vector and each name's: on random tasks, or on all classes of a small set.

    Args:
        by_class: for each class N x F.
        encode: from texts to unit vectors.
        weight: dim x F, of the projection.
        bias: dim.

    Returns:
        "accuracy" and its 95% "interval" (over tasks, or over pictures where there is one task) in percent, and
        "scale": what cosines should be multiplied by to be logits.
    """
    names = sorted(by_class)
    texts = encode(names)
    cosines = {name: F.normalize(by_class[name] @ weight.T + bias, dim=1) @ texts.T for name in names}  # (N, C)
    rng = np.random.default_rng(SEED)
    accuracies, logits, labels = [], [], []
    tasks = TASKS if len(names) > WAYS else 1
    for _ in range(tasks):
        task = rng.permutation(len(names))[:WAYS]
        of_task = [cosines[names[c]][:, task] for c in task]  # K of N x K
        accuracies.append(np.mean([float((x.argmax(1) == k).float().mean()) for k, x in enumerate(of_task)]))
        logits += of_task
        labels += [torch.full((len(x),), k) for k, x in enumerate(of_task)]
    scales = torch.arange(1.0, 60.0)
    losses = [float(F.cross_entropy(scale * torch.cat(logits), torch.cat(labels))) for scale in scales]
    accuracy = float(np.mean(accuracies))
    spread = (
        np.std(accuracies, ddof=1) / tasks**0.5
        if tasks > 1
        else (accuracy * (1 - accuracy) / sum(map(len, labels))) ** 0.5
    )
    return {
        "accuracy": round(100 * accuracy, 1),
        "interval": round(196 * float(spread), 1),
        "scale": float(scales[int(np.argmin(losses))]),
    }


def rounded(weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """As a projection is kept, in eight bits: of numbers of about one, as only a vector's direction counts."""
    size = weight.std()
    return (weight / size).to(torch.float8_e4m3fn).float(), (bias / size).half().float()


def main() -> None:
    """Fit, measure, write."""
    top = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("encoder", nargs="?", default="everyday", choices=PACKAGES)
    id = top.parse_args().encoder
    encoder = Encoder()
    encoder.appearance = None
    encode = partial(Encoder.encode_texts, encoder)
    shown = features(id, "imagenet-1000")["imagenet-1000"]
    classes = sorted(shown)  # by offset, as the last layer's rows are
    texts = [encode(list_of) for list_of in class_texts(classes)]
    generic = open_tower(id).generic
    assert generic is not None
    found = fit(generic.weight.float(), torch.stack([shown[name][0] for name in classes]), texts)
    sets = {name: by_class for archive in JUDGED for name, by_class in features(id, archive).items()}
    found["both"] = rounded(*found["both"])
    judged = {
        kind: {name: zero_shot(by_class, encode, *found[kind]) for name, by_class in sets.items()} for kind in found
    }
    for kind, row in judged.items():
        print(f"{kind:10}", *(f"{name} {one['accuracy']} ± {one['interval']}" for name, one in row.items()), sep="  ")
    weight, bias = found["both"]
    scale = float(np.exp(np.mean([np.log(one.pop("scale")) for one in judged["both"].values()])))
    kept = {"weight": weight.to(torch.float8_e4m3fn), "bias": bias.half(), "logit_scale": torch.tensor(scale).log()}
    save_tensors(kept, projection_file(id))
    figures = {
        kind: {name: {k: one[k] for k in ("accuracy", "interval")} for name, one in row.items()}
        for kind, row in judged.items()
    }
    about = {"tower": open_tower(id).hash, "texts": "the embedded encoder's, without appearance", "tasks": TASKS}
    save_json(
        about
        | {
            "ways": WAYS,
            "pictures of a class": {name: PER_CLASS[name] for name in JUDGED},
            "seed": SEED,
            "scale": scale,
            "zero-shot": figures,
        },
        projection_file(id).with_name("figures.json"),
        indent=2,
    )


if __name__ == "__main__":
    main()
