"""What the verbs of the command line do; each gives what --json prints.

classifiers.py   written, asked, scored and exported
catalogue.py     what there is: worlds, checkpoints, encoders
serving.py       the page, and what is published
training.py      a Tina of one's own photographs
measuring.py     how good and how fast checkpoints are, and how they are made anew

They import what they need when they run, so that help is there at once.
"""

from tina.verbs.catalogue import adopt, checkpoints, encoder, worlds
from tina.verbs.classifiers import classify, export, generate, score
from tina.verbs.measuring import bench, figures, recipe, table
from tina.verbs.serving import app, publish
from tina.verbs.training import train

__all__ = [
    "adopt",
    "app",
    "bench",
    "checkpoints",
    "classify",
    "encoder",
    "export",
    "figures",
    "generate",
    "publish",
    "recipe",
    "score",
    "table",
    "train",
    "worlds",
]
