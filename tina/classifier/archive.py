"""A classifier as a zip that runs without Tina, and back: numbers and JSON, never anything executed on loading.

weights.safetensors, classifier.json, classifier.onnx, predict.py (needs onnxruntime, numpy and pillow), README.md; of
rows on a pretrained tower, rows.safetensors too; and drawn.py, which predict.py asks, where drawings are prepared
before they are looked at.
"""

from __future__ import annotations

import hashlib
import json
import math
import zipfile
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from tina.blueprints import BLUEPRINTS, ON_ENCODERS, TOWER_ROWS, Blueprint, Weights, get_blueprint
from tina.blueprints.base import HEAD
from tina.blueprints.tower import TowerHeads
from tina.checks import JSON_BYTES, read_json, several, table, whole
from tina.classifier.content import Content
from tina.classifier.others import Others
from tina.classifier.readme import ROWS, readme
from tina.classifier.record import FORMAT, LONGEST_ON, NewerFormat, Record, read_record
from tina.classifier.score import Score
from tina.encoder.encoder import EMBEDDED
from tina.encoder.packaged import PACKAGES
from tina.encoder.settings import current_hash
from tina.errors import UserError
from tina.prompts.prompt import PromptError
from tina.storage import write_atomically
from tina.worlds import drawn
from tina.zips import DAMAGED, PLAIN, open_zip, read_member

OTHERS = "others."  # tensors of what else a picture could be of
FILES = ("weights.safetensors", "classifier.json", "classifier.onnx", "predict.py", "README.md")
LARGEST = 64 * 2**20  # bytes of weights that are read
DIRECTORY = 2**16  # bytes of a zip's list of members; ours is of seven
HEADER = 2**18  # bytes of a safetensors header, and below the axes of a tensor
AXES = 8
PROGRAM = Path(__file__).parent / "engine" / "predict.py"


def write_zip(content: Content, onnx: bytes, file: Path) -> Path:
    """The zip, whole; `onnx` is the classifier as an ONNX file."""
    blueprint, scored, labels = content.blueprint, content.scored, content.prompt.labels
    tensors = blueprint.complete(content.weights)
    if content.others:
        tensors = tensors | {OTHERS + name: tensor for name, tensor in vars(content.others).items()}
    if not _is_finite(content, tensors):
        raise UserError("This classifier was not saved: there are numbers in it that are none (NaN), or infinite.")
    weights = save({name: tensor.contiguous() for name, tensor in tensors.items()})
    prompt = json.loads(content.prompt.to_json())
    for row, count in zip(prompt["classes"], content.shown, strict=False):
        row["pictures"] = count
    about = {
        "format": FORMAT,
        "blueprint": blueprint.id,
        "labels": labels,
        "prompt": prompt,
        "preprocessing": {
            "size": blueprint.size,
            "crop": "middle square",
            "middle": blueprint.middle,
            "scale": [-1.0, 1.0],
            **({"preparation": blueprint.preparation} if blueprint.preparation else {}),
        },
        **asdict(content.origin),
        "backbone": blueprint.backbone_hash,
        "parameters": blueprint.parameters(len(labels)),
        "accuracy": scored and scored.accuracy,
        "interval": scored and list(scored.interval),
        "confusion": scored and scored.confusion,
        **({"scored_on": scored.on} if scored and scored.on else {}),
        **({} if content.none_level is None else {"none_level": content.none_level}),
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
    }
    members = {
        "weights.safetensors": weights,
        "classifier.json": json.dumps(about, ensure_ascii=False, indent=2).encode(),
        "classifier.onnx": onnx,
        "predict.py": PROGRAM.read_bytes(),
        "README.md": readme(content).encode(),
    }
    if blueprint.preparation:
        members["drawn.py"] = Path(drawn.__file__).read_bytes()
    on_tower = isinstance(blueprint, TowerHeads)
    if on_tower:
        members[ROWS] = save({name: weight.contiguous() for name, weight in content.weights.items()})
    with write_atomically(file) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content_of in members.items():
            # A tower's weights do not shrink, and trying takes longer than everything else
            how = zipfile.ZIP_STORED if on_tower and name == "classifier.onnx" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), content_of, how)
    return file


def _is_finite(content: Content, tensors: Weights) -> bool:
    """Whether every number of a classifier is one."""
    shares = (content.origin.provenance or {}).values()
    level = () if content.none_level is None else (content.none_level,)
    return all(tensor.isfinite().all() for tensor in tensors.values()) and all(map(math.isfinite, (*shares, *level)))


