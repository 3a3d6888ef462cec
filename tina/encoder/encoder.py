"""Texts and pictures into one space: any open_clip model, one unit vector each.

Encoder()                              the embedded one: small, offline
Encoder("everyday")                    photographs of 224 px: a pretrained image tower from a package, offline
Encoder("ViT-B-32/openai")             built-in architecture / weights, fetched by open_clip
Encoder("hf-hub:laion/CLIP-ViT-B-32-laion2B-s34B-b79K")
Encoder("local-dir:path/to/folder")    open_clip_config.json + open_clip_model.safetensors
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from tina import compat
from tina.encoder.appearance import Appearance
from tina.encoder.cache import TextCache
from tina.encoder.loading import EMBEDDED, encoder_folder, load
from tina.encoder.packaged import EMBEDDED_FOLDER
from tina.encoder.settings import DEFAULTS
from tina.encoder.towers import image_encoder, text_encoder, to_pair
from tina.prompts.prompt import Prompt
from tina.prompts.something_else import is_something_else
from tina.storage import tensor_digest
from tina.worlds.archives import cache_folder
from tina.worlds.pictures import open_picture

Picture = Image.Image | NDArray[np.uint8] | str | Path  # arrays are height x width x 3
BATCH = 256  # texts
PIXELS = 256 * 64 * 64  # of a batch of pictures


class Encoder:
    """An open_clip model, and how texts and pictures are prepared for it."""

    def __init__(self, id: str = EMBEDDED, device: str | torch.device | None = None):
        """
        Args:
            id: embedded, everyday, architecture/weights, hf-hub:OWNER/NAME or local-dir:FOLDER.
            device: where it computes (default: a GPU if there is one). Vectors always come back on the CPU.
        """
        self.id = id
        self.device = torch.device(device or compat.usual_device())
        loaded = load(id, self.device)
        self.model, self.preprocess, self.tokenizer = loaded.model, loaded.preprocess, loaded.tokenizer
        self.templates, self.settings = loaded.templates, loaded.settings
        folder = encoder_folder(id)
        self.appearance = Appearance.read(folder, self.model, self.settings) if folder else None

    @cached_property
    def hash(self) -> str:
        """Of every weight, every setting, and the way texts and pictures are prepared: kept wherever vectors are kept.

        Returns:
            16 hexadecimal digits; the same for any copy of an encoder, on any device.
        """
        about = {
            "preprocess": self.model.visual.preprocess_cfg,
            "templates": self.templates,
            "context_length": self.tokenizer.context_length,
            "settings": asdict(self.settings),
        }
        appearance = dict(self.appearance.tensors()) if self.appearance else {}
        return tensor_digest(self.model.state_dict() | appearance, json.dumps(about, sort_keys=True))

    @cached_property
    def dim(self) -> int:
        """Numbers in a vector."""
        return self.encode_texts(["a"]).shape[1]

    @cached_property
    def scale(self) -> float:
        """What a cosine is multiplied by to be a logit, as the model learnt it."""
        return float(self.model.logit_scale.exp())

    def encode_texts_cached(self, texts: Sequence[str]) -> Tensor:
        """The same as `encode_texts`, by way of a cache on disk: for texts that are encoded again and again.

        Args:
            texts: N texts.

        Returns:
            N x dim, unit vectors.
        """
        cache = self._cache
        missing = [text for text in dict.fromkeys(texts) if text not in cache]
        for start in range(0, len(missing), BATCH):
            batch = missing[start : start + BATCH]
            cache.put(batch, self.encode_texts(batch))
        return torch.stack([cache[text] for text in texts]) if len(texts) else torch.zeros(0, self.dim)

    @torch.inference_mode()
    def encode_images(self, pictures: Sequence[Picture] | NDArray[np.uint8]) -> Tensor:
        """Vectors of pictures.

        Args:
            pictures: N pictures, paths or uint8 arrays (height x width x 3).

        Returns:
            N x dim, unit vectors.
        """
        vectors = []
        width, height = to_pair(self.model.visual.preprocess_cfg["size"])
        together = max(1, PIXELS // (width * height))
        for start in range(0, len(pictures), together):
            batch = torch.stack([self.preprocess(as_picture(p)) for p in pictures[start : start + together]])
            vectors.append(F.normalize(self._encode_pixels(batch.to(self.device)).float(), dim=1).cpu())
        return torch.cat(vectors) if vectors else torch.zeros(0, self.dim)

    @torch.inference_mode()
    def encode_texts(self, texts: Sequence[str]) -> Tensor:
        """Vectors of texts. Nothing is read from the disk or kept there: for a visitor's words.

        Args:
            texts: N texts.

        Returns:
            N x dim, unit vectors.
        """
        captions = [template.replace("{}", text) for template in self.templates for text in texts]
        ids = self.tokenizer(captions).to(self.device)  # (templates * N, context length)
        vectors = F.normalize(self._encode_ids(ids).float(), dim=1)
        mean = vectors.view(len(self.templates), len(texts), -1).mean(0)
        unit = F.normalize(mean, dim=1)  # (N, dim)
        return (self.appearance.add_to(unit) if self.appearance else unit).cpu()

    def encode_prompt(self, prompt: Prompt) -> Tensor:
        """One vector for each class, from its texts and its pictures; neither is kept.

        Args:
            prompt: K classes.

        Returns:
            K x dim, unit vectors; zeros for "something else" where there are no pictures of it.
        """
        parts = zip(*self.encode_parts(prompt), strict=True)
        return torch.stack([self.combine(*part) for part in parts])

    def encode_parts(self, prompt: Prompt) -> tuple[list[Tensor], list[Tensor]]:
        """The vectors that `encode_prompt` combines.

        Args:
            prompt: K classes.

        Returns:
            For each class the vectors of its texts (T x dim; zeros for "something else", and for what is said to be
            only a label) and of its pictures (P x dim, P may be 0).
        """
        all_texts = [text for one in prompt.classes for text in one.words]
        described = torch.tensor(
            [
                [not is_something_else(text) and not (one.name_tag and one.pictures and text == one.label)]
                for one in prompt.classes
                for text in one.texts
            ]
        )  # (sum of T, 1)
        texts = self.encode_texts(all_texts) * described
        pictures = self.encode_images([picture for one in prompt.classes for picture in one.pictures])
        return (
            list(texts.split([len(one.texts) for one in prompt.classes])),
            list(pictures.split([len(one.pictures) for one in prompt.classes])),
        )

    def combine(self, texts: Tensor, pictures: Tensor) -> Tensor:
        """A class's one vector (dim), as `combine`, with this encoder's own weight of texts."""
        return combine(texts, pictures, self.settings.text_weight)

    def fuse(self, text: Tensor, picture: Tensor, count: int | Tensor) -> Tensor:
        """Vectors of text and pictures in one (... x dim), as `fuse`, with this encoder's own weight of texts."""
        return fuse(text, picture, count, self.settings.text_weight)

    @cached_property
    def _encode_ids(self) -> Callable[[Tensor], Tensor]:
        return text_encoder(self.model)

    @cached_property
    def _encode_pixels(self) -> Callable[[Tensor], Tensor]:
        return image_encoder(self.model)

    @cached_property
    def _cache(self) -> TextCache:
        return TextCache(cache_folder() / "encoder" / f"{self.hash}.sqlite")


