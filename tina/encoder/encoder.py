"""Texts and pictures into one space: any open_clip model, one unit vector each.

    Encoder()                              the embedded one: small, offline, loads at once
    Encoder("ViT-B-32/openai")             built-in architecture / weights, fetched by open_clip
    Encoder("hf-hub:laion/CLIP-ViT-B-32-laion2B-s34B-b79K")
    Encoder("local-dir:path/to/folder")    open_clip_config.json + open_clip_model.safetensors

A model without its trained weights is refused: random vectors look like vectors.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from tina import compat
from tina.encoder.appearance import Appearance
from tina.errors import UserError
from tina.paths import CHECKPOINTS
from tina.prompts.prompt import Prompt
from tina.prompts.something_else import is_something_else
from tina.worlds.archives import cache_folder
from tina.worlds.pictures import open_picture

EMBEDDED = "embedded"
EMBEDDED_FOLDER = CHECKPOINTS / "encoder"
CAPTION_TEMPLATES = ("a photo of a {}.", "a picture of {}.", "{}")  # for models that learnt from captions
BATCH = 256
TEXT_BESIDE_ONE = 0.7  # how loud a text is beside one picture: best where seen classes were left out


class Encoder:
    def __init__(self, id: str = EMBEDDED, device: str | torch.device | None = None):
        self.id = id
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        folder = _folder(id)
        self.model, self.preprocess, self.tokenizer, self.templates = _load(id, folder, self.device)
        self.looks = Appearance.read(folder, self.model) if folder else None

    @cached_property
    def hash(self) -> str:
        """Of every weight and of the way pictures and texts are prepared: recorded wherever vectors are kept."""
        digest = hashlib.sha256(f"{self.preprocess}{self.templates}{self.tokenizer.context_length}".encode())
        looks = self.looks.tensors() if self.looks else []
        for name, tensor in sorted([*self.model.state_dict().items(), *looks]):
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy())
        return digest.hexdigest()[:16]

    @cached_property
    def dim(self) -> int:
        return self.encode_texts(["a"]).shape[1]

    @cached_property
    def scale(self) -> float:
        """What a cosine is multiplied by to be a logit, as the model learnt it."""
        return float(self.model.logit_scale.exp())

    def encode_texts_cached(self, texts: Sequence[str]) -> Tensor:
        """n x dim unit vectors. What was encoded before comes from the disk."""
        store = self._store
        missing = [text for text in dict.fromkeys(texts) if text not in store]
        for at in range(0, len(missing), BATCH):
            part = missing[at : at + BATCH]
            store.put(part, self.encode_texts(part))
        return torch.stack([store[text] for text in texts]) if len(texts) else torch.zeros(0, self.dim)

    @torch.inference_mode()
    def encode_images(self, pictures: Sequence[Image.Image | np.ndarray | str | Path]) -> Tensor:
        """n x dim unit vectors of pictures, paths or uint8 arrays (height x width x 3)."""
        vectors = []
        for at in range(0, len(pictures), BATCH):
            batch = torch.stack([self.preprocess(_as_picture(p)) for p in pictures[at : at + BATCH]])
            vectors.append(F.normalize(self.model.encode_image(batch.to(self.device)).float(), dim=1).cpu())
        return torch.cat(vectors) if vectors else torch.zeros(0, self.dim)

    @torch.inference_mode()
    def encode_texts(self, texts: Sequence[str]) -> Tensor:
        """n x dim unit vectors; nothing is read from the disk and nothing kept (a visitor's words, say)."""
        filled = [template.replace("{}", text) for template in self.templates for text in texts]
        vectors = F.normalize(self._encode_ids(self.tokenizer(filled).to(self.device)).float(), dim=1)
        mean = vectors.view(len(self.templates), len(texts), -1).mean(0)
        united = F.normalize(mean, dim=1)
        return (self.looks.beside(united) if self.looks else united).cpu()

    @cached_property
    def _encode_ids(self) -> Callable[[Tensor], Tensor]:
        """How token ids become vectors: by the short way if the tower allows it, otherwise by open_clip's own."""
        tower = getattr(self.model, "text", None)
        return partial(encode_cut, tower) if _may_be_cut(tower) else self.model.encode_text

    def encode_prompt(self, prompt: Prompt) -> Tensor:
        """K x dim: a unit vector for each class, from its texts and its pictures; nothing is kept of either. Zeros for
        "something else", if there are no pictures of it."""
        return torch.stack([combine(*parts) for parts in zip(*self.encode_parts(prompt), strict=True)])

    def encode_parts(self, prompt: Prompt) -> tuple[list[Tensor], list[Tensor]]:
        """Of each class, the vectors of its texts and those of its pictures, of which there may be none."""
        said = [text for wanted in prompt.classes for text in wanted.texts]
        texts = self.encode_texts(said) * torch.tensor([[not is_something_else(text)] for text in said])
        pictures = self.encode_images([picture for wanted in prompt.classes for picture in wanted.pictures])
        return (
            list(texts.split([len(wanted.texts) for wanted in prompt.classes])),
            list(pictures.split([len(wanted.pictures) for wanted in prompt.classes])),
        )

    @cached_property
    def _store(self) -> _Store:
        return _Store(cache_folder() / "encoder" / f"{self.hash}.sqlite")


def encode_cut(tower: nn.Module, ids: Tensor) -> Tensor:
    """The text tower on texts cut to their longest, several times as fast for names: what follows a text's end never
    reaches it through the causal mask."""
    ends = ids.argmax(1)
    length = int(ends.max()) + 1
    x = tower.token_embedding(ids[:, :length]) + tower.positional_embedding[:length]
    x = tower.transformer(x, attn_mask=tower.attn_mask[:length, :length])
    x = tower.ln_final(x[torch.arange(len(x)), ends])
    return x @ tower.text_projection


def _may_be_cut(tower: nn.Module | None) -> bool:
    """Is it open_clip's plain causal transformer, read off at the end of the text? (By its name: `compat.open_clip` may
    have imported the class anew.)"""
    return (
        type(tower).__name__ == "TextTransformer"
        and tower.attn_mask is not None
        and tower.pool_type == "argmax"
        and tower.cls_emb is None
        and not tower.use_pad_mask
        and isinstance(tower.text_projection, Tensor)
    )


def combine(texts: Tensor, pictures: Tensor) -> Tensor:
    """A class's one vector, from those of its texts and those of its pictures."""
    text = F.normalize(texts.mean(0), dim=0)
    return fuse(text, pictures.mean(0), len(pictures)) if len(pictures) else text


def fuse(text: Tensor, picture: Tensor, count: int | Tensor) -> Tensor:
    """One vector of what a text and the mean of `count` pictures say: the more pictures, the surer is their mean, and
    the less is left for the text to add."""
    beside = TEXT_BESIDE_ONE / torch.as_tensor(count, dtype=text.dtype).sqrt()[..., None]
    return F.normalize(beside * F.normalize(text, dim=-1) + F.normalize(picture, dim=-1), dim=-1)


class _Store:
    """Text -> vector on disk, for one encoder; safe to share between processes."""

    def __init__(self, file: Path):
        file.parent.mkdir(parents=True, exist_ok=True)
        self.base = sqlite3.connect(file, timeout=30, check_same_thread=False)
        self.base.execute("CREATE TABLE IF NOT EXISTS vectors (text TEXT PRIMARY KEY, vector BLOB) WITHOUT ROWID")
        self.near: dict[str, Tensor] = {}

    def __contains__(self, text: str) -> bool:
        if text not in self.near:
            row = self.base.execute("SELECT vector FROM vectors WHERE text = ?", (text,)).fetchone()
            if row is None:
                return False
            self.near[text] = torch.from_numpy(np.frombuffer(row[0], np.float32).copy())
        return True

    def __getitem__(self, text: str) -> Tensor:
        return self.near[text]

    def put(self, texts: list[str], vectors: Tensor) -> None:
        self.near.update(zip(texts, vectors, strict=True))
        rows = [(text, vector.numpy().tobytes()) for text, vector in zip(texts, vectors, strict=True)]
        with self.base:
            self.base.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)


