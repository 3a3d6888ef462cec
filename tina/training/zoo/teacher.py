"""Distillation: the generic network learns from an encoder's soft labels before it does from hard ones.

    teacher = Teacher.of(bank, Encoder("embedded"))
    teacher.blend(losses, logits, at, progress)     # M x B; `at` are the bank's numbers of the pictures

A label says which class a picture is of, and an encoder also which others it is like. A network of 20,000 weights
learns better features from that (Hinton et al., arXiv 1503.02531): sliced, they tell more classes apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from tina.encoder.encoder import Encoder
from tina.errors import UserError
from tina.training.zoo.bank import Bank

SHARE, UNTIL = 0.9, 0.7  # how much of the loss is the teacher's, and for how much of the steps
TEMPERATURE = 2.0  # by which logits are divided before they are compared
BATCH = 512  # pictures encoded at once


@dataclass(frozen=True)
class Teacher:
    vectors: Tensor  # N x E: the encoder's vectors of the bank's pictures
    rows: Tensor  # C x E: of the names of its classes, scaled so that products are logits

    @classmethod
    def of(cls, bank: Bank, encoder: Encoder) -> Teacher:
        if bank.pictures.ndim != 4:
            raise UserError("A teacher needs pictures: rows on an encoder's tower have nothing to learn from it.")
        vectors = [encoder.encode_images(list(part.cpu().numpy())) for part in bank.pictures.split(BATCH)]
        rows = encoder.scale * encoder.encode_texts_cached(list(bank.places))
        return cls(torch.cat(vectors).to(bank.device), rows.to(bank.device))

    def blend(self, losses: Tensor, logits: Tensor, at: Tensor, progress: float) -> Tensor:
        """The losses of M x B pictures by their labels, mixed with the teacher's: most of it is the teacher's at first,
        and nothing later. `progress` (0 to 1) is how much of the training is done."""
        return losses.lerp(self.losses(logits, at), SHARE) if progress < UNTIL else losses

    def losses(self, logits: Tensor, at: Tensor) -> Tensor:
        """M x B: the divergence of logits over all the bank's classes (M x B x C) from the encoder's, with gradients
        about as large as those of a cross entropy."""
        soft_labels = (self.vectors[at] @ self.rows.T / TEMPERATURE).softmax(-1)
        divergence = F.kl_div((logits / TEMPERATURE).log_softmax(-1), soft_labels, reduction="none")
        return TEMPERATURE**2 * divergence.sum(-1)
