"""What the verbs of the command line do; each gives what --json prints.

using.py       what one does with a Tina, a classifier, a world or an encoder
training.py    a Tina of one's own photographs
measuring.py   how good and how fast checkpoints are, and how they are made anew

They import what they need when they run, so that help is there at once.
"""

from tina.verbs.measuring import bench, figures, recipe, table
from tina.verbs.training import train
from tina.verbs.using import adopt, checkpoints, classify, encoder, export, generate, score, worlds

__all__ = [
    "adopt",
    "bench",
    "checkpoints",
    "classify",
    "encoder",
    "export",
    "figures",
    "generate",
    "recipe",
    "score",
    "table",
    "train",
    "worlds",
]
