"""The README in a classifier's zip."""

from __future__ import annotations

import re

from tina.blueprints import TOWER_ROWS, Blueprint
from tina.blueprints.tower import TowerHeads
from tina.classifier.authors import who_wrote_it
from tina.classifier.content import Content
from tina.classifier.onnx import OPSET
from tina.classifier.others import Others
from tina.classifier.tower_onnx import OPSET as TOWER_OPSET
from tina.classifier.tower_onnx import writes

ROWS = "rows.safetensors"  # of rows on a tower: the rows and their centre, for whoever has the tower


def readme(content: Content) -> str:
    """The zip's README: what it is, which part wrote it, how good it is, how it is used."""
    blueprint, origin, scored, labels = content.blueprint, content.origin, content.scored, content.prompt.labels
    accuracy = "It is untested: there were no pictures of these classes to test it on."
    if scored:
        low, high = scored.interval
        on_world = f"{scored.pictures} held-out pictures of the world {_code(origin.world)}"
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
probabilities in the order above. `classifier.json` says how it was made (checkpoint {_plain(origin.checkpoint)}, seed
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


def _plain(text: str | None) -> str:
    """Text that is text in Markdown, whatever a visitor named a class."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#+-.!|&" else c for c in str(text))


def _code(text: str | None) -> str:
    """A name as code in Markdown; one that is no name is text."""
    return f"`{text}`" if text is not None and re.fullmatch(r"[\w:./ -]+", text) else _plain(text)
