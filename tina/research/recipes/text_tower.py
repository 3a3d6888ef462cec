"""The text tower: a small transformer, distilled from all-MiniLM-L6-v2.

Its token embeddings are initialised with the teacher's vectors of single vocabulary pieces. It is trained on WordNet's
words, glosses and examples, and on the worlds' names, synonyms and descriptions: to give the teacher's vectors, and
with a contrastive loss of descriptions and names, in which it may surpass the teacher. No text of a held-out synset is
trained on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from tina.encoder.towers import encode_cut
from tina.research.recipes import wordnet
from tina.research.recipes.teacher import Teacher
from tina.research.recipes.text_batches import Batches, Pairs, mix_batches, training_sources, wordnet_texts, world_texts
from tina.storage import save_tensors
from tina.training.clock import Clock
from tina.training.resume import Checkpointer, read_progress, state_of
from tina.training.schedule import set_rate, warmup_cosine
from tina.worlds import Thing

SHARES = {"texts": 0.35, "glosses": 0.4, "worlds' texts": 0.1, "worlds' descriptions": 0.15}  # of the batches
TEMPERATURE = 0.05
WARMUP, FIRST_RATE = 0.02, 1e-3  # the share of the training in which the learning rate rises, and what from


def encode(tower: nn.Module, ids: Tensor) -> Tensor:
    """From token ids (B x context length) to unit vectors (B x dim)."""
    return F.normalize(encode_cut(tower, ids).float(), dim=1)


@torch.no_grad()
def init_embeddings(tower: nn.Module, tokenizer, teacher: Teacher, forbidden: set[str]) -> None:
    """Initialise token embeddings with the teacher's vectors of single vocabulary pieces, on their principal axes.

    Args:
        tower: whose `token_embedding` and `text_projection` are set, in place.
        tokenizer: open_clip's, whose vocabulary it is.
        teacher: of the vectors.
        forbidden: texts in lower case, whose embeddings are noise around zero.
    """
    pieces, rows = [], []
    for piece, row in tokenizer.encoder.items():
        raw = bytearray(tokenizer.byte_decoder[c] for c in piece.replace("</w>", "") if c in tokenizer.byte_decoder)
        word = raw.decode("utf-8", errors="ignore").strip()
        if word and "\n" not in word and word.lower() not in forbidden and not piece.startswith("<"):
            pieces.append(word)
            rows.append(row)
    vectors = teacher.vectors(pieces).float()  # (pieces, dim)
    mean, width = vectors.mean(0), tower.width
    _, _, axes = torch.linalg.svd((vectors - mean)[:20_000], full_matrices=False)
    axes = axes[:width]  # (width, dim)
    table = torch.zeros_like(tower.token_embedding.weight)
    table[rows] = (vectors - mean) @ axes.T
    table *= 0.25 / table[rows].std()
    tower.token_embedding.weight.copy_(table + 0.02 * torch.randn_like(table))
    tower.text_projection.copy_(axes * width**-0.5)


def contrastive_loss(vectors: Tensor, others: Tensor) -> Tensor:
    """The symmetric cross-entropy of CLIP: each vector should be closest to its own counterpart in the batch.

    Args:
        vectors: B x dim, unit vectors.
        others: B x dim, their counterparts.

    Returns:
        The loss, a scalar.
    """
    logits = vectors @ others.T / TEMPERATURE  # (B, B)
    labels = torch.arange(len(logits), device=logits.device)
    return (F.cross_entropy(logits, labels) + F.cross_entropy(logits.T, labels)) / 2


def cosine_loss(vectors: Tensor, targets: Tensor) -> Tensor:
    """10 (1 - cosine), the mean over B unit vectors and their targets (B x dim each)."""
    return 10 * (1 - (vectors * targets).sum(1)).mean()


def distillation_loss(vectors: Tensor, targets: Tensor) -> Tensor:
    """Cosine and contrastive loss of B unit vectors and their targets (B x dim each)."""
    return cosine_loss(vectors, targets) + contrastive_loss(vectors, targets)


def train(
    model, tokenizer, run: Path, minutes: float, things: Collection[Thing], accelerator, rate: float = 2e-3
) -> dict:
    """Distil the text tower, for so many minutes over all runs.

    Args:
        model: the open_clip model whose `text` is trained, in place.
        tokenizer: the model's own.
        run: a folder; "text-state.safetensors" (to resume from) and "text.safetensors" (the result) are written to it.
        minutes: of training in all.
        things: of the worlds, with their texts.
        accelerator: accelerate's.
        rate: the highest learning rate.

    Returns:
        The number of texts by source, of "steps" and of "minutes".
    """
    tower, clock = model.text, Clock(minutes, read_progress(run / "text-state.safetensors"))
    teacher = Teacher(run.parent / "teacher")
    texts, forbidden = wordnet_texts()
    if not clock.steps:
        init_embeddings(tower, tokenizer, teacher, forbidden)
    seed = 1 + accelerator.process_index + clock.steps
    sources = training_sources(tokenizer, teacher, texts, forbidden, things, seed)
    return run_phase(tower, run / "text.safetensors", sources, SHARES, batch_loss, clock, accelerator, rate)


def run_phase(
    tower: nn.Module,
    result: Path,
    sources: dict[str, Batches | Pairs],
    shares: dict[str, float],
    loss_fn: Callable[[list[Tensor], list[Tensor]], Tensor],
    clock: Clock,
    accelerator,
    rate: float,
) -> dict:
    """Train a text tower on batches of several sources until the clock's budget is used up, and save it.

    Args:
        tower: trained in place.
        result: the file of its weights; its state is beside it, in "<name>-state.safetensors".
        sources: of the batches, by name.
        shares: of the batches that are of each source, by name.
        loss_fn: see `fit`.
        clock: the budget.
        accelerator: accelerate's.
        rate: the highest learning rate.

    Returns:
        The number of texts by source, of "steps" and of "minutes".
    """
    state = result.with_stem(f"{result.stem}-state")
    fit(tower, state, mix_batches(sources, shares, 7 + clock.steps), loss_fn, clock, accelerator, rate)
    if accelerator.is_main_process:
        save_tensors(tower.state_dict(), result)
    sizes = {name: len(source) for name, source in sources.items()}
    return sizes | {"steps": clock.steps, "minutes": clock.seconds / 60}


def batch_loss(vectors: list[Tensor], targets: list[Tensor]) -> Tensor:
    """The distillation loss, and for pairs the contrastive loss of descriptions and names.

    Args:
        vectors: B x dim, of texts; or two of these, of descriptions and of names.
        targets: the teacher's vectors, likewise.

    Returns:
        The loss, a scalar.
    """
    loss = sum(distillation_loss(v, target) for v, target in zip(vectors, targets, strict=True))
    return loss / 2 + contrastive_loss(*vectors) if len(vectors) == 2 else loss


def fit(
    tower: nn.Module,
    state: Path,
    batches: Iterator[tuple],
    loss_fn: Callable[[list[Tensor], list[Tensor]], Tensor],
    clock: Clock,
    accelerator,
    rate: float,
) -> None:
    """Train a text tower until the clock's budget is used up.

    Args:
        tower: trained in place; only parameters that require gradients.
        state: the file that the state is saved in once a minute and resumed from.
        batches: each one or two pairs of token ids (B x context length) and targets (B x dim).
        loss_fn: from vectors and targets (lists of B x dim) to a scalar.
        clock: the budget.
        accelerator: accelerate's.
        rate: the highest learning rate.
    """
    wrapped, optimizer = accelerator.prepare(
        Trainable(tower),
        torch.optim.AdamW(
            [p for p in tower.parameters() if p.requires_grad], rate, weight_decay=0.01, betas=(0.9, 0.98), fused=True
        ),
    )
    checkpointer = Checkpointer(state, state_of(tower=tower), optimizer)
    checkpointer.load()
    average = None
    clock.restart()  # reading the texts is not training
    while not clock.finished:
        set_rate(optimizer, rate * warmup_cosine(clock.share, WARMUP, FIRST_RATE))
        batch = next(batches)
        with accelerator.autocast():
            vectors = [wrapped(ids.to(accelerator.device)) for ids, _ in batch]
        loss = loss_fn(vectors, [targets.to(accelerator.device) for _, targets in batch])
        optimizer.zero_grad()
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(tower.parameters(), 1.0)
        optimizer.step()
        clock.steps += 1
        average = loss.item() if average is None else 0.98 * average + 0.02 * loss.item()
        if checkpointer.due() and accelerator.is_main_process:
            print(f"{state.stem} {clock.line()} loss {average:.3f}", file=sys.stderr, flush=True)
            checkpointer.save(clock.progress)
    if accelerator.is_main_process:
        checkpointer.save(clock.progress)


@torch.no_grad()
def encode_all(tower: nn.Module, tokenizer, texts: list[str]) -> Tensor:
    """The unit vectors of N texts (N x dim), computed in batches of similar length."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    parts = [encode(tower, tokenizer([texts[i] for i in order[at : at + 1024]])) for at in range(0, len(order), 1024)]
    return torch.cat(parts)[torch.tensor(order).argsort()]


