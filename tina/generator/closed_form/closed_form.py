"""The parts that were fitted before the generator was trained; they are saved, loaded and moved with it."""

from __future__ import annotations

from torch import nn

from tina.generator.closed_form.familiarity import Familiarity
from tina.generator.closed_form.prior import Prior
from tina.generator.closed_form.transfer import Transfer
from tina.generator.normalise import Normaliser


class ClosedForm(nn.Module):
    """The four of them, as submodules."""

    def __init__(self, normaliser: Normaliser, prior: Prior, transfer: Transfer, familiarity: Familiarity):
        super().__init__()
        self.normaliser = normaliser
        self.prior = prior
        self.transfer = transfer
        self.familiarity = familiarity
