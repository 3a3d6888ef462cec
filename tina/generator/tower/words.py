"""From texts to rows: what a class of that name would look like to a classifier on the tower.

    said = words(class_texts, vectors)      # rows on u and on z for each class, and how sure they are

A kernel ridge regression from text vectors to rows: it was fitted on the names, synonyms and glosses of the tower's own
classes, whose rows are its last layer's, on nouns above them in WordNet and on a list of what everyday things look
like. A name that one of these classes has gets that class's own rows; a noun with relatives among them gets something
of theirs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.encoder.appearance import likeness
from tina.generator.tower.lexicon import Lexicon

KINDS = 4  # numbers that say of which kind texts are


@dataclass(frozen=True)
class Said:
    """What the texts of N classes say: unit rows, and numbers that say how much they can be trusted."""

    plain: Tensor  # (N, F): r, a row on u
    row: Tensor  # (N, F): m, a row on z; what the mean of many pictures would be
    vector: Tensor  # (N, E): the mean of the texts' vectors
    nearest: Tensor  # (N,): cosine with the nearest known text
    plain_size: Tensor  # (N,): length of the regression's prediction, which is short where nothing is near
    row_size: Tensor  # (N,)
    kind: Tensor  # (N, KINDS): of the texts, the share of each of `look_up`, and the logarithm of their words
    length: Tensor  # (N,): of the row on u in the tower's last layer, about one; one where it has none

    def replaced(self, mask: Tensor, other: Said) -> Said:
        """With what `other` says where `mask` (N,) is True."""

        def chosen(one: Tensor, another: Tensor) -> Tensor:
            return torch.where(mask.reshape(-1, *[1] * (one.ndim - 1)), another, one)

        return Said(*map(chosen, vars(self).values(), vars(other).values()))


class Lexical(nn.Module):
    """Has a lexicon."""

    words: Tensor  # bytes of the lexicon

    @property
    def lexicon(self) -> Lexicon:
        """As it is in the checkpoint, read once."""
        if not hasattr(self, "_lexicon"):
            self._lexicon = Lexicon.from_bytes(self.words)
        return self._lexicon

    def look_up(self, text: str) -> tuple[int | None, Sequence[int]]:
        """Of which kind a text is, and the tower's classes that it is about: 0 for the name of one, 1 for a word for
        many, 2 for a noun that has relatives among them, None for any other text, which is about none."""
        for kind, classes in enumerate((self.lexicon.classes, self.lexicon.members, self.lexicon.kin)):
            if found := classes(text):
                return kind, found
        return None, ()

    def kinds(self, texts: Sequence[str], found: Sequence[int | None]) -> Tensor:
        """(T, KINDS), where each text is of the kind that was found."""
        lengths = (math.log(max(1, len(text.split()))) for text in texts)
        rows = [[float(kind == k) for k in range(KINDS - 1)] for kind in found]
        return torch.tensor([[*row, length] for row, length in zip(rows, lengths, strict=True)])


class TextRows(Lexical):
    """Of an encoder whose texts and pictures are in one space: a text's row is its own vector, less the mean of many
    texts."""

    mean: Tensor  # (E,)
    size: Tensor  # (): how long that difference is on the average

    def __init__(self, mean: Tensor, words: Tensor, size: Tensor):
        super().__init__()
        for name, tensor in {"mean": mean, "words": words, "size": size}.items():
            self.register_buffer(name, tensor)

    def forward(self, class_texts: Sequence[Sequence[str]], vectors: Sequence[Tensor]) -> Said:
        """The arguments are those of `WordRows`."""
        means = F.normalize(torch.stack([part.to(self.mean).mean(0) for part in vectors]), dim=1)  # (N, E)
        difference = means - self.mean
        rows, size = F.normalize(difference, dim=1), difference.norm(dim=1) / self.size
        texts, counts = _flat(class_texts), [len(part) for part in class_texts]
        kinds = self.kinds(texts, [self.look_up(text)[0] for text in texts]).to(rows)
        kind = torch.stack([part.mean(0) for part in kinds.split(counts)])
        return Said(rows, rows, means, torch.ones_like(size), size, size, kind, torch.ones_like(size))


class WordRows(Lexical):
    """The regression, the tower's own rows, and the lexicon that finds words in it."""

    texts: Tensor  # (T, E): vectors of the known texts, times sqrt(E)
    weights: Tensor  # (T, R): the regression's coefficients
    basis: Tensor  # (R, 2 F): of the predictions
    scale: Tensor  # (): of weights @ basis; each of them is of a size that eight bits can hold
    own: Tensor  # (C, 2 F): rows of the tower's classes on u and on z, times sqrt(F); those on z are unit vectors

    def __init__(
        self,
        texts: Tensor,
        weights: Tensor,
        basis: Tensor,
        own: Tensor,
        words: Tensor,
        radius: float = 0.3,
        kin: float = 0.3,
    ):
        super().__init__()
        self.radius, self.kin = radius, kin
        sizes = [part.std().clamp(min=1e-12) if part.any() else torch.tensor(1.0) for part in (weights, basis)]
        tensors = {"texts": texts, "weights": weights / sizes[0], "basis": basis / sizes[1], "own": own, "words": words}
        tensors["scale"] = sizes[0] * sizes[1]
        for name, tensor in tensors.items():
            self.register_buffer(name, tensor)

    def forward(self, class_texts: Sequence[Sequence[str]], vectors: Sequence[Tensor]) -> Said:
        """
        Args:
            class_texts: the texts of each of N classes.
            vectors: their unit vectors, T x E for each class.

        Returns:
            Rows for each class; the mean over its texts.
        """
        counts = [len(texts) for texts in class_texts]
        found = torch.cat(list(vectors)).to(self.texts)  # (sum of T, E)
        scaled = found * found.shape[1] ** -0.5
        kernel = likeness(self.texts, scaled, self.radius).mT  # (sum of T, T); the other way round takes twice as long
        predicted = self.scale * (kernel @ self.weights @ self.basis)  # (sum of T, 2 F)
        nearest = 1 + self.radius * kernel.amax(1).log()
        plain, row = predicted.chunk(2, dim=1)
        sizes = torch.stack([nearest, plain.norm(dim=1), row.norm(dim=1)], 1)
        texts = _flat(class_texts)
        about = [self.look_up(text) for text in texts]
        kinds = self.kinds(texts, [kind for kind, _ in about]).to(sizes)
        rows = self._with_known(about, F.normalize(predicted.unflatten(1, (2, -1)), dim=2))
        lengths = self._lengths([classes if kind == 0 else () for kind, classes in about])
        if max(counts, default=1) > 1:
            rows, sizes, found, kinds, lengths = (
                torch.stack([part.mean(0) for part in of_text.split(counts)])
                for of_text in (rows, sizes, found, kinds, lengths)
            )
        r, m = rows.unbind(1)
        vector, (nearest, plain_size, row_size) = F.normalize(found, dim=1), sizes.unbind(1)
        r, m = F.normalize(r, dim=1), F.normalize(m, dim=1)
        return Said(r, m, vector, nearest, plain_size, row_size, kinds, lengths)

    def _with_known(self, about: Sequence[tuple[int | None, Sequence[int]]], predicted: Tensor) -> Tensor:
        """The predictions (N, 2, F) for texts, with the rows of the classes that these are about (`look_up`)."""
        counts = torch.tensor([len(classes) for _, classes in about])
        if not int(counts.sum()):
            return predicted
        of_text = torch.arange(len(about)).repeat_interleave(counts).to(predicted.device)
        rows = self.own_rows([k for _, classes in about for k in classes])
        sums = torch.zeros_like(predicted).index_add_(0, of_text, rows)
        loudness = {0: (0.0, 1.0), 1: (1.0, 1.0), 2: (1.0, self.kin), None: (1.0, 0.0)}  # of prediction and classes
        kept, loud = torch.tensor([loudness[kind] for kind, _ in about]).to(predicted).mT[..., None, None]
        return F.normalize(kept * predicted + loud * F.normalize(sums, dim=2), dim=2)

    def own_rows(self, classes: Sequence[int]) -> Tensor:
        """(N, 2, F): unit rows of the tower's own classes, on u and on z."""
        rows = self.own[list(classes)].to(self.basis.dtype)
        return F.normalize(rows.unflatten(1, (2, -1)), dim=2)

    def _lengths(self, named: Sequence[Sequence[int]]) -> Tensor:
        """(N,): of the rows on u of the tower's own classes that N texts name, on the average; one where they name
        none."""
        counts = torch.tensor([len(classes) for classes in named])
        of_text = torch.arange(len(named)).repeat_interleave(counts)
        rows = self.own[[k for classes in named for k in classes]].to(self.basis.dtype).chunk(2, dim=1)[0]
        sums = rows.new_zeros(len(named)).index_add_(0, of_text.to(rows.device), rows.square().mean(1).sqrt())
        counts = counts.to(rows.device)
        return torch.where(counts > 0, sums / counts.clamp(min=1), 1)


def _flat(class_texts: Sequence[Sequence[str]]) -> list[str]:
    return [text for texts in class_texts for text in texts]
