"""The text tower: a small transformer trained to give all-MiniLM-L6-v2's vectors.

It starts from what the teacher says of each piece of the vocabulary alone, then learns from WordNet's words, glosses
and examples, and from the worlds' own names, synonyms and descriptions. Besides it learns which name a gloss belongs
to, for which the teacher's vectors are only a beginning. Nothing of a held-out synset is ever shown to it.
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
STRAYS = 0.3  # of a batch of one kind, those of any other


def wordnet_texts() -> tuple[list[str], set[str]]:
    """(texts to learn from, texts that must never be learnt)."""
    all_synsets = wordnet.synsets()
    forbidden = held_out_texts(all_synsets)
    texts: dict[str, None] = {}
    for s in all_synsets:
        if not s.held_out:
            texts.update(dict.fromkeys(s.texts))
    return [t for t in texts if t and t.lower() not in forbidden], forbidden


def held_out_texts(synsets: Sequence[wordnet.Synset]) -> set[str]:
    """What must never be learnt, in small letters."""
    return {t.lower() for s in synsets if s.held_out for t in s.texts}


def glosses(synsets: Sequence[wordnet.Synset]) -> dict[str, list[str]]:
    """Gloss -> the names of its synset, of those that are not held out."""
    return {s.gloss: list(s.names) for s in synsets if s.gloss and not s.held_out}


def without(forbidden: set[str], names_of: dict[str, list[str]]) -> dict[str, list[str]]:
    """Descriptions and their names, as far as they may be learnt."""
    allowed = {text: [n for n in names if n.lower() not in forbidden] for text, names in names_of.items()}
    return {text: names for text, names in allowed.items() if names and text.lower() not in forbidden}


def encode(tower: nn.Module, ids: Tensor) -> Tensor:
    return F.normalize(encode_cut(tower, ids).float(), dim=1)


@torch.no_grad()
def start_from_pieces(tower: nn.Module, tokenizer, teacher: Teacher, forbidden: set[str]) -> None:
    """Token embeddings = the teacher's vector of each vocabulary piece alone, on its main axes."""
    pieces, rows = [], []
    for piece, row in tokenizer.encoder.items():
        raw = bytearray(tokenizer.byte_decoder[c] for c in piece.replace("</w>", "") if c in tokenizer.byte_decoder)
        word = raw.decode("utf-8", errors="ignore").strip()
        if word and "\n" not in word and word.lower() not in forbidden and not piece.startswith("<"):
            pieces.append(word)
            rows.append(row)
    vectors = teacher.vectors(pieces).float()
    mean, width = vectors.mean(0), tower.width
    _, _, axes = torch.linalg.svd((vectors - mean)[:20_000], full_matrices=False)
    axes = axes[:width]
    table = torch.zeros_like(tower.token_embedding.weight)
    table[rows] = (vectors - mean) @ axes.T
    table *= 0.25 / table[rows].std()
    tower.token_embedding.weight.copy_(table + 0.02 * torch.randn_like(table))
    tower.text_projection.copy_(axes * width**-0.5)


class Batches:
    """Endless batches of texts of about one length, forgotten order otherwise; tokens and targets stay in memory."""

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
            near = np.argsort(self.lengths[order] + self.random.uniform(0, 2, len(order)), kind="stable")
            chunks = [order[near[i : i + BATCH]] for i in range(0, len(near), BATCH)]
            self.random.shuffle(chunks)
            for chunk in chunks:
                yield ((self.ids[chunk].long(), self.targets[chunk].float()),)


