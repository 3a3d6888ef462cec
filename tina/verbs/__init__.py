"""What the verbs of the command line do; each gives what --json prints.

using.py       what one does with a Tina, a classifier, a world or an encoder
serving.py     the page, and what is published
training.py    a Tina of one's own photographs
measuring.py   how good and how fast checkpoints are, and how they are made anew

They import what they need when they run, so that help is there at once.
"""

from tina.verbs.measuring import bench, figures, recipe, table
from tina.verbs.serving import app, publish
from tina.verbs.training import train
from tina.verbs.using import adopt, checkpoints, classify, encoder, export, generate, score, worlds

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
