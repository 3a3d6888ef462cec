"""The image tower: a small conv net that learns to put pictures where their words are.

It sees the `train` pictures of the *seen* classes of `photos` and `sketchbook`, and nothing else. Each step, every
class speaks through one of its texts (its name, a synonym, a description), and every picture is asked which class of
all it is; look-alikes in meaning are forgiven a little. A second question asks for its families, so that "fruit"
works too.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from tina.research.recipes.clock import Clock
from tina.storage import save_tensors
from tina.training.resume import Checkpointer, read_progress, state_of
from tina.training.schedule import set_rate, warmup_cosine
from tina.worlds import Thing, load_world

BATCH = 192
SHARES = {"tiny-imagenet": 0.6, "caltech-101": 0.12, "sketchbook": 0.28}  # of a batch
SIZES = {"tiny-imagenet": 32, "caltech-101": 64, "sketchbook": 32}
EDGES, GROWN = (48, 64), 0.8  # pictures are small for most of the time: the same lessons, faster
FORGIVEN, TEXTS_WEIGHT, FAMILY_WEIGHT, PLAIN_WEIGHT = 0.1, 0.3, 0.2, 0.5


class Pictures:
    """All training pictures in memory, class by class; batches drawn evenly over classes within each world."""

    def __init__(self, seed: int):
        self.random = np.random.default_rng(seed)
        self.things: dict[str, Thing] = {}
        self.worlds: dict[str, tuple[Tensor, np.ndarray, np.ndarray, np.ndarray]] = {}
        for id, size in SIZES.items():
            world = load_world(id, size)
            self.things |= {name: world.things[name] for name in world.seen}
            numbers = {name: i for i, name in enumerate(self.things)}
            arrays = [world.pictures("train", name) for name in world.seen]
            counts = np.array([len(a) for a in arrays])
            pictures = torch.from_numpy(np.concatenate(arrays)).permute(0, 3, 1, 2).contiguous()
            self.worlds[id] = pictures, np.cumsum(counts) - counts, counts, np.array([numbers[n] for n in world.seen])

    def batch(self, size: int, edge: int) -> tuple[Tensor, Tensor]:
        """Augmented pictures in [0, 1] at edge x edge, and the number of each one's class."""
        parts, labels = [], []
        for id, share in SHARES.items():
            pictures, starts, counts, numbers = self.worlds[id]
            classes = self.random.integers(len(starts), size=round(size * share))
            rows = starts[classes] + (self.random.random(len(classes)) * counts[classes]).astype(int)
            parts.append(augment(pictures[torch.from_numpy(rows)].float() / 255, edge, self.random))
            labels.append(numbers[classes])
        return torch.cat(parts), torch.from_numpy(np.concatenate(labels))


def augment(x: Tensor, edge: int, random: np.random.Generator) -> Tensor:
    """Zoomed, turned, shifted, mirrored; light, contrast and colour changed; a patch covered."""
    n = len(x)

    def draw(low: float, high: float, *shape: int) -> Tensor:
        return torch.from_numpy(random.uniform(low, high, (n, *shape)).astype(np.float32))

    zoom, aspect, turn = draw(0.65, 1.05), draw(0.88, 1.14), draw(-0.2, 0.2)
    flip = (draw(0, 1) < 0.5).float() * 2 - 1
    room = (1 - zoom).clamp(min=0) + 0.06
    cos, sin = zoom * turn.cos(), zoom * turn.sin()
    rows = [cos * aspect * flip, -sin, draw(-1, 1) * room, sin * flip, cos / aspect, draw(-1, 1) * room]
    grid = F.affine_grid(torch.stack(rows, 1).view(n, 2, 3), [n, 3, edge, edge], align_corners=False)
    x = F.grid_sample(x, grid, mode="bicubic", padding_mode="reflection", align_corners=False).clamp(0, 1)
    grey = x.mean(1, keepdim=True)
    x = grey + (x - grey) * draw(0.5, 1.4, 1, 1, 1)
    x = (x - 0.5) * draw(0.7, 1.3, 1, 1, 1) + 0.5 + draw(-0.15, 0.15, 1, 1, 1) + draw(-0.05, 0.05, 3, 1, 1)
    at, half = draw(-0.8, 0.8, 2, 1), draw(0.0, 0.3, 2, 1)
    axis = torch.linspace(-1, 1, edge)
    covered = (axis - at).abs() < half  # n x 2 x edge
    hole = (covered[:, 0, :, None] & covered[:, 1, None, :] & (draw(0, 1, 1, 1) < 0.4))[:, None]
    return torch.where(hole, draw(0, 1, 3, 1, 1), x)


