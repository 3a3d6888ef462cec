"""How large an installed Tina is, and what that is made of: python -m tina.research.installed"""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from tina.paths import CHECKPOINTS
from tina.publishing import dependencies

SHOWN = 12  # the largest


def closure(lines: list[str]) -> set[str]:
    """The names of all distributions that requirements ask for on this machine, and of those that these ask for."""
    found: set[tuple[str, str]] = set()  # with the extra that is wanted of it
    todo = [(Requirement(line), "") for line in lines]
    while todo:
        one, extra = todo.pop()
        if one.marker and not one.marker.evaluate({"extra": extra}):
            continue
        name = re.sub(r"[-_.]+", "-", one.name).lower()
        for wanted in {(name, ""), *((name, part) for part in one.extras)} - found:
            found.add(wanted)
            todo += [(Requirement(line), wanted[1]) for line in metadata.requires(name) or []]
    return {name for name, _ in found}


def size(name: str) -> int:
    """Bytes of a distribution's files."""
    files = metadata.files(name) or []
    return sum(Path(str(file.locate())).stat().st_size for file in files if Path(str(file.locate())).is_file())


def main() -> None:
    """A line for each of the largest, the rest, and the sum."""
    sizes = {name: size(name) for name in closure(dependencies())}
    sizes["tina’s checkpoints"] = sum(file.stat().st_size for file in CHECKPOINTS.rglob("*") if file.is_file())
    largest = sorted(sizes, key=lambda name: -sizes[name])
    for name in largest[:SHOWN]:
        print(f"{sizes[name] / 1e6:8.0f} MB  {name}")
    rest = largest[SHOWN:]
    print(f"{sum(sizes[name] for name in rest) / 1e6:8.0f} MB  {len(rest)} others")
    print(f"{sum(sizes.values()) / 1e6:8.0f} MB  together")


if __name__ == "__main__":
    main()
