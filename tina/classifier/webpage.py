"""A classifier as one HTML file: weights and program inside, no network, opened from anywhere, also from a disk.

to_webpage(classifier)                     # the file's text
as_model(classifier)                       # what its program reads, also that of the page's Try pane
"""

from __future__ import annotations

import base64
import json
from html import escape
from pathlib import Path
from typing import Any

from torch import Tensor

from tina.blueprints import Blueprint
from tina.blueprints.heads import NetworkHeads
from tina.blueprints.layers import describe
from tina.blueprints.network import Network
from tina.classifier.classifier import Classifier
from tina.errors import UserError

FILES = Path(__file__).parent / "engine"


def runs_in_a_page(blueprint: Blueprint) -> bool:
    """Whether a browser can compute it."""
    return isinstance(blueprint, Network | NetworkHeads)


def too_large(blueprint: Blueprint) -> str:
    """Why there is no such page, in one sentence; nothing where there is one."""
    if runs_in_a_page(blueprint):
        return ""
    return f"A web page can run the small networks, and not {blueprint.id}: take the zip instead."


def as_model(classifier: Classifier) -> dict[str, Any]:
    """Labels, picture size, the layers, and every weight as base64 of little-endian fp32."""
    blueprint = classifier.blueprint
    whole = blueprint.whole
    if not isinstance(whole, Network):
        raise UserError(too_large(blueprint))
    weights = {name: _base64(weight) for name, weight in blueprint.complete(classifier.weights).items()}
    model = {"labels": classifier.labels, "size": blueprint.size, "layers": describe(whole.layers), "weights": weights}
    if blueprint.preparation:
        model["preparation"] = blueprint.preparation
    if (others := classifier.others) is not None:
        model["none"] = {"level": classifier.none_level, "classes": len(others.shares)}
        own, rest = others.log_weights
        weights |= {"others.rows": _base64(others.rows), "others.own": _base64(own), "others.rest": _base64(rest)}
    return model


def _base64(tensor: Tensor) -> str:
    return base64.b64encode(tensor.contiguous().numpy().astype("<f4").tobytes()).decode()


def to_webpage(classifier: Classifier) -> str:
    """The file's text: everything inside, no request to anywhere."""
    labels = classifier.labels
    some = ", ".join(labels[:6]) + (f" and {len(labels) - 6} more" if len(labels) > 6 else "")
    lead = f"A classifier of {classifier.parameters:,} weights, written by Tina from a prompt, without training."
    if scored := classifier.scored:
        low, high = scored.interval
        lead += (
            f" Right on {scored.accuracy:.0%} of {scored.pictures} held-out pictures"
            f" (95% interval {low:.0%} to {high:.0%}; guessing: {1 / len(labels):.0%})."
        )
    made = f"Checkpoint {classifier.origin.checkpoint}, seed {classifier.origin.seed}, {classifier.origin.steps} steps."
    parts = {
        "title": escape(some),
        "lead": escape(lead),
        "made": escape(made),
        "css": (FILES / "classifier.css").read_text("utf-8"),
        "script": (FILES / "classifier.js").read_text("utf-8"),
        "model": inert(json.dumps(as_model(classifier), ensure_ascii=False)),
    }
    before, *rest = (FILES / "classifier.html").read_text("utf-8").split("{{")
    return before + "".join(parts[name] + after for name, _, after in (part.partition("}}") for part in rest))


def inert(content: str) -> str:
    """JSON that no parser of HTML takes for the end of its script element, or for a new one."""
    return content.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