class Pairs:
    """Endless batches of descriptions, each with one of the names it is a description of. Where it is told the `kinds`
    of things that are described, most of a batch are of one kind."""

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
            strays = self.random.random(len(order)) < STRAYS
            kinds = self.kinds[np.where(strays, self.random.permutation(order), order)]
            near = np.lexsort((self.lengths[order] + self.random.uniform(0, 4, len(order)), kinds))
            chunks = [order[near[i : i + BATCH // 2]] for i in range(0, len(near), BATCH // 2)]
            self.random.shuffle(chunks)
            for chunk in chunks:
                chosen = (self.random.random(len(chunk)) * self.counts[chunk]).astype(int)
                names = self.names[starts[chunk] + chosen]
                yield tuple((self.ids[rows].long(), self.targets[rows].float()) for rows in (chunk, names))


def tell_apart(vectors: Tensor, others: Tensor) -> Tensor:
    """Each nearer to its own than to any other of the batch, both ways."""
    scores = vectors @ others.T / TEMPERATURE
    own = torch.arange(len(scores), device=scores.device)
    return (F.cross_entropy(scores, own) + F.cross_entropy(scores.T, own)) / 2


def far_off(vectors: Tensor, targets: Tensor) -> Tensor:
    """How far from where they should be."""
    return 10 * (1 - (vectors * targets).sum(1)).mean()


def loss_of(vectors: Tensor, targets: Tensor) -> Tensor:
    """Near the teacher's vector, and nearer to its own than to any other of the batch."""
    return far_off(vectors, targets) + tell_apart(vectors, targets)


def streams(
    tokenizer, teacher: Teacher, texts: list[str], forbidden: set[str], things: Collection[Thing], seed: int
) -> dict[str, Batches | Pairs]:
    """What is learnt from, by the names of SHARES: batches of texts, or of descriptions and names."""
    allowed = [t for t in world_texts(things) if t.lower() not in forbidden]
    of_wordnet, of_worlds = (without(forbidden, pairs) for pairs in (glosses(wordnet.synsets()), described(things)))
    return {
        "texts": Batches(texts, tokenizer, teacher, seed),
        "glosses": Pairs(of_wordnet, tokenizer, teacher.vectors, seed + 50),
        "worlds' texts": Batches(allowed, tokenizer, teacher, seed + 100),
        "worlds' descriptions": Pairs(of_worlds, tokenizer, teacher.vectors, seed + 150),
    }


def described(things: Collection[Thing]) -> dict[str, list[str]]:
    """Description -> the names of what it describes."""
    return {text: [t.name, *t.synonyms] for t in things for text in t.descriptions}


def world_texts(things: Collection[Thing]) -> list[str]:
    """Every name, synonym, description and family of the things."""
    return list(dict.fromkeys([t for thing in things for t in thing.texts] + [f for t in things for f in t.families]))


def train(
    model, tokenizer, run: Path, minutes: float, things: Collection[Thing], accelerator, rate: float = 2e-3
) -> dict:
    """The first lesson, from the teacher's vectors; its state and its result are kept in the folder `run`."""
    tower, state = model.text, run / "text-state.safetensors"
    teacher = Teacher(run.parent / "teacher")
    texts, forbidden = wordnet_texts()
    clock = Clock(minutes, read_progress(state))
    if not clock.steps:
        start_from_pieces(tower, tokenizer, teacher, forbidden)
    sources = streams(tokenizer, teacher, texts, forbidden, things, 1 + accelerator.process_index + clock.steps)
    learn(tower, state, mixed(sources, SHARES, 7 + clock.steps), of_batch, clock, accelerator, rate)
    if accelerator.is_main_process:
        save_tensors(tower.state_dict(), run / "text.safetensors")
    sizes = {name: len(source) for name, source in sources.items()}
    return sizes | {"steps": clock.steps, "minutes": clock.seconds / 60}


def mixed(sources: dict[str, Batches | Pairs], shares: dict[str, float], seed: int) -> Iterator[tuple]:
    """Batches of several sources, of each its share."""
    batches, choose = {name: iter(source) for name, source in sources.items()}, np.random.default_rng(seed)
    while True:
        yield next(batches[choose.choice(list(shares), p=list(shares.values()))])


def of_batch(vectors: list[Tensor], targets: list[Tensor]) -> Tensor:
    """Near the teacher's vectors, and descriptions near their names."""
    loss = sum(loss_of(v, target) for v, target in zip(vectors, targets, strict=True))
    return loss / 2 + tell_apart(*vectors) if len(vectors) == 2 else loss


def learn(
    tower: nn.Module,
    state: Path,
    batches: Iterator[tuple],
    cost: Callable[[list[Tensor], list[Tensor]], Tensor],
    clock: Clock,
    accelerator,
    rate: float,
) -> None:
    """Until the clock says so; kept in the file `state` once a minute."""
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
    while not clock.over:
        set_rate(optimizer, rate * warmup_cosine(clock.share))
        batch = next(batches)
        with accelerator.autocast():
            vectors = [wrapped(ids.to(accelerator.device)) for ids, _ in batch]
        loss = cost(vectors, [targets.to(accelerator.device) for _, targets in batch])
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
    """Unit vectors of many texts, computed with others of their length."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    parts = [encode(tower, tokenizer([texts[i] for i in order[at : at + 1024]])) for at in range(0, len(order), 1024)]
    return torch.cat(parts)[torch.tensor(order).argsort()]


class Trainable(nn.Module):
    """The tower with our shorter forward, in the form that data-parallel wrappers expect."""

    def __init__(self, tower: nn.Module):
        super().__init__()
        self.tower = tower

    def forward(self, ids: Tensor) -> Tensor:
        with sdpa_kernel(SDPBackend.MATH):  # for texts this short, a third off a step on a CPU
            return encode(self.tower, ids)


@torch.inference_mode()
def measure(vectors_of, teacher_vectors_of, things: Collection[Thing], draws: int = 20) -> dict:
    """Retrieval among 1,000 held-out synsets, gloss -> first name and second name -> first name.

    Which thousand matters by a few points, so it is the mean over many draws from all held-out synsets of two names.
    """
    known = {t.lower() for t in world_texts(things)}
    pool, taken = [], set()
    for s in wordnet.synsets(("noun",)):
        names = {n.lower() for n in s.names}
        if s.held_out and len(s.names) > 1 and not names & (known | taken):
            pool.append(s)
            taken |= names
    random = np.random.default_rng(0)
    chosen = [torch.from_numpy(random.permutation(len(pool))[:1000]) for _ in range(draws)]
    found = {"synsets": len(chosen[0]), "of": len(pool), "draws": draws}
    for who, of in (("tower", vectors_of), ("teacher", teacher_vectors_of)):
        names = of([s.names[0] for s in pool])
        for what, queries in (("gloss", [s.gloss for s in pool]), ("synonym", [s.names[1] for s in pool])):
            scores = of(queries) @ names.T
            own = torch.arange(len(chosen[0]))
            hits = [(scores[rows][:, rows].argmax(1) == own).float().mean().item() for rows in chosen]
            found[f"{who} {what}"] = round(100 * float(np.mean(hits)), 1)
    for what in ("gloss", "synonym"):
        found[f"{what} ratio"] = round(found[f"tower {what}"] / found[f"teacher {what}"], 3)
    return found
