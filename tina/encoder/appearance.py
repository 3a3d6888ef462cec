"""How the things that words name look, added to the vectors of texts.

A text tower puts the bee next to honey. What a bee looks like is known from pictures, and for things without pictures
from a lexicon of visible traits (`research/recipes/appearance.py` fits it in closed form). A text gets the appearance
of the words that its vector is close to; one appearance for each world, since worlds draw the same thing differently.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from tina.encoder.settings import DEFAULTS, EncoderSettings

FILE = "appearance.safetensors"  # in an encoder's folder, beside open_clip's files
DTYPES = {"words": torch.float8_e4m3fn, "weights": torch.float8_e4m3fn, "axes": torch.float16}  # in the file


def likeness(vectors: Tensor, others: Tensor, radius: float = DEFAULTS.appearance_radius) -> Tensor:
    """The kernel exp((cosine - 1) / radius): 1 where vectors are the same, less the further they are apart.

    Args:
        vectors: N x dim, unit vectors.
        others: M x dim, unit vectors.
        radius: by how much the cosine has to fall for the kernel to fall to 1/e.

    Returns:
        N x M, from 0 to 1.
    """
    return ((vectors @ others.T - 1) / radius).exp()


def text_axes(projection: Tensor) -> Tensor:
    """An orthonormal basis of the space that a text tower's vectors lie in, the same one on every machine.

    Args:
        projection: width x dim, the tower's last matrix.

    Returns:
        width x dim: the Q of a QR decomposition whose R has a positive diagonal.
    """
    q, r = torch.linalg.qr(projection.detach().float().cpu().T)  # (dim, width), (width, width)
    basis: Tensor = (q * r.diagonal().sign()).T
    return basis


class Appearance:
    """Kernel regression from texts to how things look."""

    def __init__(
        self,
        basis: Tensor,
        words: Tensor,
        worlds: dict[str, dict[str, Tensor]],
        settings: EncoderSettings = DEFAULTS,
    ):
        """
        Args:
            basis: width x dim, the axes that texts are written on (`text_axes`).
            words: M x width, the known words on these axes.
            worlds: for each world "weights" (M x A), the regression's coefficients, and "axes" (A x dim), axes of the
                space on which texts have nothing.
            settings: the kernel's radius and the weight of each appearance.
        """
        self.basis, self.words, self.worlds, self.settings = basis, words, worlds, settings

    @classmethod
    def read(cls, folder: Path, model: nn.Module, settings: EncoderSettings = DEFAULTS) -> Appearance | None:
        """The appearance in an encoder's folder.

        Args:
            folder: the encoder's folder.
            model: its open_clip model, with a text tower of its own (`model.text`).
            settings: the encoder's settings.

        Returns:
            The appearance, or None where the folder has none.
        """
        if not (folder / FILE).is_file():
            return None
        worlds: dict[str, dict[str, Tensor]] = {}
        tensors = {name: tensor.float() for name, tensor in load_file(folder / FILE).items()}
        words = tensors.pop("words")
        for name, tensor in tensors.items():
            world, _, part = name.partition(".")
            worlds.setdefault(world, {})[part] = tensor
        projection: Tensor = model.get_submodule("text").get_parameter("text_projection")
        return cls(text_axes(projection), words, worlds, settings)

    def save(self, folder: Path) -> None:
        """Write it into an encoder's folder, in small dtypes (`DTYPES`)."""
        tensors = {name: tensor.to(DTYPES[name.split(".")[-1]]).contiguous() for name, tensor in self.tensors()}
        save_file(tensors, folder / FILE)

    def tensors(self) -> list[tuple[str, Tensor]]:
        """Name and tensor of everything that is saved: "words", "WORLD.weights", "WORLD.axes"."""
        worlds = [(f"{world}.{part}", tensor) for world, parts in self.worlds.items() for part, tensor in parts.items()]
        return [("words", self.words), *worlds]

    def add_to(self, texts: Tensor) -> Tensor:
        """Text vectors with the appearance of what they name.

        Args:
            texts: N x dim, unit vectors of a text tower.

        Returns:
            N x dim, unit vectors.
        """
        kernel = likeness(  # (N, M)
            texts @ self.basis.to(texts.device).T, self.words.to(texts.device), self.settings.appearance_radius
        )
        total = texts
        for world in self.worlds.values():
            weights, axes = (world[part].to(texts.device) for part in ("weights", "axes"))  # (M, A), (A, dim)
            total = total + self.settings.appearance_weight * F.normalize(kernel @ weights, dim=1) @ axes
        return F.normalize(total, dim=1)
