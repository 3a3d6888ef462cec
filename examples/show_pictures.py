"""Show pictures of each class, and hear what others are of: python examples/show_pictures.py FOLDER

FOLDER has a folder for each class. Up to five pictures of each are shown, the rest is asked about. Without FOLDER,
drawings of three things that Tina never saw in training take its place.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tina import TinaClassifier, load_world

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("folder", nargs="?", type=Path)
parser.add_argument("--checkpoint", help="default: everyday for photographs, sketchbook-cnn for the drawings")
parser.add_argument("--shown", type=int, default=5, help="pictures of each class")
args = parser.parse_args()

if args.folder:
    files = {place.name: sorted(place.iterdir()) for place in sorted(args.folder.iterdir()) if place.is_dir()}
else:
    world = load_world("sketchbook")
    files = {name: list(world.pictures("test", name, 25)) for name in sorted(world.unseen)[:3]}

shown = [(picture, name) for name, pictures in files.items() for picture in pictures[: args.shown]]
asked = [(picture, name) for name, pictures in files.items() for picture in pictures[args.shown :]]

model = TinaClassifier(checkpoint=args.checkpoint or ("everyday" if args.folder else "sketchbook-cnn"))
model.fit(*zip(*shown, strict=True))
print(f"{', '.join(model.classes_)}: shown {args.shown} pictures each")
if asked:
    pictures, names = zip(*asked, strict=True)
    right = model.predict(list(pictures)) == list(names)
    print(f"right on {right.mean():.0%} of the other {len(right)}; guessing gives {1 / len(files):.0%}")