class Trainable(nn.Module):
    """The tower with a forward that cuts texts to their length, as a module that accelerate can wrap."""

    def __init__(self, tower: nn.Module):
        super().__init__()
        self.tower = tower

    def forward(self, ids: Tensor) -> Tensor:
        """From token ids (B x context length) to unit vectors (B x dim)."""
        with sdpa_kernel(SDPBackend.MATH):  # a third faster on a CPU, for texts this short
            return encode(self.tower, ids)


@torch.inference_mode()
def measure(vectors_of, teacher_vectors_of, things: Collection[Thing], draws: int = 20) -> dict:
    """Retrieval among 1,000 held-out synsets, gloss -> first name and second name -> first name.

    Accuracy depends on the draw by a few points, so it is the mean over many draws from all held-out noun synsets with
    two names or more that share no name with the worlds or one another.

    Args:
        vectors_of: the tower's, from N texts to unit vectors (N x dim).
        teacher_vectors_of: the teacher's, likewise.
        things: of the worlds, whose texts are not used.
        draws: how many there are.

    Returns:
        Top-1 accuracies in per cent ("tower gloss", ...), their ratios ("gloss ratio", ...), and counts.
    """
    world_names = {t.lower() for t in world_texts(things)}
    pool, taken = [], set()
    for s in wordnet.synsets(("noun",)):
        names = {n.lower() for n in s.names}
        if s.held_out and len(s.names) > 1 and not names & (world_names | taken):
            pool.append(s)
            taken |= names
    random = np.random.default_rng(0)
    chosen = [torch.from_numpy(random.permutation(len(pool))[:1000]) for _ in range(draws)]
    results = {"synsets": len(chosen[0]), "of": len(pool), "draws": draws}
    labels = torch.arange(len(chosen[0]))
    for model, encode_texts in (("tower", vectors_of), ("teacher", teacher_vectors_of)):
        names = encode_texts([s.names[0] for s in pool])
        for query, texts in (("gloss", [s.gloss for s in pool]), ("synonym", [s.names[1] for s in pool])):
            scores = encode_texts(texts) @ names.T  # (pool, pool)
            hits = [(scores[rows][:, rows].argmax(1) == labels).float().mean().item() for rows in chosen]
            results[f"{model} {query}"] = round(100 * float(np.mean(hits)), 1)
    for query in ("gloss", "synonym"):
        results[f"{query} ratio"] = round(results[f"tower {query}"] / results[f"teacher {query}"], 3)
    return results