def _as_picture(picture: Image.Image | np.ndarray | str | Path) -> Image.Image:
    return Image.fromarray(picture) if isinstance(picture, np.ndarray) else open_picture(picture)


def _folder(id: str) -> Path | None:
    """Where the encoder is, if that is a folder."""
    if id == EMBEDDED:
        return EMBEDDED_FOLDER
    return Path(id.removeprefix("local-dir:")).expanduser() if id.startswith("local-dir:") else None


def _load(id: str, folder: Path | None, device: torch.device):
    open_clip = compat.open_clip(with_transformers=id != EMBEDDED)
    from safetensors import SafetensorError

    name, options, templates = id, {}, CAPTION_TEMPLATES
    if folder:
        name = f"local-dir:{folder}"
        templates = _check_folder(id, folder)
    elif not id.startswith("hf-hub:"):
        name, _, weights = id.partition("/")
        if weights not in open_clip.list_pretrained_tags_by_model(name):
            raise UserError(
                f"There is no encoder {id!r}: wanted is architecture/weights such as ViT-B-32/openai, "
                "hf-hub:OWNER/NAME, local-dir:FOLDER or embedded."
            )
        options["pretrained"] = weights
        options["force_quick_gelu"] = open_clip.get_pretrained_cfg(name, weights).get("quick_gelu", False)
    try:
        model, _, preprocess = open_clip.create_model_and_transforms(
            name, require_pretrained=True, device=device, **options
        )
        tokenizer = open_clip.get_tokenizer(name)
    except (RuntimeError, OSError, ValueError, SafetensorError) as error:
        where = "be read" if name.startswith("local-dir:") else "be fetched from the hub (is this machine online?)"
        raise UserError(f"The encoder {id!r} cannot {where}: {str(error).splitlines()[0]}") from error
    return model.eval().requires_grad_(False), preprocess, tokenizer, templates


def _check_folder(id: str, folder: Path) -> tuple[str, ...]:
    """The folder holds a config and weights; its templates (a key of ours that open_clip passes over)."""
    config = folder / "open_clip_config.json"
    if not config.is_file():
        raise UserError(f"The encoder {id!r} has no open_clip_config.json in {folder}.")
    if not any(folder.glob("open_clip_*.safetensors")) and not any(folder.glob("open_clip_*.bin")):
        raise UserError(f"The encoder {id!r} has no weights in {folder}; without them its vectors would be random.")
    return tuple(json.loads(config.read_text("utf-8")).get("templates", CAPTION_TEMPLATES))
