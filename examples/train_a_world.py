"""Train a Tina on a world of your own, and ask for any of its classes: python examples/train_a_world.py FOLDER

FOLDER has a folder of pictures for each class. First many small classifiers are fine-tuned, each for some of them
(the zoo); then a generator learns to write such classifiers from their classes' names. --tiny takes a minute and learns
next to nothing; without it, an hour is well spent.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tina import Tina
from tina.train import main as train
from tina.zoo import main as build_zoo

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("folder", type=Path)
parser.add_argument("--out", type=Path, default=Path("runs/mine"))
parser.add_argument("--minutes", type=float, default=20, help="of training the generator")
parser.add_argument("--tiny", action="store_true", help="to see how it goes")
args = parser.parse_args()

world, zoo, checkpoint = f"folder:{args.folder.resolve()}", str(args.out / "zoo"), str(args.out / "tina")
sizes = ["--classifiers", "8", "--steps", "5", "--generic-steps", "20"] if args.tiny else ["--classifiers", "500"]
build_zoo(["--world", world, "--blueprint", "cnn-5k", "--out", zoo, *sizes])
how_long = ["--size", "mini", "--steps", "5"] if args.tiny else ["--minutes", str(args.minutes), "--tasks", "16"]
train(["--zoo", zoo, "--out", checkpoint, *how_long])

tina = Tina.from_pretrained(checkpoint)
classifier = tina.generate(", ".join(tina.names[:3]), seed=0)
print(f"a classifier for {', '.join(classifier.labels)}: {classifier.score_on(tina.world).accuracy:.0%} right")
print(f"the Tina: {checkpoint}; python -m tina app --checkpoint {checkpoint} shows it")
