"""Say the classes, get the classifier.

    from tina import Tina

    classifier = Tina.from_pretrained("sketchbook-cnn").generate("apple, sailboat, snail")
    classifier.predict("boat.png")
    classifier.save("mine.zip")

The public names are loaded when they are first used, so that `import tina` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.2.0"

if TYPE_CHECKING:
    from tina.classifier.classifier import Classifier
    from tina.encoder.encoder import Encoder
    from tina.estimator import TinaClassifier
    from tina.generator.tina import Tina
    from tina.prompts.prompt import Prompt
    from tina.worlds import load_world

_MODULES = {
    "Classifier": "tina.classifier.classifier",
    "Encoder": "tina.encoder.encoder",
    "Prompt": "tina.prompts.prompt",
    "Tina": "tina.generator.tina",
    "TinaClassifier": "tina.estimator",
    "load_world": "tina.worlds",
}
__all__ = ["Classifier", "Encoder", "Prompt", "Tina", "TinaClassifier", "__version__", "load_world"]


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module 'tina' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
