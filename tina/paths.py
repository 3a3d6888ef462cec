"""Where the trained things that ship lie: in a checkout beside the package, in an installed package inside it."""

from __future__ import annotations

import json
from pathlib import Path

HERE = Path(__file__).parent
CHECKPOINTS = next((p for p in (HERE / "checkpoints", HERE.parent / "checkpoints") if p.is_dir()), HERE / "checkpoints")
NOT_PACKED = ("photos-tiny",)  # in the source only: results are compared with it, and the package stays smaller
DEFAULT = "sketchbook-cnn"  # the Tina that answers when none is named


def shipped(kind: str = "") -> list[str]:
    """The Tinas that ship, the default one first; all of them, or those of one kind ("zoo", "tower")."""
    kinds = {
        file.parent.name: json.loads(file.read_text("utf-8")).get("kind", "zoo")
        for file in sorted(CHECKPOINTS.glob("*/config.json"))
    }
    return sorted((name for name in kinds if kind in ("", kinds[name])), key=lambda name: name != DEFAULT)
