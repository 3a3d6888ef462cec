"""What the encoder's texts say of how a thing looks, and where its pictures show that: all in closed form.

The text tower writes on half of the space's axes only. On axes that it leaves free, a picture shows what tells its
world's seen classes apart (Fisher's discriminant). A discriminant is held back towards nothing, and by the other
world's pictures, to which it should say little: photographs are not told apart by what tells sketches apart.

A text says what of that goes with words like it. Words alone know little of it: the teapot is next to tea. So a lexicon
says of everyday nouns what is seen of them, seen classes tell what each such trait looks like to the encoder, and
thus every noun has a look (kernel ridge regression, from traits). Then texts have one (again, from words).

Chosen on `zoo` pictures, of classes left out and of unseen ones. Most settings have a wide, flat optimum. Not so how
loud looks are: the louder, the better unseen classes are named (half as loud: a point and a half less), and the worse
are rows that are trained on what pictures show (half a point); a text's are short for the sake of what it means.
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

WORLDS, PICTURES = ("photos", "sketchbook"), 100  # and how many training pictures of each seen class
AXES, LOUD = 64, 2.0  # of each world; how much a picture shows on them beside what it shows on the words' axes
HELD, BY_OTHERS = 10.0, 0.5  # how much a discriminant is held back
SYNONYMS = 2  # of each seen class, that are known to look like it
REACH_OF_TRAITS = 0.4  # how much less alike in traits a thing may be, and still count by 1/e
DOUBT_TRAITS, DOUBT_WORDS = 0.5, 0.2  # of the regressions: that traits say how a thing looks, and that words do


def add_looks(folder: Path, lexicon: Lexicon | None = None) -> dict:
    """To the packed encoder in a folder: once more is no more."""
    (folder / FILE).unlink(missing_ok=True)
    lexicon = lexicon or Lexicon.read()
    encoder = Encoder(f"local-dir:{folder.resolve()}")
    worlds = {id: load_world(id) for id in WORLDS}
    shown = {id: features(encoder, world) for id, world in worlds.items()}
    meaning, free = axes_of(encoder.model.text.text_projection)
    vectors, owners = said(encoder, worlds, lexicon)
    words = (vectors @ meaning.T).to(DTYPES["words"]).float()
    parts, projections = {}, [words_projection(encoder, meaning, shown)]
    for at, (id, world) in enumerate(worlds.items()):
        others = torch.cat([row for other in WORLDS if other != id for row in shown[other]])
        rows, projection = tell_apart(shown[id], others)
        axes = free[at * AXES : (at + 1) * AXES]
        looks = expected(lexicon.traits, [lexicon.names.index(name) for name in world.seen], rows)
        parts[id] = {"weights": by_prompt_kind(words, looks[owners]), "axes": axes}
        projections.append({name: LOUD * axes.T @ part for name, part in projection.items()})
    encoder.appearance = Appearance(meaning, words, parts, encoder.settings)
    encoder.appearance.save(folder)
    projection = {name: sum(part[name] for part in projections).half() for name in ("weight", "bias")}
    encoder.model.visual.head.proj.load_state_dict(projection)
    scale = fitting_scale(encoder, worlds)
    file = folder / "open_clip_model.safetensors"
    state = load_file(file) | {f"visual.head.proj.{name}": part for name, part in projection.items()}
    save_tensors(state | {"logit_scale": scale.log()}, file, {"format": "pt"})
    return {"nouns": len(lexicon.names), "words": len(words), "scale": float(scale)}


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
    return text_axes(projection), torch.linalg.svd(projection.float()).Vh[len(projection) :]


def words_projection(encoder: Encoder, meaning: Tensor, shown: dict[str, list[Tensor]]) -> dict[str, Tensor]:
    """The picture's projection as it was trained, on the words' axes alone."""
    trained = encoder.model.visual.head.proj
    projection = {name: meaning.T @ meaning @ getattr(trained, name).detach() for name in ("weight", "bias")}
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


def said(encoder: Encoder, worlds: dict[str, World], lexicon: Lexicon) -> tuple[Tensor, Tensor]:
    """Words whose looks are known, and which noun of the lexicon each looks like: itself, or of seen classes the noun
    that some synonyms and what their descriptions have in common stand for."""
    vectors, owners = [encoder.encode_texts(lexicon.names)], list(range(len(lexicon.names)))
    for name, thing in {name: world.things[name] for world in worlds.values() for name in world.seen}.items():
        described = encoder.encode_texts(thing.descriptions).mean(0, keepdim=True)
        vectors += [encoder.encode_texts(thing.synonyms[:SYNONYMS]), F.normalize(described, dim=1)]
        owners += (1 + len(vectors[-2])) * [lexicon.names.index(name)]
    return torch.cat(vectors), torch.tensor(owners)


def expected(traits: Tensor, seen: list[int], rows: Tensor) -> Tensor:
    """How each noun of a lexicon looks in a world: as the pictures of its seen classes show, otherwise as classes with
    like traits do."""
    alike = likeness(traits, traits[seen], REACH_OF_TRAITS)
    looks = F.normalize(alike @ kernel_ridge(alike[seen], rows, DOUBT_TRAITS), dim=1)
    looks[seen] = rows
    return looks


def by_prompt_kind(words: Tensor, looks: Tensor) -> Tensor:
    """The regression from words to how what they name looks."""
    return kernel_ridge(likeness(words, words), looks, DOUBT_WORDS).to(DTYPES["weights"]).float()


def fitting_scale(encoder: Encoder, worlds: dict[str, World]) -> Tensor:
    """What makes cosines the best logits for pictures of the seen classes that no part of the encoder was fitted to."""
    scales, losses = torch.logspace(0.5, 2.5, 41), 0.0
    for world in worlds.values():
        rows = encoder.encode_texts(world.seen)
        pictures = [encoder.encode_images(list(world.pictures("zoo", name, 20))) for name in world.seen]
        cosines = torch.cat(pictures) @ rows.T
        labels = torch.arange(len(rows)).repeat_interleave(torch.tensor([len(part) for part in pictures]))
        losses = losses + torch.stack([F.cross_entropy(scale * cosines, labels) for scale in scales])
    return scales[losses.argmin()]
