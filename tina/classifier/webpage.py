"""A classifier as one HTML file: weights and program inside, no network, opened from anywhere, also from a disk.

to_webpage(classifier)                     # the file's text
to_webpage(classifier, bits=16)            # on a pretrained tower: more exact, and nearly twice as large
as_model(classifier)                       # what its program reads, also that of the page's Try pane
program("engine", "classifier")            # the programs' text

A small network is in the file (engine/file.html) as it is. Rows on a pretrained tower come with the tower: its weights
are integers of 8 or 16 bits (tower_bytes.py).
"""

from __future__ import annotations

import base64
import json
import re
from html import escape
from pathlib import Path
from typing import Any

from torch import Tensor

from tina.blueprints import Blueprint
from tina.blueprints.heads import NetworkHeads
from tina.blueprints.layers import describe
from tina.blueprints.network import Network
from tina.blueprints.tower import TowerHeads
from tina.classifier.authors import who_wrote_it
from tina.classifier.classifier import Classifier
from tina.classifier.tower_bytes import PackedTensors, as_text, pack_tower
from tina.classifier.tower_layers import on_layers
from tina.encoder.packaged import PACKAGES
from tina.errors import UserError

FILES = Path(__file__).parent / "engine"
MODULES = ("relaxed", "simd", "plain")  # of the engine, best first


def runs_in_a_page(blueprint: Blueprint) -> bool:
    """Whether a browser can compute it from what `as_model` gives."""
    return isinstance(blueprint, Network | NetworkHeads)


def too_large(blueprint: Blueprint) -> str:
    """Why there is no such page, in one sentence; nothing where there is one."""
    if runs_in_a_page(blueprint) or on_layers(blueprint):
        return ""
    return f"A web page can run the small networks, and not {blueprint.id}: take the zip instead."


def as_model(classifier: Classifier) -> dict[str, Any]:
    """Labels, picture size, the layers, and every weight as base64 of little-endian fp32."""
    blueprint = classifier.blueprint
    whole = blueprint.whole
    if not isinstance(whole, Network):
        raise UserError(too_large(blueprint) or f"{blueprint.id} stands on a tower: take its web page as a file.")
    weights = {name: _base64(weight) for name, weight in blueprint.complete(classifier.weights).items()}
    layers = describe(whole.layers)
    model: dict[str, Any] = {"labels": classifier.labels, "size": blueprint.size, "layers": layers, "weights": weights}
    if blueprint.preparation:
        model["preparation"] = blueprint.preparation
    if classifier.none_level is not None:
        model["none"] = {"level": classifier.none_level, "classes": 0}
        if (others := classifier.others) is not None:
            model["none"]["classes"] = len(others.shares)
            own, rest = others.log_weights
            weights |= {"others.rows": _base64(others.rows), "others.own": _base64(own), "others.rest": _base64(rest)}
    return model


def _base64(tensor: Tensor) -> str:
    return base64.b64encode(tensor.contiguous().numpy().astype("<f4").tobytes()).decode()


def as_rows(classifier: Classifier) -> dict[str, Any]:
    """Of rows on a tower what a page reads besides the tower: labels, rows, the level of "none of these", and how many
    pictures each class was written from."""
    weights, packed = classifier.weights, PackedTensors()
    packed.add("weight", weights["head.weight"], 16)
    packed.add("centre", weights["centre.weight"], 32)
    packed.add("bias", weights["head.bias"], 32)
    unknown = weights["head.weight"].abs().sum(1) == 0
    shown = list(classifier.shown)
    if not any(shown) and weights["centre.weight"].any():  # there were pictures, and nobody knows how many
        shown = [1] * len(shown)
    return {
        "labels": classifier.labels,
        "none_level": classifier.none_level,
        "shown": shown,
        "other": unknown.tolist(),  # "something else": a level, and no row
        "index": packed.index,
        "rows": as_text(bytes(packed.content)),
        "added": [[] for _ in classifier.labels],
    }


def squeezed(text: str) -> str:
    """Programs or rules without comments at the ends of lines and on lines of their own, and without what stands before
    each line: in these files no string spans lines, and none looks like a comment."""
    for what in (r"^\s*/\*[\s\S]*?\*/\s*$", r"(^|\s)// .*$", r"^\s+"):
        text = re.sub(what, "", text, flags=re.M)
    return text


