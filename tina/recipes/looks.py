"""What the encoder's texts say of how a thing looks, and where its pictures show that: all in closed form.

The text tower writes on half of the space's axes only. On axes that it leaves free, a picture shows what tells its
world's seen classes apart (Fisher's discriminant), and a text says what of that goes with words like it (kernel ridge
regression from the classes' words to their discriminants). A discriminant is held back towards nothing, and by the
other world's pictures, to which it should say little: photographs are not told apart by what tells sketches apart.

Chosen on `zoo` pictures, of classes left out and of unseen ones. Most settings have a wide, flat optimum. Not so how
loud looks are: the louder, the better unseen classes are named (half as loud: a point and a half less), and the worse
are rows that are trained on what pictures show (half a point); a text's are short for the sake of what it means.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor

from tina.encoder import Encoder
from tina.linear import covariance, ridge_by_likeness
from tina.looks import FILE, Looks, likeness
from tina.worlds import World, load_world

WORLDS, PICTURES = ("photos", "sketchbook"), 100  # and how many training pictures of each seen class
AXES, LOUD = 64, 2.0  # of each world; how much a picture shows on them beside what it shows on the words' axes
HELD, BY_OTHERS = 10.0, 0.5  # how much a discriminant is held back
DOUBT = 0.5  # of the regression: that a text says how its class looks


def add_looks(folder: Path) -> dict:
    """To the packed encoder in a folder: once more is no more."""
    (folder / FILE).unlink(missing_ok=True)
    encoder = Encoder(f"local-dir:{folder.resolve()}")
    worlds = {id: load_world(id) for id in WORLDS}
    shown = {id: features(encoder, world) for id, world in worlds.items()}
    taken, free = axes_of(encoder.model.text.text_projection)
    parts, projections = {}, [words_projection(encoder, taken, shown)]
    for at, (id, world) in enumerate(worlds.items()):
        others = torch.cat([row for other in WORLDS if other != id for row in shown[other]])
        rows, projection = tell_apart(shown[id], others)
        axes = free[at * AXES : (at + 1) * AXES]
        parts[id] = {**by_words(*said(encoder, world), rows), "axes": axes}
        projections.append({name: LOUD * axes.T @ part for name, part in projection.items()})
    encoder.looks = Looks(parts)
    encoder.looks.save(folder)
    projection = {name: sum(part[name] for part in projections).half() for name in ("weight", "bias")}
    encoder.model.visual.head.proj.load_state_dict(projection)
    scale = fitting_scale(encoder, worlds)
    file = folder / "open_clip_model.safetensors"
    state = load_file(file) | {f"visual.head.proj.{name}": part for name, part in projection.items()}
    save_file(state | {"logit_scale": scale.log()}, file, metadata={"format": "pt"})
    return {"words": {id: len(part["words"]) for id, part in parts.items()}, "scale": float(scale)}


@torch.inference_mode()
def features(encoder: Encoder, world: World) -> list[Tensor]:
    """Of each seen class, what the trunk sees of some of its pictures."""
    return [
        encoder.model.visual.trunk(
            torch.stack([encoder.preprocess(Image.fromarray(p)) for p in world.pictures("train", name, PICTURES)])
        )
        for name in world.seen
    ]


def axes_of(projection: Tensor) -> tuple[Tensor, Tensor]:
    """The axes that a tower's last matrix (width x dim) writes on, and those that are free."""
    axes = torch.linalg.svd(projection.float()).Vh
    return axes[: len(projection)], axes[len(projection) :]


def words_projection(encoder: Encoder, taken: Tensor, shown: dict[str, list[Tensor]]) -> dict[str, Tensor]:
    """The picture's projection as it was trained, on the words' axes alone."""
    trained = encoder.model.visual.head.proj
    projection = {name: taken.T @ taken @ getattr(trained, name).detach() for name in ("weight", "bias")}
    return of_length_one(projection, [part for classes in shown.values() for part in classes])


def tell_apart(classes: list[Tensor], others: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """(classes x AXES unit vectors, features -> AXES): a picture's likeness to each class, on the axes where classes
    differ most beside how pictures of one do. The average picture is at their middle."""
    means = torch.stack([part.mean(0) for part in classes])
    average = means.mean(0)
    within = covariance(torch.cat([part - mean for part, mean in zip(classes, means, strict=True)]))
    held = within + BY_OTHERS * covariance(others - average)
    held.diagonal().add_(HELD * within.diagonal().mean())
    root = torch.linalg.cholesky(held)
    apart = torch.linalg.solve_triangular(root, (means - average).T, upper=False).T
    u, s, vh = torch.linalg.svd(apart, full_matrices=False)
    weight = torch.linalg.solve_triangular(root.T, vh[:AXES].T, upper=True).T
    projection = of_length_one({"weight": weight, "bias": -weight @ average}, classes)
    return F.normalize(u[:, :AXES] * s[:AXES], dim=1), projection


def of_length_one(projection: dict[str, Tensor], classes: list[Tensor]) -> dict[str, Tensor]:
    """For the average of the classes' pictures."""
    lengths = [(part @ projection["weight"].T + projection["bias"]).norm(dim=1).mean() for part in classes]
    return {name: part / torch.stack(lengths).mean() for name, part in projection.items()}


def said(encoder: Encoder, world: World) -> tuple[Tensor, Tensor]:
    """Texts of the seen classes, each class's name and what its descriptions have in common, and whose they are."""
    names = encoder.encode_anew(world.seen)
    described = [encoder.encode_anew(world.things[name].descriptions).mean(0) for name in world.seen]
    return torch.cat([names, F.normalize(torch.stack(described), dim=1)]), torch.arange(len(names)).repeat(2)


def by_words(words: Tensor, owners: Tensor, rows: Tensor) -> dict[str, Tensor]:
    """The regression from words to how their owners look."""
    words = words.half().float()  # as they are kept
    return {"words": words, "weights": ridge_by_likeness(likeness(words, words), rows[owners], DOUBT)}


def fitting_scale(encoder: Encoder, worlds: dict[str, World]) -> Tensor:
    """What makes cosines the best logits for pictures of the seen classes that no part of the encoder was fitted to."""
    scales, losses = torch.logspace(0.5, 2.5, 41), 0.0
    for world in worlds.values():
        rows = encoder.encode_anew(world.seen)
        pictures = [encoder.encode_images(list(world.pictures("zoo", name, 20))) for name in world.seen]
        cosines = torch.cat(pictures) @ rows.T
        labels = torch.arange(len(rows)).repeat_interleave(torch.tensor([len(part) for part in pictures]))
        losses = losses + torch.stack([F.cross_entropy(scale * cosines, labels) for scale in scales])
    return scales[losses.argmin()]
