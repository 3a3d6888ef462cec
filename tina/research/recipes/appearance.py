"""Fits an encoder's `Appearance` to pictures of seen classes and to a lexicon of visible traits, in closed form.

The text tower writes on half of the space's axes only. On axes that it leaves free, the image projection gets Fisher's
linear discriminant of a world's seen classes. The within-class covariance is regularised towards a multiple of the
identity, and by the covariance of the other world's pictures, so that these have little variance on the axes.

Text vectors get the discriminant's components in two kernel ridge regressions. Word similarity alone predicts
appearance badly: the teapot is next to tea. So a lexicon lists visible traits of everyday nouns; the first regression,
from traits, is fitted to the seen classes and predicts the appearance of every noun. The second, from text vectors, is
fitted to the nouns and predicts the appearance of any text.

Chosen on `zoo` pictures, of held-out seen classes and of unseen ones. Most settings have a wide, flat optimum. An
exception is the scale of the appearance in image embeddings: the larger it is, the more accurate is zero-shot
classification of unseen classes (half of it costs a point and a half), and the less accurate are rows that are trained
on pictures (by half a point). In text vectors its weight is small, so that their meaning dominates.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor

from tina.encoder.appearance import DTYPES, FILE, Appearance, likeness, text_axes
from tina.encoder.encoder import Encoder
from tina.research.recipes.lexicon import Lexicon
from tina.storage import save_tensors
from tina.training.fit.linear import covariance, kernel_ridge
from tina.worlds import World, load_world

WORLDS = ("photos", "sketchbook")
PICTURES = 100  # training pictures of each seen class
AXES = 64  # of each world
IMAGE_SCALE = 2.0  # of an image embedding's appearance, relative to its part on the text axes
WITHIN_RIDGE, OTHER_WORLD_WEIGHT = 10.0, 0.5  # regularisers of the within-class covariance
SYNONYMS = 2  # of each seen class, that are given its appearance
TRAIT_RADIUS = 0.4  # of the kernel exp((cosine - 1) / radius) of traits
TRAIT_RIDGE, TEXT_RIDGE = 0.5, 0.2  # of the regressions from traits and from text vectors


def add_appearance(folder: Path, lexicon: Lexicon | None = None) -> dict:
    """Add an appearance to a packed encoder, in place of the one that it may have.

    Args:
        folder: the encoder's; its appearance, image projection and logit scale are overwritten.
        lexicon: of visible traits (default: the one that ships).

    Returns:
        "nouns" of the lexicon, "words" that the regression is fitted to, and the logit "scale".
    """
    (folder / FILE).unlink(missing_ok=True)
    lexicon = lexicon or Lexicon.read()
    encoder = Encoder(f"local-dir:{folder.resolve()}")
    worlds = {id: load_world(id) for id in WORLDS}
    classes = {id: trunk_features(encoder, world) for id, world in worlds.items()}
    basis, free = split_axes(encoder.model.text.text_projection)
    vectors, nouns = regression_texts(encoder, worlds, lexicon)
    words = (vectors @ basis.T).to(DTYPES["words"]).float()  # (M, width)
    parts, projections = {}, [text_axes_projection(encoder, basis, classes)]
    for at, (id, world) in enumerate(worlds.items()):
        others = torch.cat([part for other in WORLDS if other != id for part in classes[other]])
        rows, projection = fisher_discriminant(classes[id], others)
        axes = free[at * AXES : (at + 1) * AXES]  # (AXES, dim)
        targets = predict_from_traits(lexicon.traits, [lexicon.names.index(name) for name in world.seen], rows)
        parts[id] = {"weights": fit_text_regression(words, targets[nouns]), "axes": axes}
        projections.append({name: IMAGE_SCALE * axes.T @ part for name, part in projection.items()})
    encoder.appearance = Appearance(basis, words, parts, encoder.settings)
    encoder.appearance.save(folder)
    projection = {name: sum(part[name] for part in projections).half() for name in ("weight", "bias")}
    encoder.model.visual.head.proj.load_state_dict(projection)
    scale = fit_logit_scale(encoder, worlds)
    file = folder / "open_clip_model.safetensors"
    state = load_file(file) | {f"visual.head.proj.{name}": part for name, part in projection.items()}
    save_tensors(state | {"logit_scale": scale.log()}, file, {"format": "pt"})
    return {"nouns": len(lexicon.names), "words": len(words), "scale": float(scale)}


@torch.inference_mode()
def trunk_features(encoder: Encoder, world: World) -> list[Tensor]:
    """For each seen class the image trunk's features of some training pictures (N x F)."""
    return [
        encoder.model.visual.trunk(
            torch.stack([encoder.preprocess(Image.fromarray(p)) for p in world.pictures("train", name, PICTURES)])
        )
        for name in world.seen
    ]


def split_axes(projection: Tensor) -> tuple[Tensor, Tensor]:
    """Split the space into the axes that a text tower writes on and those that it leaves free.

    Args:
        projection: width x dim, the tower's last matrix.

    Returns:
        Orthonormal bases: width x dim of the text axes, (dim - width) x dim of the free ones.
    """
    return text_axes(projection), torch.linalg.svd(projection.float()).Vh[len(projection) :]


