"""What an encoder makes of pictures, to learn from beside their labels.

    teacher = Teacher.of(bank, Encoder("embedded"))
    teacher.beside(losses, logits, at, done)    # M x B; `at` says which of the bank's pictures the logits are of

A label says which class a picture shows, and an encoder also which others it is like. A network of 20,000 weights
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

SHARE, UNTIL = 0.9, 0.7  # how much of the loss is a teacher's, and for how much of the steps
HEAT = 2.0  # how far logits are evened out before they are compared
TOGETHER = 512  # pictures the encoder looks at


@dataclass(frozen=True)
class Teacher:
    vectors: Tensor  # N x E: the bank's pictures, as they are
    rows: Tensor  # C x E: the names of its classes, as long as makes cosines logits

    @classmethod
    def of(cls, bank: Bank, encoder: Encoder) -> Teacher:
        if bank.pictures.ndim != 4:
            raise UserError("A teacher tells of pictures: rows on an encoder's tower have nothing to learn from it.")
        seen = [encoder.encode_images(list(part.cpu().numpy())) for part in bank.pictures.split(TOGETHER)]
        rows = encoder.scale * encoder.encode_texts_cached(list(bank.places))
        return cls(torch.cat(seen).to(bank.device), rows.to(bank.device))

    def beside(self, losses: Tensor, logits: Tensor, at: Tensor, done: float) -> Tensor:
        """With the losses by labels of M x B pictures: nearly all is the teacher's at first, and in the end nothing."""
        return losses.lerp(self.losses(logits, at), SHARE) if done < UNTIL else losses

    def losses(self, logits: Tensor, at: Tensor) -> Tensor:
        """Of each of M x B pictures, how far logits over all the bank's classes are from the encoder's (M x B x C): a
        divergence, with gradients about as large as those of a cross entropy."""
        said = (self.vectors[at] @ self.rows.T / HEAT).softmax(-1)
        return HEAT**2 * F.kl_div((logits / HEAT).log_softmax(-1), said, reduction="none").sum(-1)