def read_zip(file: Path) -> Content:
    """What `write_zip` wrote, of this version or an earlier one. Anything else is one sentence."""
    if not file.is_file():
        raise UserError(f"{file}: there is no such file.")
    no_classifier = f"{file.name} is no classifier saved by Tina, or it is damaged."
    try:
        about, content = _members(file)
    except PermissionError as error:
        raise UserError(f"{file}: this file may not be read.") from error
    except DAMAGED as error:
        raise UserError(no_classifier) from error
    try:
        record = read_record(about)
        weights = _tensors(content)
    except NewerFormat as error:
        raise UserError(
            f"{file.name} was saved by a newer version of Tina (format {error}; this one reads up to {FORMAT}): "
            "upgrade Tina to read it."
        ) from error
    except (ValueError, SafetensorError, PromptError) as error:
        raise UserError(no_classifier) from error
    if hashlib.sha256(content).hexdigest() != record.weights_sha256:
        raise UserError(f"{file.name}: the weights are not the ones it was saved with.")
    blueprint = _blueprint(file, record)
    try:
        return _content(blueprint, record, weights)
    except ValueError as error:
        raise UserError(no_classifier) from error


def _members(file: Path) -> tuple[bytes, bytes]:
    """classifier.json and the weights, packed as `write_zip` packs them."""
    with open_zip(file, DIRECTORY) as archive:
        about, weights = (archive.getinfo(name) for name in ("classifier.json", "weights.safetensors"))
        return read_member(archive, about, JSON_BYTES, PLAIN), read_member(archive, weights, LARGEST, PLAIN)


def _tensors(content: bytes) -> Weights:
    """Of a safetensors file whose header is looked at first: 32-bit numbers only, of shapes that are possible."""
    size = int.from_bytes(content[:8], "little")
    header = table(read_json(content[8 : 8 + size], HEADER), "the header")
    for name, about in header.items():
        if name != "__metadata__":
            shape = several(table(about, "a tensor").get("shape"), "a shape", AXES)
            if about.get("dtype") != "F32" or 4 * math.prod(whole(axis, "an axis", 1) for axis in shape) > LARGEST:
                raise ValueError(f"{name[:LONGEST_ON]!r} is none of our tensors")
    return load(content)


def _content(blueprint: Blueprint, record: Record, weights: Weights) -> Content:
    others = _others(weights, blueprint.width) if any(name.startswith(OTHERS) for name in weights) else None
    labels = record.prompt.labels
    _check(weights, blueprint.whole.init(len(labels), torch.Generator()))
    blueprint = blueprint.on(blueprint.whole.module(weights)).prepared_by(record.preparation)
    weights = {name: weights[name] for name in (*blueprint.shapes, *HEAD)}
    scored = Score(tuple(labels), record.confusion, record.scored_on) if record.confusion else None
    return Content(blueprint, weights, record.prompt, record.origin, scored, record.none_level, record.shown, others)


def _others(weights: Weights, width: int) -> Others:
    """Taken out of the weights."""
    found = {name: weights.pop(name) for name in [*weights] if name.startswith(OTHERS)}
    if found.keys() != {OTHERS + "rows", OTHERS + "shares"}:
        raise ValueError("the others are not as they should be")
    others = Others(found[OTHERS + "rows"], found[OTHERS + "shares"])
    if (
        others.shares.ndim != 1
        or others.rows.shape != (len(others.shares), width + 1)
        or not (others.rows.isfinite().all() and others.shares.isfinite().all())
    ):
        raise ValueError("the others are not as they should be")
    return others


def _blueprint(file: Path, record: Record) -> Blueprint:
    """An encoder is not fetched because a file says so: it is the embedded one, or the zip's own program runs it."""
    kind, _, encoder = record.blueprint.partition(":")
    if kind in ON_ENCODERS and encoder != EMBEDDED:
        raise UserError(f"{file.name} stands on another encoder than the embedded one: its predict.py runs it.")
    if kind == TOWER_ROWS and encoder not in PACKAGES:
        raise UserError(f"{file.name} stands on a tower that comes with no package: its predict.py runs it.")
    if kind not in (*ON_ENCODERS, TOWER_ROWS) and record.blueprint not in BLUEPRINTS:
        raise UserError(f"{file.name} is no classifier saved by Tina, or it is damaged.")
    blueprint = get_blueprint(record.blueprint)
    backbone = current_hash(record.backbone) if record.version == 1 else record.backbone
    if backbone != blueprint.backbone_hash:
        raise UserError(f"{file.name} stands on another version of the encoder than this Tina has.")
    return blueprint


def _check(weights: Weights, like: Weights) -> None:
    """Names, shapes and types are those of the blueprint, and every number is finite."""
    if weights.keys() != like.keys():
        raise ValueError("these are the weights of something else")
    for name, weight in like.items():
        if weights[name].shape != weight.shape or not weights[name].isfinite().all():
            raise ValueError(f"{name} is not as it should be")
