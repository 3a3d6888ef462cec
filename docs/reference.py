"""The API reference, made from docstrings: python docs/reference.py [FOLDER] (default: build/docs); needs pdoc.

The page's modules and the Sketchbook's drawings are left out: nobody calls them.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import warnings
from pathlib import Path

import pdoc

ROOT = Path(__file__).parents[1]
LEFT_OUT = ("tina.__main__", "tina.ui", "tina.worlds.sketchbook.drawings")


def modules() -> list[str]:
    """What pdoc is given: it finds a package's modules by itself, except where `__all__` says what is public."""
    names = (module.name for module in pkgutil.walk_packages([str(ROOT / "tina")], "tina."))
    found = [name for name in names if not name.startswith(LEFT_OUT)]
    listed = [name for name in found if hasattr(importlib.import_module(name.rpartition(".")[0]), "__all__")]
    return ["tina", *listed, *(f"!{name}" for name in LEFT_OUT[1:])]


def build(folder: Path) -> None:
    """Write the pages. A module or name that cannot be documented ends the build."""
    sys.path.insert(0, str(ROOT))
    tina = importlib.import_module("tina")
    for name in tina.__all__:  # they are imported when first used, and pdoc looks only at what is there
        setattr(tina, name, getattr(tina, name))
    pdoc.render.configure(docformat="google")
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.filterwarnings("ignore", "Error parsing type annotation")  # it is shown as it is written
        pdoc.pdoc(*modules(), output_directory=folder)


if __name__ == "__main__":
    build(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "build" / "docs")
