"""Ask for classes by name, and take the classifier away: python examples/ask_by_name.py "apple, sailboat, snail" """

from __future__ import annotations

import argparse
from pathlib import Path

from tina import Tina

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("classes", nargs="?", default="apple, sailboat, snail: it carries its house")
parser.add_argument("--checkpoint", default="sketchbook-cnn")
parser.add_argument("--out", type=Path, default=Path("mine.zip"))
args = parser.parse_args()

tina = Tina.from_pretrained(args.checkpoint)
classifier = tina.generate(args.classes, seed=0)
print(f"{', '.join(classifier.labels)}: {classifier.parameters:,} weights")
for part, share in classifier.provenance.items():
    print(f"  {share:4.0%} written by {part}")

score = classifier.score_on(tina.world)  # on pictures that nothing was trained on; None where there are none
if score:
    low, high = score.interval
    print(f"right on {score.accuracy:.0%} of {score.pictures} held-out pictures (95% interval {low:.0%} to {high:.0%})")
print(f"saved: {classifier.save(args.out)}")
