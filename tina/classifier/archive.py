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
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from tina.blueprints import BLUEPRINTS, ON_ENCODERS, TOWER_ROWS, Blueprint, Weights, get_blueprint
from tina.blueprints.tower import TowerHeads
from tina.classifier.onnx import OPSET
from tina.classifier.others import Others
from tina.classifier.score import Score
from tina.classifier.tower_onnx import OPSET as TOWER_OPSET
from tina.classifier.tower_onnx import writes
from tina.encoder.encoder import EMBEDDED
from tina.encoder.packaged import PACKAGES
from tina.encoder.settings import current_hash
from tina.errors import UserError
from tina.prompts.prompt import Prompt, PromptError
from tina.storage import write_atomically
from tina.worlds import drawn

LONGEST_ON = 200  # characters of what a score is said to be on
FORMAT = 2  # 1 did not say which part wrote the classifier
OTHERS = "others."  # tensors of what else a picture could be of
FILES = ("weights.safetensors", "classifier.json", "classifier.onnx", "predict.py", "README.md")
ROWS = "rows.safetensors"  # beside these, of rows on a tower: the rows and their centre, for whoever has the tower
PARTS = ("generator", "prior", "transfer")  # of `Origin.provenance`
WRITERS = {"generator": "diffusion", "prior": "prior", "transfer": "transfer"}  # what each part is called in short
ON_TOWER = {  # the same, of rows on a pretrained tower
    "generator": "diffusion",
    "prior": "closed form",
    "transfer": "logistic regression on the pictures shown",
}
LARGEST = 64 * 2**20  # bytes of a member that is read
PROGRAM = Path(__file__).parent / "engine" / "predict.py"


@dataclass(frozen=True)
class Origin:
    """Where a classifier comes from: the same prompt, checkpoint, seed and way of sampling give the same weights."""

    world: str | None = None
    checkpoint: str | None = None  # its hash
    seed: int | None = None
    steps: int | None = None
    sampler: str | None = None
    provenance: dict[str, float] | None = None  # the shares that generator, prior and transfer wrote


@dataclass(frozen=True)
class Content:
    """What is in a zip."""

    blueprint: Blueprint
    weights: Weights
    prompt: Prompt
    origin: Origin
    scored: Score | None
    none_level: float | None = None
    shown: tuple[int, ...] = ()  # how many pictures each class was written from
    others: Others | None = None


def write_zip(content: Content, onnx: bytes, file: Path) -> Path:
    """The zip, whole; `onnx` is the classifier as an ONNX file."""
    blueprint, scored, labels = content.blueprint, content.scored, content.prompt.labels
    tensors = blueprint.complete(content.weights)
    if content.others:
        tensors = tensors | {OTHERS + name: tensor for name, tensor in vars(content.others).items()}
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


def read_zip(file: Path) -> Content:
    """What `write_zip` wrote, of this version or an earlier one. Anything else is one sentence."""
    if not file.is_file():
        raise UserError(f"{file}: there is no such file.")
    try:
        with zipfile.ZipFile(file) as archive:
            about = json.loads(_member(archive, "classifier.json"))
            content = _member(archive, "weights.safetensors")
        return _content(file, about, content)
    except (
        zipfile.BadZipFile,
        EOFError,
        OSError,
        ValueError,
        KeyError,
        TypeError,
        SafetensorError,
        PromptError,
    ) as error:
        raise UserError(f"{file.name} is no classifier saved by Tina, or it is damaged.") from error


def _content(file: Path, about: dict[str, Any], content: bytes) -> Content:
    version = about["format"]
    if type(version) is not int or version < 1:
        raise ValueError("there is no such format")
    if version > FORMAT:
        raise UserError(
            f"{file.name} was saved by a newer version of Tina (format {version}; this one reads up to {FORMAT}): "
            "upgrade Tina to read it."
        )
    if hashlib.sha256(content).hexdigest() != about["weights_sha256"]:
        raise UserError(f"{file.name}: the weights are not the ones it was saved with.")
    blueprint = _blueprint(file, about)
    weights = load(content)
    others = _others(weights, blueprint.width) if any(name.startswith(OTHERS) for name in weights) else None
    prompt = Prompt.from_json(json.dumps(about["prompt"]))
    _check(weights, blueprint.whole.init(len(prompt.classes), torch.Generator()))
    blueprint = blueprint.on(blueprint.whole.module(weights))
    blueprint = blueprint.prepared_by(about.get("preprocessing", {}).get("preparation", ""))
    weights = {name: weights[name] for name in (*blueprint.shapes, "head.weight", "head.bias")}
    on = str(about.get("scored_on", ""))[:LONGEST_ON]
    scored = _score(prompt.labels, about["confusion"], on) if about["confusion"] else None
    names = [field.name for field in fields(Origin) if version > 1 or field.name != "provenance"]
    level = None if about.get("none_level") is None else float(about["none_level"])
    if level is not None and not math.isfinite(level):
        raise ValueError("the level of none of these is no number")
    shown = tuple(int(row["pictures"]) for row in about["prompt"]["classes"])
    origin = Origin(**{name: about[name] for name in names})
    return Content(blueprint, weights, prompt, origin, scored, level, shown, others)


def _others(weights: Weights, width: int) -> Others:
    """Taken out of the weights."""
    others = Others(weights.pop(OTHERS + "rows"), weights.pop(OTHERS + "shares"))
    if others.rows.shape != (len(others.shares), width + 1) or not (
        others.rows.isfinite().all() and others.shares.isfinite().all()
    ):
        raise ValueError("the others are not as they should be")
    return others


