"""The image tower: a small convolutional network, trained to map pictures to the text vectors of their classes.

It is trained on the `train` pictures of the *seen* classes of `photos` and `sketchbook`, and on no others. The loss is
a sum of cross-entropies over all classes: against their names' vectors, and against one text of each class (its name, a
synonym or a description) that is drawn anew at each step. Targets are smoothed towards classes with similar names. A
further cross-entropy, over families, makes names such as "fruit" work too.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from tina.storage import save_tensors
from tina.training.clock import Clock
from tina.training.resume import Checkpointer, read_progress, state_of
from tina.training.schedule import set_rate, warmup_cosine
from tina.worlds import Thing, load_world

BATCH = 192
SHARES = {"tiny-imagenet": 0.6, "caltech-101": 0.12, "sketchbook": 0.28}  # of a batch
SIZES = {"tiny-imagenet": 32, "caltech-101": 64, "sketchbook": 32}
EDGES, FULL_SIZE_FROM = (48, 64), 0.8  # pictures are smaller, hence faster, in the first 80% of the training
WARMUP, FIRST_RATE = 0.03, 1e-3  # the share of the training in which the learning rate rises, and what from
SMOOTHING = 0.1  # of the targets, towards classes with similar names
TEXTS_WEIGHT, FAMILY_WEIGHT, CLASSIFIER_WEIGHT = 0.3, 0.2, 0.5  # of the losses, where that of names has 1


class Pictures:
    """All training pictures, in memory. Within each world, batches are uniform over classes.

    Args:
        seed: of batches and augmentation.
    """

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
        """Draw augmented pictures.

        Args:
            size: of the batch, B.
            edge: of the pictures.

        Returns:
            Pictures (B x 3 x edge x edge, about in [0, 1]) and class labels (B).
        """
        parts, labels = [], []
        for id, share in SHARES.items():
            pictures, starts, counts, numbers = self.worlds[id]
            classes = self.random.integers(len(starts), size=round(size * share))
            rows = starts[classes] + (self.random.random(len(classes)) * counts[classes]).astype(int)
            parts.append(augment(pictures[torch.from_numpy(rows)].float() / 255, edge, self.random))
            labels.append(numbers[classes])
        return torch.cat(parts), torch.from_numpy(np.concatenate(labels))


def augment(x: Tensor, edge: int, random: np.random.Generator) -> Tensor:
    """Random affine maps and flips, random brightness, contrast and saturation, and random erasing.

    Args:
        x: N x 3 x H x W, in [0, 1].
        edge: of the pictures that come back.
        random: where all draws come from.

    Returns:
        N x 3 x edge x edge; brightness and contrast may leave [0, 1].
    """
    n = len(x)

    def draw(low: float, high: float, *shape: int) -> Tensor:
        return torch.from_numpy(random.uniform(low, high, (n, *shape)).astype(np.float32))

    zoom, aspect, angle = draw(0.65, 1.05), draw(0.88, 1.14), draw(-0.2, 0.2)
    flip = (draw(0, 1) < 0.5).float() * 2 - 1
    max_shift = (1 - zoom).clamp(min=0) + 0.06
    cos, sin = zoom * angle.cos(), zoom * angle.sin()
    rows = [cos * aspect * flip, -sin, draw(-1, 1) * max_shift, sin * flip, cos / aspect, draw(-1, 1) * max_shift]
    grid = F.affine_grid(torch.stack(rows, 1).view(n, 2, 3), [n, 3, edge, edge], align_corners=False)
    x = F.grid_sample(x, grid, mode="bicubic", padding_mode="reflection", align_corners=False).clamp(0, 1)
    grey = x.mean(1, keepdim=True)
    x = grey + (x - grey) * draw(0.5, 1.4, 1, 1, 1)
    x = (x - 0.5) * draw(0.7, 1.3, 1, 1, 1) + 0.5 + draw(-0.15, 0.15, 1, 1, 1) + draw(-0.05, 0.05, 3, 1, 1)
    at, half = draw(-0.8, 0.8, 2, 1), draw(0.0, 0.3, 2, 1)
    axis = torch.linspace(-1, 1, edge)
    erased = (axis - at).abs() < half  # (N, 2, edge)
    hole = (erased[:, 0, :, None] & erased[:, 1, None, :] & (draw(0, 1, 1, 1) < 0.4))[:, None]
    return torch.where(hole, draw(0, 1, 3, 1, 1), x)


class TextTargets:
    """Text vectors of every class and family.

    Args:
        things: name -> the class, in the order of the labels.
        encode: from N texts to their unit vectors (N x dim).
        seed: of the texts that are drawn.
    """

    def __init__(self, things: dict[str, Thing], encode, seed: int):
        self.random = np.random.default_rng(seed)
        texts = [thing.texts for thing in things.values()]
        self.vectors = encode([t for ts in texts for t in ts])
        lengths = np.array([len(t) for t in texts])
        self.starts, self.lengths = np.cumsum(lengths) - lengths, lengths
        self.synonyms = np.array([len(thing.synonyms) for thing in things.values()])
        self.names = self.vectors[self.starts]  # (C, dim)
        self.similarity = (self.names @ self.names.T / 0.05).softmax(1)  # (C, C), rows sum to 1
        families = sorted({f for thing in things.values() for f in thing.families})
        self.families = encode(families)  # (families, dim)
        member = torch.tensor([[f in thing.families for f in families] for thing in things.values()]).float()
        self.family_shares = member / member.sum(1, keepdim=True).clamp(min=1)  # (C, families)

    def draw(self) -> Tensor:
        """One text's vector for each class (C x dim): a name (probability 0.5), synonym (0.2) or description (0.3)."""
        kind = self.random.random(len(self.starts))
        any_synonym = 1 + (self.random.random(len(kind)) * self.synonyms).astype(int)
        descriptions = self.lengths - 1 - self.synonyms
        any_description = 1 + self.synonyms + (self.random.random(len(kind)) * descriptions).astype(int)
        return self.vectors[self.starts + np.where(kind < 0.5, 0, np.where(kind < 0.7, any_synonym, any_description))]


