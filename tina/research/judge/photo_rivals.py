"""What everybody could do with the same tower and the same pictures and words: the everyday Tina's rivals.

    means           the nearest mean of the shown pictures, by cosine
    discriminant    the same, whitened by how pictures of a class differ in sets of other groups
    logistic        logistic regression on the shown pictures, as Teachable Machine does
    ridge           kernel ridge regression from the thousand's names to the rows of the tower's last layer
    zero-shot       the nearest name by the everyday encoder
    rows            the tower's own rows, where every class has one

All stand on plain features f, less their mean over the thousand's pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import normalize, one_hot

from tina.errors import UserError
from tina.research.judge.photo_features import Features, Square, Tower, features_of
from tina.research.judge.photo_sets import NINE, PhotoSet, fifths, photo_set, thousand
from tina.research.judge.photo_tasks import Shots

PhotoMethod = Callable[[Shots], Tensor]  # -> logits, T x K
Setting = Mapping[str, Any]
STEPS = 100  # of logistic regression
LeftOut = frozenset[str]  # groups of sets that nothing may have learnt from


@dataclass(frozen=True)
class Words:
    """What names can be compared by."""

    encode: Callable[[Sequence[str]], Tensor]  # texts -> n x E, unit vectors
    weight: Tensor  # the tower's last layer, 1000 x D, in the order of the wnids
    bias: Tensor  # 1000
    project: Callable[[Tensor], Tensor] | None = None  # f -> n x E: the everyday encoder's pictures
    encode_plain: Callable[[Sequence[str]], Tensor] | None = None  # the everyday encoder's texts; by default `encode`


class PhotoBench:
    """The same for all rivals: a tower, its features of every set, and words."""

    def __init__(self, tower: Tower, square: Square, words: Words | None = None):
        """
        tower, square: see photo_features.
        words: needed by rivals that take names.
        """
        self.tower, self.square, self._words = tower, square, words
        self._texts: dict[str, Tensor] = {}
        self.load = cache(self._load)
        self.scatter = cache(self._scatter)

    def _load(self, id: str) -> tuple[PhotoSet, Features]:
        """A set, without what cannot be read, and features of its pictures."""
        photos = photo_set(id)
        features = features_of(photos.archive, [picture.file for picture in photos.pictures], self.tower, self.square)
        good = features.f.isfinite().all(1)
        if not good.all():
            pictures = [picture for picture, is_good in zip(photos.pictures, good.tolist(), strict=True) if is_good]
            names = {picture.label for picture in pictures}
            kept = {label: name for label, name in photos.names.items() if label in names}
            photos = PhotoSet(**vars(photos) | {"pictures": pictures, "names": kept})
            features = Features(features.f[good], features.g[good])
        return photos, features

    @cached_property
    def origin(self) -> Tensor:
        """f0: the mean of f over the thousand's pictures."""
        return self.load("imagenet-1000")[1].f.float().mean(0)

    @property
    def words(self) -> Words:
        if self._words is None:
            raise UserError("This rival needs words: an encoder of texts, and the tower's last layer.")
        return self._words

    def encode(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors of texts, each text encoded once."""
        if new := [text for text in dict.fromkeys(texts) if text not in self._texts]:
            self._texts |= dict(zip(new, self.words.encode(new), strict=True))
        return torch.stack([self._texts[text] for text in texts])

    def _scatter(self, id: str) -> Tensor:
        """D x D: how pictures of a class differ in a set, of trace 1."""
        photos, features = self.load(id)
        index = {label: k for k, label in enumerate(photos.names)}
        labels = torch.tensor([index[picture.label] for picture in photos.pictures])
        x = features.f.float()
        means = torch.zeros(len(index), x.shape[1]).index_add(0, labels, x) / labels.bincount()[:, None]
        rest = x - means[labels]
        scatter = rest.T @ rest
        return scatter / scatter.trace()

    def whitening(self, left_out: LeftOut, shrinkage: float) -> Tensor:
        """D x D: x @ it has unit covariance within the classes of sets of other groups, every group weighing the same;
        the covariance is mixed with a multiple of the identity."""
        by_group: dict[str, list[Tensor]] = {}
        for id in (id for id in NINE if id != "grocery-coarse"):  # the same pictures as grocery's
            if (group := self.load(id)[0].group) not in left_out:
                by_group.setdefault(group, []).append(self.scatter(id))
        mean = torch.stack([torch.stack(some).mean(0) for some in by_group.values()]).mean(0)
        mixed = (1 - shrinkage) * mean + shrinkage * torch.eye(len(mean)) / len(mean)
        return torch.linalg.inv(torch.linalg.cholesky(mixed.double())).T.float()


@dataclass(frozen=True)
class Rival:
    """A way of getting a classifier for a task."""

    title: str
    make: Callable[[PhotoBench, LeftOut, Setting], PhotoMethod]
    takes: tuple[str, ...]  # kinds of prompts: "words", "pictures", "both"
    settings: Sequence[Setting] = ({},)  # the best is chosen on sets of other groups; of equals the first
    learns: bool = True  # whether anything in it is learnt from the sets that are not left out
    calibrated: bool = False  # whether its softmax is meant as probabilities; otherwise a heat is chosen beside
    levelled: bool = False  # one more logit, the last: a picture with none above it is of none of the classes
    thousand_only: bool = False  # whether it knows the thousand's names only
    version: str = ""  # of what it is made of beside the tower: another one is measured anew


def grid(**values: Sequence[Any]) -> list[dict[str, Any]]:
    """Every combination."""
    return [dict(zip(values, combination, strict=True)) for combination in product(*values.values())]


def class_means(shown: Tensor) -> Tensor:
    """K x n x D -> K x D, unit means of unit vectors."""
    return normalize(normalize(shown, dim=-1).mean(1), dim=-1)


def means(bench: PhotoBench, left_out: LeftOut, setting: Setting) -> PhotoMethod:
    return lambda shots: _cosines(shots.tested.f - bench.origin, class_means(shots.shown.f - bench.origin))


def discriminant(bench: PhotoBench, left_out: LeftOut, setting: Setting) -> PhotoMethod:
    whitening = bench.whitening(left_out, setting["shrinkage"])

    def logits(shots: Shots) -> Tensor:
        shown, tested = (
            (part.f - bench.origin) @ whitening for part in (shots.shown, shots.tested)
        )  # (K, n, D), (T, D)
        return _cosines(tested, class_means(shown))

    return logits


def logistic(bench: PhotoBench, left_out: LeftOut, setting: Setting) -> PhotoMethod:
    """On unit features: w = w0 + X'C, by Nesterov's gradient steps on C (n K x K), which stay in the span of the shown
    pictures. The steps are as long as the Gram matrix allows: plain ones of a fixed length cost two points with 16
    pictures, most where all pictures are alike.

    start: w0, the means (then rows are made unit vectors in the end) or zero; heat: factor of the logits while it
    learns; decay: weight of |w - w0|^2.
    """

    def logits(shots: Shots) -> Tensor:
        shown = normalize(shots.shown.f - bench.origin, dim=-1)
        classes, count, _ = shown.shape
        x, heat = shown.flatten(0, 1), setting["heat"]
        truth = one_hot(torch.arange(classes).repeat_interleave(count), classes).float()
        rows = class_means(shown) * (setting["start"] == "means")
        gram, first = x @ x.T, x @ rows.T
        steepest = heat * float(torch.linalg.eigvalsh(gram)[-1]) / (2 * count) + setting["decay"]
        c = ahead = torch.zeros(len(x), classes)
        for step in range(STEPS):
            shares = (heat * (first + gram @ ahead)).softmax(1)
            before, c = c, ahead - ((shares - truth) / count + setting["decay"] * ahead) / steepest
            ahead = c + step / (step + 3) * (c - before)
        rows = rows + c.T @ x
        return _cosines(shots.tested.f - bench.origin, rows if setting["start"] == "zero" else normalize(rows, dim=-1))

    return logits


def ridge(bench: PhotoBench, left_out: LeftOut, setting: Setting) -> PhotoMethod:
    """Rows of the tower's last layer, predicted from names: k (K + weight I)^-1 R, k = exp((cosine - 1) / width)."""
    names = thousand()
    kept = torch.tensor([group not in left_out for group in fifths(names).values()])
    known = bench.encode(list(names.values()))[kept]
    rows = normalize(bench.words.weight - bench.words.weight.mean(0), dim=1)[kept]
    mean = rows.mean(0)

    def kernel(one: Tensor, other: Tensor) -> Tensor:
        return ((one @ other.T - 1) / setting["width"]).exp()

    solved = torch.linalg.solve(kernel(known, known) + setting["weight"] * torch.eye(len(known)), rows - mean)

    def logits(shots: Shots) -> Tensor:
        written = kernel(bench.encode(shots.texts), known) @ solved
        return _cosines(shots.tested.f - bench.origin, normalize(written, dim=1))

    return logits


def zero_shot(bench: PhotoBench, left_out: LeftOut, setting: Setting) -> PhotoMethod:
    if bench.words.project is None:
        raise UserError("Zero-shot needs the encoder's pictures beside its texts.")
    encode = bench.words.encode_plain or bench.encode
    return lambda shots: _cosines(bench.words.project(shots.tested.f), encode(shots.texts))


def own_rows(bench: PhotoBench, left_out: LeftOut, setting: Setting) -> PhotoMethod:
    index = {name: k for k, name in enumerate(thousand().values())}

    def logits(shots: Shots) -> Tensor:
        rows = [index[text] for text in shots.texts]
        return shots.tested.f @ bench.words.weight[rows].T + bench.words.bias[rows]

    return logits


def _cosines(tested: Tensor, rows: Tensor) -> Tensor:
    return normalize(tested, dim=-1) @ rows.T


RIVALS = {
    "means": Rival("nearest mean", means, ("pictures",), learns=False),
    "discriminant": Rival(
        "linear discriminant", discriminant, ("pictures",), grid(shrinkage=(0.3, 0.1, 0.6, 0.9)), learns=True
    ),
    "logistic": Rival(
        "logistic regression on the shown pictures",
        logistic,
        ("pictures",),
        grid(start=("means", "zero"), heat=(10, 5, 20), decay=(0.005, 0.0005, 0.02)),
        learns=False,
    ),
    "ridge": Rival(
        "kernel ridge from names to the tower's rows", ridge, ("words",), grid(weight=(1.0, 0.3), width=(0.3, 0.2, 0.5))
    ),
    "zero-shot": Rival("the everyday encoder, zero-shot", zero_shot, ("words",), learns=False),
    "rows": Rival("the tower's own rows", own_rows, ("words",), learns=False, calibrated=True, thousand_only=True),
}
