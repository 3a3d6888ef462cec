"""Where the trained things that ship lie: in a checkout beside the package, in an installed package inside it."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
CHECKPOINTS = next((p for p in (HERE / "checkpoints", HERE.parent / "checkpoints") if p.is_dir()), HERE / "checkpoints")
DEFAULT = "sketchbook-cnn"  # the Tina that answers when none is named


def shipped() -> list[str]:
    """The Tinas that ship, the default one first."""
    found = sorted(file.parent.name for file in CHECKPOINTS.glob("*/config.json"))
    return sorted(found, key=lambda name: name != DEFAULT)
