"""The text tower: a small transformer, distilled from all-MiniLM-L6-v2.

Its token embeddings are initialised with the teacher's vectors of single vocabulary pieces. It is trained on WordNet's
words, glosses and examples, and on the worlds' names, synonyms and descriptions: to give the teacher's vectors, and
with a contrastive loss of descriptions and names, in which it may surpass the teacher. No text of a held-out synset is
trained on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from tina.encoder.towers import encode_cut
from tina.research.recipes import wordnet
from tina.research.recipes.clock import Clock
from tina.research.recipes.teacher import Teacher
from tina.storage import save_tensors
from tina.training.resume import Checkpointer, read_progress, state_of
from tina.training.schedule import set_rate, warmup_cosine
from tina.worlds import Thing

BATCH = 1024
SHARES = {"texts": 0.35, "glosses": 0.4, "worlds' texts": 0.1, "worlds' descriptions": 0.15}  # of the batches
TEMPERATURE = 0.05
WARMUP, FIRST_RATE = 0.02, 1e-3  # the share of the training in which the learning rate rises, and what from
OTHER_KINDS = 0.3  # the share of a batch that is drawn from any kind, where the rest is of one


def wordnet_texts() -> tuple[list[str], set[str]]:
    """The texts of WordNet to train on, and the texts, in lower case, that must not be trained on."""
    all_synsets = wordnet.synsets()
    forbidden = held_out_texts(all_synsets)
    texts: dict[str, None] = {}
    for s in all_synsets:
        if not s.held_out:
            texts.update(dict.fromkeys(s.texts))
    return [t for t in texts if t and t.lower() not in forbidden], forbidden


def held_out_texts(synsets: Sequence[wordnet.Synset]) -> set[str]:
    """All texts of the held-out synsets, in lower case."""
    return {t.lower() for s in synsets if s.held_out for t in s.texts}


def gloss_pairs(synsets: Sequence[wordnet.Synset]) -> dict[str, list[str]]:
    """Gloss -> the names of its synset, for all synsets that are not held out."""
    return {s.gloss: list(s.names) for s in synsets if s.gloss and not s.held_out}


def filter_pairs(names_of: dict[str, list[str]], forbidden: set[str]) -> dict[str, list[str]]:
    """Leave out texts that must not be trained on.

    Args:
        names_of: description -> names.
        forbidden: texts in lower case.

    Returns:
        Description -> names, without forbidden ones and without descriptions that have no name left.
    """
    allowed = {text: [n for n in names if n.lower() not in forbidden] for text, names in names_of.items()}
    return {text: names for text, names in allowed.items() if names and text.lower() not in forbidden}


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


class Batches:
    """Endless batches of texts of about the same length, in random order.

    Args:
        texts: N of them; their tokens and targets are held in memory.
        tokenizer: open_clip's.
        teacher: of the targets.
        seed: of the order.

    Yields:
        ((token ids, targets),): B x context length and B x dim.
    """

    def __init__(self, texts: list[str], tokenizer, teacher: Teacher, seed: int):
        self.ids = torch.cat([tokenizer(texts[i : i + 4096]).to(torch.int32) for i in range(0, len(texts), 4096)])
        self.targets = teacher.vectors(texts)
        self.lengths = self.ids.argmax(1).numpy()
        self.random = np.random.default_rng(seed)

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self):
        while True:
            order = self.random.permutation(len(self.ids))
            by_length = np.argsort(self.lengths[order] + self.random.uniform(0, 2, len(order)), kind="stable")
            chunks = [order[by_length[i : i + BATCH]] for i in range(0, len(by_length), BATCH)]
            self.random.shuffle(chunks)
            for chunk in chunks:
                yield ((self.ids[chunk].long(), self.targets[chunk].float()),)


class Pairs:
    """Endless batches of descriptions, each with one of its names.

    Args:
        names_of: description -> its names.
        tokenizer: open_clip's.
        vectors_of: from N texts to their targets (N x dim).
        seed: of the order and of the names that are drawn.
        kinds: description -> its kind; with them, most of a batch are of one kind.

    Yields:
        ((token ids, targets) of descriptions, (token ids, targets) of names): B x context length and B x dim each.
    """

    def __init__(
        self,
        names_of: dict[str, list[str]],
        tokenizer,
        vectors_of: Callable[[list[str]], Tensor],
        seed: int,
        kinds: dict[str, str] | None = None,
    ):
        texts = list(dict.fromkeys([*names_of, *(name for names in names_of.values() for name in names)]))
        number = {text: i for i, text in enumerate(texts)}
        self.ids = torch.cat([tokenizer(texts[i : i + 4096]).to(torch.int32) for i in range(0, len(texts), 4096)])
        self.targets = vectors_of(texts)
        self.names = np.array([number[name] for names in names_of.values() for name in names])
        self.counts = np.array([len(names) for names in names_of.values()])
        self.lengths = self.ids[: len(names_of)].argmax(1).numpy()  # the descriptions come first
        kinds = kinds or dict.fromkeys(names_of, "")
        self.kinds = np.unique([kinds[text] for text in names_of], return_inverse=True)[1]
        self.random = np.random.default_rng(seed)

    def __len__(self) -> int:
        return len(self.counts)

    def __iter__(self):
        starts = np.cumsum(self.counts) - self.counts
        while True:
            order = self.random.permutation(len(self.counts))
            mixed_in = self.random.random(len(order)) < OTHER_KINDS
            kinds = self.kinds[np.where(mixed_in, self.random.permutation(order), order)]
            by_length = np.lexsort((self.lengths[order] + self.random.uniform(0, 4, len(order)), kinds))
            chunks = [order[by_length[i : i + BATCH // 2]] for i in range(0, len(by_length), BATCH // 2)]
            self.random.shuffle(chunks)
            for chunk in chunks:
                chosen = (self.random.random(len(chunk)) * self.counts[chunk]).astype(int)
                names = self.names[starts[chunk] + chosen]
                yield tuple((self.ids[rows].long(), self.targets[rows].float()) for rows in (chunk, names))


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


def training_sources(
    tokenizer, teacher: Teacher, texts: list[str], forbidden: set[str], things: Collection[Thing], seed: int
) -> dict[str, Batches | Pairs]:
    """The sources of training batches.

    Args:
        tokenizer: open_clip's.
        teacher: of the targets.
        texts: of WordNet.
        forbidden: texts in lower case that must not be trained on.
        things: of the worlds.
        seed: of the batches.

    Returns:
        Source by name, with the names of SHARES.
    """
    allowed = [t for t in world_texts(things) if t.lower() not in forbidden]
    of_wordnet, of_worlds = (
        filter_pairs(pairs, forbidden) for pairs in (gloss_pairs(wordnet.synsets()), description_pairs(things))
    )
    return {
        "texts": Batches(texts, tokenizer, teacher, seed),
        "glosses": Pairs(of_wordnet, tokenizer, teacher.vectors, seed + 50),
        "worlds' texts": Batches(allowed, tokenizer, teacher, seed + 100),
        "worlds' descriptions": Pairs(of_worlds, tokenizer, teacher.vectors, seed + 150),
    }


def description_pairs(things: Collection[Thing]) -> dict[str, list[str]]:
    """Description -> the names of what it describes."""
    return {text: [t.name, *t.synonyms] for t in things for text in t.descriptions}


def world_texts(things: Collection[Thing]) -> list[str]:
    """Every name, synonym, description and family of the things."""
    return list(dict.fromkeys([t for thing in things for t in thing.texts] + [f for t in things for f in t.families]))


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
    tower, state = model.text, run / "text-state.safetensors"
    teacher = Teacher(run.parent / "teacher")
    texts, forbidden = wordnet_texts()
    clock = Clock(minutes, read_progress(state))
    if not clock.steps:
        init_embeddings(tower, tokenizer, teacher, forbidden)
    seed = 1 + accelerator.process_index + clock.steps
    sources = training_sources(tokenizer, teacher, texts, forbidden, things, seed)
    fit(tower, state, mix_batches(sources, SHARES, 7 + clock.steps), batch_loss, clock, accelerator, rate)
    if accelerator.is_main_process:
        save_tensors(tower.state_dict(), run / "text.safetensors")
    sizes = {name: len(source) for name, source in sources.items()}
    return sizes | {"steps": clock.steps, "minutes": clock.seconds / 60}


def mix_batches(sources: dict[str, Batches | Pairs], shares: dict[str, float], seed: int) -> Iterator[tuple]:
    """Endless batches, each of a source that is drawn with the probability of its share."""
    batches, choose = {name: iter(source) for name, source in sources.items()}, np.random.default_rng(seed)
    while True:
        yield next(batches[choose.choice(list(shares), p=list(shares.values()))])


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