def train(model, encode, mean, std, run: Path, minutes: float, accelerator, rate: float = 2e-3) -> dict:
    """Train the image tower, for so many minutes over all runs.

    Args:
        model: the open_clip model whose `visual` is trained, in place.
        encode: from N texts to their unit vectors (N x dim).
        mean: of each colour channel, to normalise pictures with.
        std: likewise, the standard deviation.
        run: a folder; "image-state.safetensors" (to resume from) and "image.safetensors" (a `Trainable` with weights
            averaged over steps, which is what ships) are written to it.
        minutes: of training in all.
        accelerator: accelerate's.
        rate: the highest learning rate.

    Returns:
        The numbers of "classes", "steps" and "minutes".
    """
    state = run / "image-state.safetensors"
    clock = Clock(minutes, read_progress(state))
    seed = 17 + accelerator.process_index + clock.steps
    pictures = Pictures(seed)
    targets = TextTargets(pictures.things, encode, seed)
    trainable = Trainable(model.visual, len(pictures.things))
    average = AveragedModel(trainable, multi_avg_fn=get_ema_multi_avg_fn(0.998), use_buffers=True)
    optimizer = adamw(trainable, rate)
    wrapped, optimizer = accelerator.prepare(trainable.to(memory_format=torch.channels_last), optimizer)
    checkpointer = Checkpointer(state, state_of(trainable=trainable, average=average), optimizer)
    checkpointer.load()
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (mean, std))
    mean_loss = mean_accuracy = None
    clock.restart()  # reading the pictures is not training
    while not clock.finished:
        set_rate(optimizer, rate * warmup_cosine(clock.share, WARMUP, FIRST_RATE))
        x, labels = pictures.batch(BATCH, EDGES[clock.share > FULL_SIZE_FROM])  # (B, 3, edge, edge), (B)
        x = ((x - mean) / std).contiguous(memory_format=torch.channels_last)
        texts, labels = targets.draw().to(accelerator.device), labels.to(accelerator.device)
        with accelerator.autocast():
            vectors, scale, class_logits = wrapped(x.to(accelerator.device))  # (B, dim), (), (B, C)
        logits = scale * vectors @ targets.names.T  # (B, C)
        loss = loss_of_logits(
            logits, class_logits, scale * vectors @ texts.T, scale * vectors @ targets.families.T, labels, targets
        )
        optimizer.zero_grad()
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(trainable.parameters(), 2.0)
        optimizer.step()
        average.update_parameters(trainable)
        accuracy = (logits.argmax(1) == labels).float().mean().item()
        mean_loss = loss.item() if mean_loss is None else 0.98 * mean_loss + 0.02 * loss.item()
        mean_accuracy = accuracy if mean_accuracy is None else 0.98 * mean_accuracy + 0.02 * accuracy
        clock.steps += 1
        if checkpointer.due() and accelerator.is_main_process:
            line = f"image {clock.line()} loss {mean_loss:.3f} right {100 * mean_accuracy:.1f}% of {len(texts)} classes"
            print(line, file=sys.stderr, flush=True)
            checkpointer.save(clock.progress)
    if accelerator.is_main_process:
        checkpointer.save(clock.progress)
        save_tensors(average.module.state_dict(), run / "image.safetensors")
    return {"classes": len(targets.starts), "steps": clock.steps, "minutes": clock.seconds / 60}