def program(*names: str) -> str:
    """The engine's programs as one text, `squeezed`; with "engine", its modules too."""
    texts = [squeezed((FILES / f"{name}.js").read_text("utf-8")) for name in names]
    if "engine" in names:
        codes = {name: base64.b64encode((FILES / f"engine-{name}.wasm").read_bytes()).decode() for name in MODULES}
        texts.insert(names.index("engine") + 1, f"TinaEngine.codes = {json.dumps(codes)};\n")
    return "".join(texts)


def to_webpage(classifier: Classifier, bits: int = 8) -> str:
    """The file's text: everything inside, no request to anywhere.

    Args:
        classifier: a small network, or rows on a tower of the EfficientNet kind.
        bits: of a tower's weight, 8 or 16.
    """
    if sentence := too_large(classifier.blueprint):
        raise UserError(sentence)
    if isinstance(classifier.blueprint, TowerHeads):
        return _filled(_common(classifier) | _photos(classifier, classifier.blueprint, bits))
    made = f"{_made(classifier)} It runs in this page alone: nothing that you show it leaves this machine."
    own = {
        "css": _css("classifier"),
        "below": f"<footer><p>{escape(made)}</p></footer>",
        "model": inert(json.dumps(as_model(classifier), ensure_ascii=False)),
        "tower": "",
        "script": program("engine", "picture", "drawn", "classifier", "canvas", "easel"),
        "start": "TinaClassifier.mount(document);",
    }
    return _filled(_common(classifier) | own)


def _common(classifier: Classifier) -> dict[str, str]:
    labels = classifier.labels
    some = ", ".join(labels[:6]) + (f" and {len(labels) - 6} more" if len(labels) > 6 else "")
    lead = f"A classifier of {classifier.parameters:,} weights, written by Tina from a prompt, without training."
    if isinstance(classifier.blueprint, TowerHeads):
        lead = (
            f"A classifier of {classifier.parameters:,} weights on a pretrained tower, written by Tina from a prompt."
        )
    if scored := classifier.scored:
        low, high = scored.interval
        on = f"pictures: {scored.on}" if scored.on else "held-out pictures"
        lead += (
            f" Right on {scored.accuracy:.0%} of {scored.pictures} {on}"
            f" (95% interval {low:.0%} to {high:.0%}; guessing: {1 / len(labels):.0%})."
        )
    elif isinstance(classifier.blueprint, TowerHeads):
        lead += " It is untested: there were no pictures of these classes to test it on."
    return {"title": escape(some), "lead": escape(lead)}


def _made(classifier: Classifier) -> str:
    origin = classifier.origin
    return f"Checkpoint {origin.checkpoint}, seed {origin.seed}, {origin.steps} steps."


def _css(*names: str) -> str:
    return "".join((FILES / f"{name}.css").read_text("utf-8") for name in names)


def _photos(classifier: Classifier, blueprint: TowerHeads, bits: int) -> dict[str, str]:
    description, content = pack_tower(blueprint, bits)
    model = as_rows(classifier) | {"size": blueprint.size, "middle": blueprint.middle, "tower": description}
    package = PACKAGES.get(blueprint.tower_id)
    name = package.network if package else blueprint.tower_id
    tower = f"The tower is {name} ({len(content) / 1e6:.1f} MB: weights of {bits} bits"
    tower += ", those of small layers of 16" if bits < 16 else ""
    tower += f"; package {package.name}, Apache-2.0)." if package else ")."
    who = who_wrote_it(classifier.origin.provenance, on_tower=True)
    about = f"{_made(classifier)} {who} {tower} Rows, program and page are Tina's, Apache-2.0."
    alone = "It runs in this page alone: nothing that you show it leaves this machine, and nothing is fetched."
    return {
        "css": _css("classifier", "photos"),
        "below": '<section class="more" id="more"></section>\n'
        '<details class="about" id="about"><summary>About this file</summary>\n'
        f'<p id="speed"></p>\n<p>{escape(about)}</p>\n<p>{alone}</p>\n</details>',
        "model": inert(json.dumps(model, ensure_ascii=False)),
        "tower": f'<script type="text/plain" id="tower">{as_text(content)}</script>\n',
        "script": program("engine", "picture", "rows", "canvas", "easel", "photos"),
        "start": "globalThis.tinaPiece = TinaPhotos.mount(document);",
    }


def _filled(parts: dict[str, str]) -> str:
    before, *rest = (FILES / "file.html").read_text("utf-8").split("{{")
    return before + "".join(parts[key] + after for key, _, after in (part.partition("}}") for part in rest))


def inert(content: str) -> str:
    """JSON that no parser of HTML takes for the end of its script element, or for a new one."""
    return content.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