def text_axes_projection(encoder: Encoder, basis: Tensor, classes: dict[str, list[Tensor]]) -> dict[str, Tensor]:
    """The trained image projection, projected onto the text axes.

    Args:
        encoder: whose image tower's projection it is.
        basis: width x dim, of the text axes.
        classes: for each world, for each class N x F, by which the projection is scaled.

    Returns:
        "weight" (dim x F) and "bias" (dim).
    """
    trained = encoder.model.visual.head.proj
    projection = {name: basis.T @ basis @ getattr(trained, name).detach() for name in ("weight", "bias")}
    return normalise_projection(projection, [part for world in classes.values() for part in world])


def fisher_discriminant(classes: list[Tensor], others: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """Fisher's linear discriminant: the axes with the largest variance between classes relative to that within them.

    Args:
        classes: for each of C classes N x F, the features of its pictures.
        others: M x F, features of pictures that should have little variance on the axes.

    Returns:
        C x AXES unit vectors, whose products with a picture's projection are its scores; and the projection, "weight"
        (AXES x F) and "bias" (AXES), which maps the mean of the classes to zero.
    """
    means = torch.stack([part.mean(0) for part in classes])  # (C, F)
    mean = means.mean(0)
    within = covariance(torch.cat([part - own for part, own in zip(classes, means, strict=True)]))  # (F, F)
    regularised = within + OTHER_WORLD_WEIGHT * covariance(others - mean)
    regularised.diagonal().add_(WITHIN_RIDGE * within.diagonal().mean())
    root = torch.linalg.cholesky(regularised)
    whitened = torch.linalg.solve_triangular(root, (means - mean).T, upper=False).T  # (C, F)
    u, s, vh = torch.linalg.svd(whitened, full_matrices=False)
    weight = torch.linalg.solve_triangular(root.T, vh[:AXES].T, upper=True).T  # (AXES, F)
    projection = normalise_projection({"weight": weight, "bias": -weight @ mean}, classes)
    return F.normalize(u[:, :AXES] * s[:AXES], dim=1), projection


def normalise_projection(projection: dict[str, Tensor], classes: list[Tensor]) -> dict[str, Tensor]:
    """Scale a projection so that projected features have norm 1 on average.

    Args:
        projection: "weight" (P x F) and "bias" (P).
        classes: for each class N x F; classes count the same.

    Returns:
        "weight" and "bias", scaled.
    """
    norms = [(part @ projection["weight"].T + projection["bias"]).norm(dim=1).mean() for part in classes]
    return {name: part / torch.stack(norms).mean() for name, part in projection.items()}


def regression_texts(encoder: Encoder, worlds: dict[str, World], lexicon: Lexicon) -> tuple[Tensor, Tensor]:
    """The texts that the second regression is fitted to: the lexicon's nouns, and synonyms and the mean description of
    every seen class.

    Args:
        encoder: without an appearance.
        worlds: whose seen classes are used.
        lexicon: with all of these classes in it.

    Returns:
        M x dim unit vectors, and for each the number of the noun whose appearance it gets (M).
    """
    vectors, nouns = [encoder.encode_texts(lexicon.names)], list(range(len(lexicon.names)))
    for name, thing in {name: world.things[name] for world in worlds.values() for name in world.seen}.items():
        description = encoder.encode_texts(thing.descriptions).mean(0, keepdim=True)  # (1, dim)
        vectors += [encoder.encode_texts(thing.synonyms[:SYNONYMS]), F.normalize(description, dim=1)]
        nouns += (1 + len(vectors[-2])) * [lexicon.names.index(name)]
    return torch.cat(vectors), torch.tensor(nouns)


def predict_from_traits(traits: Tensor, seen: list[int], rows: Tensor) -> Tensor:
    """The appearance of every noun: a seen class's own, and for other nouns a kernel ridge regression from traits.

    Args:
        traits: N x T, unit vectors of all nouns.
        seen: the numbers of the S nouns that are seen classes.
        rows: S x A, their appearance as unit vectors.

    Returns:
        N x A unit vectors.
    """
    kernel = likeness(traits, traits[seen], TRAIT_RADIUS)  # (N, S)
    predicted = F.normalize(kernel @ kernel_ridge(kernel[seen], rows, TRAIT_RIDGE), dim=1)
    predicted[seen] = rows
    return predicted


def fit_text_regression(words: Tensor, targets: Tensor) -> Tensor:
    """Fit the kernel ridge regression from text vectors to appearance.

    Args:
        words: M x width, unit vectors on the text axes.
        targets: M x A, their appearance.

    Returns:
        M x A coefficients, rounded to the dtype that they are saved in.
    """
    return kernel_ridge(likeness(words, words), targets, TEXT_RIDGE).to(DTYPES["weights"]).float()


def fit_logit_scale(encoder: Encoder, worlds: dict[str, World]) -> Tensor:
    """The logit scale with the least cross-entropy on `zoo` pictures of the seen classes, to which no part of the
    encoder is fitted."""
    scales, losses = torch.logspace(0.5, 2.5, 41), 0.0
    for world in worlds.values():
        rows = encoder.encode_texts(world.seen)  # (C, dim)
        pictures = [encoder.encode_images(list(world.pictures("zoo", name, 20))) for name in world.seen]
        cosines = torch.cat(pictures) @ rows.T  # (N, C)
        labels = torch.arange(len(rows)).repeat_interleave(torch.tensor([len(part) for part in pictures]))
        losses = losses + torch.stack([F.cross_entropy(scale * cosines, labels) for scale in scales])
    return scales[losses.argmin()]