def loss_of_logits(
    names: Tensor, classifier: Tensor, texts: Tensor, families: Tensor, labels: Tensor, targets: TextTargets
) -> Tensor:
    """The weighted sum of the cross-entropies.

    Args:
        names: B x C, logits of the classes' names.
        classifier: B x C, logits of the auxiliary classifier.
        texts: B x C, logits of one text of each class.
        families: B x families, logits of the families' names.
        labels: B class labels.
        targets: with the similarity of classes and their families.

    Returns:
        The loss, a scalar.
    """
    smoothed = (1 - SMOOTHING) * F.one_hot(labels, names.shape[1]) + SMOOTHING * targets.similarity[labels]  # (B, C)
    loss = F.cross_entropy(names, smoothed) + CLASSIFIER_WEIGHT * F.cross_entropy(classifier.float(), labels)
    loss = loss + TEXTS_WEIGHT * F.cross_entropy(texts, smoothed)
    return loss + FAMILY_WEIGHT * F.cross_entropy(families, targets.family_shares[labels])


def adamw(module: nn.Module, rate: float) -> torch.optim.AdamW:
    """AdamW whose weight decay leaves out biases, norms and the scale.

    Args:
        module: whose parameters are optimised.
        rate: the learning rate.
    """
    decay = [p for p in module.parameters() if p.ndim > 1]
    no_decay = [p for p in module.parameters() if p.ndim <= 1]
    groups = [{"params": decay}, {"params": no_decay, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=rate, weight_decay=0.05)


class Trainable(nn.Module):
    """The tower, its logit scale, and an auxiliary linear classifier that speeds training up and does not ship.

    Args:
        tower: with a `trunk` and a `head`.
        classes: how many there are, C.
    """

    def __init__(self, tower: nn.Module, classes: int):
        super().__init__()
        self.tower = tower
        self.plain = nn.Linear(tower.trunk.num_features, classes)  # auxiliary; the name is in saved states
        self.log_scale = nn.Parameter(torch.tensor(3.4))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """From pictures (B x 3 x H x W) to unit vectors (B x dim), the scale, and the classifier's logits (B x C)."""
        features = self.tower.trunk(x)  # (B, F)
        vectors = F.normalize(self.tower.head(features).float(), dim=1)
        return vectors, self.log_scale.exp().clamp(max=60), self.plain(features)