class Words:
    """What the text tower's teacher says of every class and family."""

    def __init__(self, things: dict[str, Thing], encode, seed: int):
        self.random = np.random.default_rng(seed)
        texts = [thing.texts for thing in things.values()]
        self.vectors = encode([t for ts in texts for t in ts])
        lengths = np.array([len(t) for t in texts])
        self.starts, self.lengths = np.cumsum(lengths) - lengths, lengths
        self.synonyms = np.array([len(thing.synonyms) for thing in things.values()])
        self.names = self.vectors[self.starts]
        self.likeness = (self.names @ self.names.T / 0.05).softmax(1)
        families = sorted({f for thing in things.values() for f in thing.families})
        self.families = encode(families)
        belongs = torch.tensor([[f in thing.families for f in families] for thing in things.values()]).float()
        self.belongs = belongs / belongs.sum(1, keepdim=True).clamp(min=1)

    def draw(self) -> Tensor:
        """One text for each class: its name half of the time, otherwise a synonym or a description."""
        kind = self.random.random(len(self.starts))
        any_synonym = 1 + (self.random.random(len(kind)) * self.synonyms).astype(int)
        descriptions = self.lengths - 1 - self.synonyms
        any_description = 1 + self.synonyms + (self.random.random(len(kind)) * descriptions).astype(int)
        return self.vectors[self.starts + np.where(kind < 0.5, 0, np.where(kind < 0.7, any_synonym, any_description))]


def train(model, encode, mean, std, run: Path, minutes: float, accelerator, rate: float = 2e-3) -> dict:
    """Trains model.visual; what ships is the average of its weights along the way."""
    state = run / "image-state.safetensors"
    clock = Clock(minutes, read_progress(state))
    seed = 17 + accelerator.process_index + clock.steps
    pictures = Pictures(seed)
    words = Words(pictures.things, encode, seed)
    trainable = Trainable(model.visual, len(pictures.things))
    average = AveragedModel(trainable, multi_avg_fn=get_ema_multi_avg_fn(0.998), use_buffers=True)
    decay = [p for p in trainable.parameters() if p.ndim > 1]
    plain = [p for p in trainable.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decay}, {"params": plain, "weight_decay": 0.0}], lr=rate, weight_decay=0.05
    )
    wrapped, optimizer = accelerator.prepare(trainable.to(memory_format=torch.channels_last), optimizer)
    checkpointer = Checkpointer(state, state_of(trainable=trainable, average=average), optimizer)
    checkpointer.load()
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (mean, std))
    loss_now = right_now = None
    clock.restart()  # reading the pictures is not training
    while not clock.over:
        set_rate(optimizer, rate * warmup_cosine(clock.share))
        x, labels = pictures.batch(BATCH, EDGES[clock.share > GROWN])
        x = ((x - mean) / std).contiguous(memory_format=torch.channels_last)
        texts, labels = words.draw().to(accelerator.device), labels.to(accelerator.device)
        with accelerator.autocast():
            vectors, scale, plain = wrapped(x.to(accelerator.device))
        target = (1 - FORGIVEN) * F.one_hot(labels, len(texts)) + FORGIVEN * words.likeness[labels]
        scores = scale * vectors @ words.names.T
        loss = F.cross_entropy(scores, target) + PLAIN_WEIGHT * F.cross_entropy(plain.float(), labels)
        loss = loss + TEXTS_WEIGHT * F.cross_entropy(scale * vectors @ texts.T, target)
        loss = loss + FAMILY_WEIGHT * F.cross_entropy(scale * vectors @ words.families.T, words.belongs[labels])
        optimizer.zero_grad()
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(trainable.parameters(), 2.0)
        optimizer.step()
        average.update_parameters(trainable)
        right = (scores.argmax(1) == labels).float().mean().item()
        loss_now = loss.item() if loss_now is None else 0.98 * loss_now + 0.02 * loss.item()
        right_now = right if right_now is None else 0.98 * right_now + 0.02 * right
        clock.steps += 1
        if checkpointer.due() and accelerator.is_main_process:
            line = f"image {clock.line()} loss {loss_now:.3f} right {100 * right_now:.1f}% of {len(texts)} classes"
            print(line, file=sys.stderr, flush=True)
            checkpointer.save(clock.progress)
    if accelerator.is_main_process:
        checkpointer.save(clock.progress)
        save_tensors(average.module.state_dict(), run / "image.safetensors")
    return {"classes": len(words.starts), "steps": clock.steps, "minutes": clock.seconds / 60}


class Trainable(nn.Module):
    """The tower, its temperature, and beside it a plain classifier that speeds learning up and is thrown away."""

    def __init__(self, tower: nn.Module, classes: int):
        super().__init__()
        self.tower = tower
        self.plain = nn.Linear(tower.trunk.num_features, classes)
        self.log_scale = nn.Parameter(torch.tensor(3.4))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        features = self.tower.trunk(x)
        vectors = F.normalize(self.tower.head(features).float(), dim=1)
        return vectors, self.log_scale.exp().clamp(max=60), self.plain(features)
