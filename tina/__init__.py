"""Say the classes, get the classifier.

    from tina import Tina

    classifier = Tina.from_pretrained("sketchbook-cnn").generate("apple, sailboat, snail")
    classifier.predict("boat.png")
    classifier.save("mine.zip")

The public names are loaded when they are first used, so that `import tina` costs nothing.
"""

from __future__ import annotations

from importlib import import_module

_HOMES = {
    "Tina": "tina.generator.tina",
    "Classifier": "tina.classifier",
    "Prompt": "tina.prompts",
    "Encoder": "tina.encoder",
    "load_world": "tina.worlds",
}
__all__ = ["Classifier", "Encoder", "Prompt", "Tina", "load_world"]


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'tina' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