def readme(content: Content) -> str:
    """The zip's README: what it is, which part wrote it, how good it is, how it is used."""
    blueprint, origin, scored, labels = content.blueprint, content.origin, content.scored, content.prompt.labels
    accuracy = "It is untested: there were no pictures of these classes to test it on."
    if scored:
        low, high = scored.interval
        on_world = f"{scored.pictures} held-out pictures of the world `{origin.world}`"
        accuracy = (
            f"Accuracy {scored.accuracy:.1%} (95% interval {low:.1%} to {high:.1%}) on "
            f"{f'{scored.pictures} pictures: {_plain(scored.on)}' if scored.on else on_world}; "
            f"guessing would score {1 / len(labels):.1%}."
        )
    listed = "\n".join(f"- {_plain(label)}" for label in labels)
    opset = f"opset {TOWER_OPSET if writes(blueprint) else OPSET}"
    return f"""# A classifier written by Tina

{blueprint.parameters(len(labels)):,} weights (blueprint `{blueprint.id}`), written from a prompt, without training on
pictures of these classes for it:

{listed}

{who_wrote_it(origin.provenance, blueprint.id.startswith(TOWER_ROWS))}

{accuracy}

    pip install onnxruntime numpy pillow
    python predict.py picture.jpg

`classifier.onnx` ({opset}) takes n x 3 x {blueprint.size} x {blueprint.size} numbers from -1 to 1 and gives
probabilities in the order above. `classifier.json` says how it was made (checkpoint {origin.checkpoint}, seed
{origin.seed}, {origin.steps} steps); the same prompt, checkpoint and seed give the same weights. It knows these classes
only, and answers with one of them whatever it is shown.{_none_of_these(content.none_level, content.others)}
{_on_tower(blueprint)}"""


def _on_tower(blueprint: Blueprint) -> str:
    if not isinstance(blueprint, TowerHeads):
        return ""
    return (
        f"\n`classifier.onnx` holds the tower `{blueprint.tower_id}` ({blueprint.backbone_hash}). `{ROWS}` is for "
        "whoever has it:\nthe rows (`head.weight`, `head.bias`) and the centre that is taken away first "
        "(`centre.weight`).\n"
    )


def _none_of_these(level: float | None, others: Others | None) -> str:
    if level is None:
        return ""
    if others:
        return (
            " Its second output are\nthe log odds that a picture is of one of these classes and not of another that it "
            f"knows: below {level:.4g},\n`predict.py` says “none of these?”."
        )
    return (
        f" Where none of its logits (`classifier.onnx`’s second output) reaches {level:.4g}, the picture is less like "
        "all of\nthem than pictures of them are, and `predict.py` says “none of these?”."
    )


def who_wrote_it(provenance: dict[str, float] | None, on_tower: bool = False) -> str:
    """One sentence on the shares of the parts, in plain words; rows on a pretrained tower have another third part."""
    if provenance is None:
        return "Which part of Tina wrote it is not recorded."
    generator, prior, transfer = (f"{provenance[part]:.0%}" for part in PARTS)
    if on_tower:
        return (
            f"Who wrote it: {generator} the diffusion transformer, {prior} closed formulas (what names predict, means "
            f"of the pictures shown), {transfer} {ON_TOWER['transfer']}. These are shares of the rows' absolute size."
        )
    return (
        f"Who wrote it: {generator} the diffusion transformer, {prior} its prior (a closed formula), {transfer} "
        "carried over from the encoder (a closed formula). These are shares of the weights' absolute size, in units of "
        "what each weight usually varies by; kernels and rows count half each."
    )


def _plain(text: str) -> str:
    """Text that is text in Markdown, whatever a visitor named a class."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#+-.!|&" else c for c in text)


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > LARGEST:
        raise ValueError(f"{name} is too large")
    return archive.read(name)


def _blueprint(file: Path, about: dict[str, Any]) -> Blueprint:
    """An encoder is not fetched because a file says so: it is the embedded one, or the zip's own program runs it."""
    kind, _, encoder = about["blueprint"].partition(":")
    if kind in ON_ENCODERS and encoder != EMBEDDED:
        raise UserError(f"{file.name} stands on another encoder than the embedded one: its predict.py runs it.")
    if kind == TOWER_ROWS and encoder not in PACKAGES:
        raise UserError(f"{file.name} stands on a tower that comes with no package: its predict.py runs it.")
    if kind not in (*ON_ENCODERS, *BLUEPRINTS, TOWER_ROWS):
        raise ValueError("there is no such blueprint")
    blueprint = get_blueprint(about["blueprint"])
    recorded = about.get("backbone", "")
    if (current_hash(recorded) if about["format"] == 1 else recorded) != blueprint.backbone_hash:
        raise UserError(f"{file.name} stands on another version of the encoder than this Tina has.")
    return blueprint


def _score(labels: list[str], confusion: list[list[Any]], on: str) -> Score:
    counts = tuple(tuple(int(count) for count in row) for row in confusion)
    if {len(counts), *map(len, counts)} != {len(labels)} or min(map(min, counts)) < 0 or not sum(map(sum, counts)):
        raise ValueError("the confusion is not one of these labels")
    return Score(tuple(labels), counts, on)


def _check(weights: Weights, like: Weights) -> None:
    """Names, shapes and types are those of the blueprint, and every number is finite."""
    for name, weight in like.items():
        if (
            weights[name].shape != weight.shape
            or weights[name].dtype != torch.float32
            or not weights[name].isfinite().all()
        ):
            raise ValueError(f"{name} is not as it should be")
    if len(weights) != len(like):
        raise ValueError("there are weights too many")
