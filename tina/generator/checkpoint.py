"""A Tina as files: config.json and model.safetensors, here or on the Hub; and which versions of them can be read.

    config, tensors = read("sketchbook-cnn")        # what `Tina(**config)` and `load_tensors` take
    save(tina, folder)

The transformer is saved in half precision, its modulations and, in checkpoints that say `eight_bits`, its matrices in
eight bits: that changes no classifier visibly, and the download is a third. What says nothing (zeros) is not saved.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from huggingface_hub import hf_hub_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from tina.blueprints import TOWER_ROWS
from tina.encoder.settings import current_hash
from tina.errors import UserError
from tina.paths import CHECKPOINTS, NOT_PACKED, shipped
from tina.storage import save_json, save_tensors, tensor_digest

if TYPE_CHECKING:
    from torch import nn

FORMAT = 2
CONFIG, MODEL = "config.json", "model.safetensors"
HALF = (  # besides the transformer
    *("closed_form.prior.", "closed_form.transfer.projection", "closed_form.transfer.class_means"),
    *("closed_form.transfer.reference", "closed_form.familiarity.image_means"),
    *("reader.", "features.axes", "learnt.rows", "learnt.means"),
)
EIGHT_BITS = (
    *(f"closed_form.familiarity.{name}" for name in ("texts", "image_means", "other_texts")),
    *("words.texts", "words.weights", "words.basis", "words.own"),
)
MATRIX_SCALE = 64.0  # of matrices in eight bits: their numbers are so small that there are few eight-bit ones near them
OPTIONAL = ("closed_form.prior.values", "closed_form.prior.rows", "closed_form.transfer.class_means")
COUNTED = (*EIGHT_BITS[:3], "closed_form.transfer.class_means", "closed_form.transfer.reference")  # any number of rows
GONE = ("knowledge.known_pictured",)  # what a prompt is made of is given now
FROM_1 = {  # names of tensors in format 1 -> their names now
    "knowledge.normaliser_": "closed_form.normaliser.",
    "knowledge.prior_centre": "closed_form.prior.share_mean",
    "knowledge.prior_": "closed_form.prior.",
    "knowledge.transfer_middle": "closed_form.transfer.vector_mean",
    "knowledge.transfer_usual": "closed_form.transfer.feature_mean",
    "knowledge.transfer_lift": "closed_form.transfer.projection",
    "knowledge.transfer_inverse": "closed_form.transfer.precision",
    "knowledge.transfer_reach": "closed_form.transfer.radius",
    "knowledge.transfer_means": "closed_form.transfer.class_means",
    "knowledge.transfer_strangers": "closed_form.transfer.reference",
    "knowledge.known_said": "closed_form.familiarity.texts",
    "knowledge.known_shown": "closed_form.familiarity.image_means",
    "knowledge.known_others": "closed_form.familiarity.other_texts",
    "knowledge.known_gate": "closed_form.familiarity.gate",
}


# -- reading -----------------------------------------------------------------------------------------------------------
def read(name: str | Path, **hub: Any) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Config and tensors, as this version of Tina names them, of a checkpoint that ships, a folder, or OWNER/NAME."""
    config_file, model_file = files_of(name, **hub)
    with readable(name):
        config, tensors = json.loads(config_file.read_text("utf-8")), load_file(model_file)
        version = config.pop("format", 1)
        if version > FORMAT:
            raise UserError(
                f"{name} was saved by a newer version of Tina (format {version}; this one reads up to {FORMAT}): "
                "upgrade Tina to read it."
            )
        return _upgraded(config, tensors) if version == 1 else (config, tensors)


def files_of(name: str | Path, **hub: Any) -> tuple[Path, Path]:
    """Where a checkpoint's two files are on this machine; from the Hub they are fetched first."""
    place = CHECKPOINTS / name if str(name) in shipped() else Path(name)
    if place.is_dir():
        missing = [file for file in (CONFIG, MODEL) if not (place / file).is_file()]
        if missing:
            raise UserError(f"{name} is no checkpoint of Tina: it has no {' and no '.join(missing)}.")
        return place / CONFIG, place / MODEL
    if str(name) in NOT_PACKED:
        raise UserError(
            f"{name} comes with the source of Tina and not with the installed package: give the folder that it is in."
        )
    if str(name).count("/") != 1:
        raise UserError(
            f"There is no checkpoint {str(name)!r}: it is one of {', '.join(shipped())}, a folder, or OWNER/NAME."
        )
    try:
        config, model = (Path(hf_hub_download(str(name), file, **hub)) for file in (CONFIG, MODEL))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise UserError(f"{str(name)!r} cannot be fetched from the Hub (is this machine online?).") from error
    return config, model


