"""open_clip models, from the folder that ships, from a package, from any folder, from open_clip's list or the Hub.

A model without its trained weights is refused: random vectors look like vectors.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from tina import compat
from tina.encoder.packaged import EMBEDDED_FOLDER, PACKAGES, write_folder
from tina.encoder.settings import CONFIG_FILE, DEFAULTS, EncoderSettings
from tina.errors import UserError

EMBEDDED = "embedded"
CAPTION_TEMPLATES = ("a photo of a {}.", "a picture of {}.", "{}")  # for models that learnt from captions


@dataclass(frozen=True)
class Loaded:
    """An open_clip model and everything that texts and pictures are prepared by."""

    model: Any  # open_clip's CLIP or CustomTextCLIP, in eval mode and frozen
    preprocess: Callable[[Image.Image], Tensor]  # -> 3 x size x size
    tokenizer: Any  # open_clip's: N texts -> N x context length, and `context_length`
    templates: tuple[str, ...]  # a text's vector is the mean over these
    settings: EncoderSettings


def encoder_folder(id: str) -> Path | None:
    """The folder that an encoder is in; None for one from a package, from open_clip's list or from the Hub."""
    if id == EMBEDDED:
        return EMBEDDED_FOLDER
    return Path(id.removeprefix("local-dir:")).expanduser() if id.startswith("local-dir:") else None


def load(id: str, device: torch.device) -> Loaded:
    """Load an open_clip model with its trained weights.

    Args:
        id: embedded, everyday, local-dir:FOLDER, hf-hub:OWNER/NAME, or architecture/weights.
        device: where the model goes.

    Returns:
        The model and its preparation. A UserError where there is none.
    """
    if id in PACKAGES:
        with TemporaryDirectory() as temporary:
            write_folder(id, Path(temporary))
            return load(f"local-dir:{temporary}", device)
    folder = encoder_folder(id)
    templates, settings = _read_config(id, folder) if folder else (CAPTION_TEMPLATES, DEFAULTS)
    compat.prepare()
    import open_clip  # here and not above: it takes seconds, and half of the verbs need no encoder
    from safetensors import SafetensorError

    name = f"local-dir:{folder}" if folder else id
    options: dict[str, Any] = {}
    if not folder and not id.startswith("hf-hub:"):
        name, _, weights = id.partition("/")
        if weights not in open_clip.list_pretrained_tags_by_model(name):
            raise UserError(
                f"There is no encoder {id!r}: wanted is architecture/weights such as ViT-B-32/openai, "
                f"hf-hub:OWNER/NAME, local-dir:FOLDER, {', '.join(PACKAGES)} or embedded."
            )
        options["pretrained"] = weights
        options["force_quick_gelu"] = open_clip.get_pretrained_cfg(name, weights).get("quick_gelu", False)
    try:
        model, _, preprocess = open_clip.create_model_and_transforms(
            name, require_pretrained=True, device=device, **options
        )
        tokenizer = open_clip.get_tokenizer(name)
    except (RuntimeError, OSError, ValueError, SafetensorError) as error:
        where = "be read" if folder else "be fetched from the hub (is this machine online?)"
        raise UserError(f"The encoder {id!r} cannot {where}: {str(error).splitlines()[0]}") from error
    return Loaded(model.eval().requires_grad_(False), preprocess, tokenizer, templates, settings)


def _read_config(id: str, folder: Path) -> tuple[tuple[str, ...], EncoderSettings]:
    """Templates and settings: keys of ours in the config, which open_clip passes over. There must be weights, too."""
    if not (folder / CONFIG_FILE).is_file():
        raise UserError(f"The encoder {id!r} has no {CONFIG_FILE} in {folder}.")
    if not any(folder.glob("open_clip_*.safetensors")) and not any(folder.glob("open_clip_*.bin")):
        raise UserError(f"The encoder {id!r} has no weights in {folder}; without them its vectors would be random.")
    config = json.loads((folder / CONFIG_FILE).read_text("utf-8"))
    return tuple(config.get("templates", CAPTION_TEMPLATES)), EncoderSettings.read(folder)