def combine(texts: Tensor, pictures: Tensor, text_weight: float = DEFAULTS.text_weight) -> Tensor:
    """A class's one vector.

    Args:
        texts: T x dim, the unit vectors of its texts.
        pictures: P x dim, those of its pictures; P may be 0.
        text_weight: see `fuse`.

    Returns:
        dim: a unit vector, or zeros where the texts are zeros and there are no pictures.
    """
    text = F.normalize(texts.mean(0), dim=0)
    return fuse(text, pictures.mean(0), len(pictures), text_weight) if len(pictures) else text


def fuse(text: Tensor, picture: Tensor, count: int | Tensor, text_weight: float = DEFAULTS.text_weight) -> Tensor:
    """Vectors of text and pictures in one: normalise(text_weight / sqrt(count) * text + picture).

    The mean of more pictures has less noise, and leaves less for the text to add.

    Args:
        text: ... x dim.
        picture: ... x dim, the mean over `count` pictures.
        count: a number, or a tensor of the leading axes.
        text_weight: `EncoderSettings.text_weight` of the encoder that the vectors are from.

    Returns:
        ... x dim, unit vectors.
    """
    weight = text_weight / torch.as_tensor(count, dtype=text.dtype).sqrt()[..., None]  # (..., 1)
    return F.normalize(weight * F.normalize(text, dim=-1) + F.normalize(picture, dim=-1), dim=-1)


def as_picture(picture: Picture) -> Image.Image:
    """A picture in RGB, wherever it comes from."""
    return Image.fromarray(picture) if isinstance(picture, np.ndarray) else open_picture(picture)


__all__ = ["EMBEDDED", "EMBEDDED_FOLDER", "Encoder", "combine", "fuse"]
