"""Measures from when on a picture is of "something else", for a checkpoint that was trained before this was measured.

python -m tina.recipes.threshold checkpoints/sketchbook-cnn         # kept in its config.json, which nothing else is
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tina.cli import guard
from tina.generator.otherwise import measured
from tina.generator.tina import Tina


def keep(folder: Path) -> float:
    tina = Tina.from_pretrained(folder)
    threshold = measured(tina.blueprint, dict(tina.generic.state_dict()), tina.names, tina.world)
    file = folder / "config.json"
    about = json.loads(file.read_text("utf-8")) | {"threshold": threshold}
    file.write_text(json.dumps(about, indent=2, sort_keys=True) + "\n", "utf-8")
    return threshold


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tina.recipes.threshold",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("checkpoint", type=Path, help="a folder")
    print(keep(parser.parse_args(argv).checkpoint))


if __name__ == "__main__":
    guard(main)
