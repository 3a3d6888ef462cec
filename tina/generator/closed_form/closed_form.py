"""What is known of a zoo and its world before a generator is trained: numbers in closed form, which travel with it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tina.generator.closed_form.familiarity import Familiarity
from tina.generator.closed_form.prior import Prior
from tina.generator.closed_form.transfer import Transfer
from tina.generator.normalise import Normaliser

UNSAID = ("prior_values", "prior_rows", "transfer_means")  # are not saved where they say nothing: few classifiers, say


class ClosedForm(nn.Module):
    """As buffers, which are saved, loaded and moved with the generator."""

    def __init__(self, normaliser: Normaliser, prior: Prior, transfer: Transfer, known: Familiarity):
        super().__init__()
        parts = {"normaliser": normaliser, "prior": prior, "transfer": transfer, "known": known}
        for part, numbers in parts.items():
            for name, tensor in vars(numbers).items():
                self.register_buffer(f"{part}_{name}", tensor)

    @property
    def normaliser(self) -> Normaliser:
        """The generator's numbers as weights."""
        return Normaliser(**self._of("normaliser_"))

    @property
    def prior(self) -> Prior:
        """The shared weights that a linear model would write."""
        return Prior(**self._of("prior_"))

    @property
    def transfer(self) -> Transfer:
        """Rows for classes that the generator does not know."""
        return Transfer(**self._of("transfer_"))

    @property
    def familiarity(self) -> Familiarity:
        """Of which classes the generator was told what they are."""
        return Familiarity(**self._of("known_"))

    def _of(self, part: str) -> dict[str, Tensor]:
        return {name.removeprefix(part): self._buffers[name] for name in self._buffers if name.startswith(part)}

    def _load_from_state_dict(self, state: dict[str, Tensor], prefix: str, *rest) -> None:
        """Of texts, things and pictures there are as many as there were, and what was not saved is zeros."""
        for name in ("known_said", "known_shown", "known_others", "transfer_means", "transfer_strangers"):
            if prefix + name in state:
                setattr(self, name, self.known_gate.new_zeros(state[prefix + name].shape))
        for name in UNSAID:
            state.setdefault(prefix + name, torch.zeros_like(self._buffers[name]))
        super()._load_from_state_dict(state, prefix, *rest)