def blueprint_of(config: Mapping[str, Any]) -> str:
    """The id of the blueprint that a config.json names; on a tower that is the tower's rows."""
    return config.get("blueprint") or f"{TOWER_ROWS}:{config['tower']}"


@contextmanager
def readable(name: str | Path) -> Iterator[None]:
    """What cannot be read is one sentence."""
    try:
        yield
    except (TypeError, ValueError, KeyError, AttributeError, RuntimeError, SafetensorError) as error:
        raise UserError(f"{name} is no checkpoint that this version of Tina can read.") from error


def _upgraded(config: dict[str, Any], tensors: dict[str, Tensor]) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """From format 1, which had other names and one setting."""
    threshold = config.pop("threshold", None)
    config["encoder_hash"] = current_hash(config["encoder_hash"])
    settings = {} if threshold is None else {"other_class": {"threshold": threshold}}

    def new_name(name: str) -> str:
        old = next((old for old in FROM_1 if name.startswith(old)), None)
        return FROM_1[old] + name.removeprefix(old) if old else name

    return config | {"settings": settings}, {
        new_name(name): tensor for name, tensor in tensors.items() if name not in GONE
    }


def load_tensors(tina: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Into a fresh Tina. Of texts, classes and pictures there are as many as there were, and what was not saved stays
    zero."""
    for name in COUNTED:
        if name in tensors:
            part, _, buffer = name.rpartition(".")
            module = tina.get_submodule(part)
            setattr(module, buffer, getattr(module, buffer).new_zeros(tensors[name].shape))
    zeros = {name: tina.get_buffer(name) for name in OPTIONAL if name not in tensors}
    scaled = {
        name: tensor.float() / MATRIX_SCALE
        for name, tensor in tensors.items()
        if tensor.dtype == torch.float8_e4m3fn and _is_matrix(name, tensor)
    }
    tina.load_state_dict(zeros | dict(tensors) | scaled)


# -- writing -----------------------------------------------------------------------------------------------------------
def save(tina: Any, folder: Path) -> None:
    """Both files, each whole or not at all."""
    state = tina.state_dict()
    kept = {name: tensor for name, tensor in state.items() if name not in OPTIONAL or tensor.any()}
    saved = {name: as_saved(name, tensor, tina.eight_bits) for name, tensor in kept.items()}
    save_tensors(saved, folder / MODEL, finite=True)
    save_json({"format": FORMAT, **tina.config()}, folder / CONFIG)


def as_saved(name: str, tensor: Tensor, eight_bits: bool = False) -> Tensor:
    """In the precision that it is saved in: shifts and scales of the blocks need no more than eight bits, and vectors
    that are only compared with neither; nor do matrices, where a checkpoint says so."""
    tensor = tensor.detach().cpu().contiguous()
    if _is_modulation(name, tensor) or name in EIGHT_BITS:
        return tensor.to(torch.float8_e4m3fn)
    if eight_bits and _is_matrix(name, tensor):
        return (tensor * MATRIX_SCALE).to(torch.float8_e4m3fn)
    return tensor.half() if name.startswith(("network.", *HALF)) else tensor


def _is_modulation(name: str, tensor: Tensor) -> bool:
    return name.startswith("network.blocks.") and ".condition." in name and tensor.ndim == 2


def _is_matrix(name: str, tensor: Tensor) -> bool:
    linear = name.startswith("network.") and name.endswith(".weight") and tensor.ndim == 2
    return linear and not _is_modulation(name, tensor)


# -- versions ----------------------------------------------------------------------------------------------------------
def digest(tina: Any) -> str:
    """Of everything that decides what is written: the numbers as they are saved and the settings, but not where the
    world's pictures lie."""
    about = {key: value for key, value in tina.config().items() if key not in ("world", "encoder")}
    tensors = {name: as_saved(name, tensor, tina.eight_bits) for name, tensor in tina.state_dict().items()}
    return tensor_digest(tensors, json.dumps(about, sort_keys=True))
