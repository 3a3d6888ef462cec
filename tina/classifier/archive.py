"""A classifier as files that run without Tina, and back: numbers and JSON, never anything that is executed on loading.

weights.safetensors, classifier.json, classifier.onnx, predict.py (needs onnxruntime, numpy and pillow), README.md.
"""

from __future__ import annotations

import hashlib
import io
import json
import warnings
import zipfile
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import nn

from tina.blueprints import BLUEPRINTS, ON_ENCODERS, Blueprint, Weights, get_blueprint
from tina.classifier.classifier import Classifier, Score
from tina.encoder.encoder import EMBEDDED
from tina.errors import UserError
from tina.prompts.prompt import Prompt, PromptError

FORMAT = 1
FILES = ("weights.safetensors", "classifier.json", "classifier.onnx", "predict.py", "README.md")
LARGEST = 64 * 2**20  # bytes of a member that is read
PROGRAM = Path(__file__).parent / "engine" / "predict.py"
NAMES = ("world", "checkpoint", "seed", "steps", "sampler", "guidance")  # where a classifier comes from


def write_zip(classifier: Classifier, file: Path) -> Path:
    weights = save({n: w.contiguous() for n, w in classifier.blueprint.complete(classifier.weights).items()})
    scored = classifier.scored
    about = {
        "format": FORMAT,
        "blueprint": classifier.blueprint.id,
        "labels": classifier.labels,
        "prompt": json.loads(classifier.prompt.to_json()),
        "preprocessing": {"size": classifier.blueprint.size, "crop": "middle square", "scale": [-1.0, 1.0]},
        **{name: getattr(classifier, name) for name in NAMES},
        "backbone": classifier.blueprint.backbone_hash,
        "parameters": classifier.parameters,
        "accuracy": scored and scored.accuracy,
        "interval": scored and list(scored.interval),
        "confusion": scored and scored.confusion,
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
    }
    contents = {
        "weights.safetensors": weights,
        "classifier.json": json.dumps(about, ensure_ascii=False, indent=2).encode(),
        "classifier.onnx": to_onnx(classifier),
        "predict.py": PROGRAM.read_bytes(),
        "README.md": card(classifier).encode(),
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(file.name + ".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in FILES:
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), contents[name], zipfile.ZIP_DEFLATED)
    partial.replace(file)
    return file


def read_zip(file: Path) -> Classifier:
    """What `write_zip` wrote. Anything else is one sentence."""
    if not file.is_file():
        raise UserError(f"{file}: there is no such file.")
    try:
        with zipfile.ZipFile(file) as archive:
            about = json.loads(_member(archive, "classifier.json"))
            content = _member(archive, "weights.safetensors")
        if about["format"] != FORMAT:
            raise UserError(f"{file.name} was written by another version of Tina (format {about['format']}).")
        if hashlib.sha256(content).hexdigest() != about["weights_sha256"]:
            raise UserError(f"{file.name}: the weights are not the ones it was saved with.")
        blueprint = _blueprint(file, about)
        weights = load(content)
        prompt = Prompt.from_json(json.dumps(about["prompt"]))
        _check(weights, blueprint.whole.init(len(prompt.classes), torch.Generator()))
        blueprint = blueprint.on(blueprint.whole.module(weights))
        weights = {name: weights[name] for name in (*blueprint.shapes, "head.weight", "head.bias")}
        scored = about["confusion"] and _score(prompt.labels, about["confusion"])
        return Classifier(blueprint, weights, prompt, scored=scored, **{name: about[name] for name in NAMES})
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


def to_onnx(classifier: Classifier) -> bytes:
    """Prepared pictures (n x 3 x size x size, -1 to 1) in, probabilities (n x K) out."""
    network = nn.Sequential(classifier.module, nn.Softmax(dim=1)).eval()
    example = torch.zeros(1, 3, classifier.blueprint.size, classifier.blueprint.size)
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the newer exporter needs another package, and takes seconds
        torch.onnx.export(
            network,
            (example,),
            file,
            input_names=["pictures"],
            output_names=["probabilities"],
            dynamic_axes={"pictures": {0: "n"}, "probabilities": {0: "n"}},
            dynamo=False,
        )
    return file.getvalue()


def card(classifier: Classifier) -> str:
    """The zip's README: what it is, how good it is, how it is used."""
    labels = "\n".join(f"- {_plain(label)}" for label in classifier.labels)
    scored = "It was not scored: there were no held-out pictures of these classes."
    if classifier.scored:
        low, high = classifier.scored.interval
        scored = (
            f"Accuracy {classifier.scored.accuracy:.1%} (95% interval {low:.1%} to {high:.1%}) on "
            f"{classifier.scored.pictures} held-out pictures of the world `{classifier.world}`; "
            f"guessing would score {1 / len(classifier.labels):.1%}."
        )
    size = classifier.blueprint.size
    return f"""# A classifier written by Tina

{classifier.parameters:,} weights (blueprint `{classifier.blueprint.id}`), written by a diffusion transformer from a
prompt, without training:

{labels}

{scored}

    pip install onnxruntime numpy pillow
    python predict.py picture.jpg

`classifier.onnx` takes n x 3 x {size} x {size} numbers from -1 to 1 and gives probabilities in the order above.
`classifier.json` says how it was made (checkpoint {classifier.checkpoint}, seed {classifier.seed},
{classifier.steps} steps); the same prompt, checkpoint and seed give the same weights. It knows these classes only, and
answers with one of them whatever it is shown.
"""


def _plain(text: str) -> str:
    """Text that is text in Markdown, whatever a visitor named a class."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#+-.!|&" else c for c in text)


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > LARGEST:
        raise ValueError(f"{name} is too large")
    return archive.read(name)


def _blueprint(file: Path, about: dict) -> Blueprint:
    """An encoder is not fetched because a file says so: it is the embedded one, or the zip's own program runs it."""
    kind, _, encoder = about["blueprint"].partition(":")
    if kind in ON_ENCODERS and encoder != EMBEDDED:
        raise UserError(f"{file.name} stands on another encoder than the embedded one: its predict.py runs it.")
    if kind not in (*ON_ENCODERS, *BLUEPRINTS):
        raise ValueError("there is no such blueprint")
    blueprint = get_blueprint(about["blueprint"])
    if about.get("backbone", "") != blueprint.backbone_hash:
        raise UserError(f"{file.name} stands on another version of the encoder than this Tina has.")
    return blueprint


def _score(labels: list[str], confusion: list) -> Score:
    counts = tuple(tuple(int(count) for count in row) for row in confusion)
    if {len(counts), *map(len, counts)} != {len(labels)} or min(map(min, counts)) < 0 or not sum(map(sum, counts)):
        raise ValueError("the confusion is not one of these labels")
    return Score(tuple(labels), counts)


def _check(weights: Weights, like: Weights) -> None:
    for name, weight in like.items():
        if (
            weights[name].shape != weight.shape
            or weights[name].dtype != torch.float32
            or not weights[name].isfinite().all()
        ):
            raise ValueError(f"{name} is not as it should be")
    if len(weights) != len(like):
        raise ValueError("there are weights too many")
