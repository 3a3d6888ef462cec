"""What differs between machines: the device to compute on, and a torchvision whose compiled library cannot load.

pip may give a CPU-only torch beside the CUDA-built torchvision of the package index. torchvision then fails on import
("operator torchvision::nms does not exist"), and open_clip and timm with it, although nothing here calls a compiled
operator of torchvision. Declaring the two operators' schemas is enough for the Python part to import.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_declared: torch.library.Library | None = None  # it must stay alive: its operators vanish with it


def usual_device() -> str:
    """Where to compute if nobody says: on a GPU if there is one. Where one is lent for the length of a call (ZeroGPU),
    torch says that there is one all the time; outside of such a call that is the CPU."""
    import torch

    lent = os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")
    return "cuda" if torch.cuda.is_available() and not lent else "cpu"


def library_loads(package: Path | None = None) -> bool:
    """Whether torchvision's compiled library can be loaded beside this torch.

    Args:
        package: torchvision's folder (default: of the one that is installed).

    Returns:
        True also where torchvision is not installed: then its import says what is missing.
    """
    import torch

    if package is None:
        spec = importlib.util.find_spec("torchvision")
        if spec is None or not spec.submodule_search_locations:
            return True
        package = Path(spec.submodule_search_locations[0])
    finder = importlib.machinery.FileFinder(
        str(package), (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES)
    )
    compiled = finder.find_spec("_C")
    if compiled is None or compiled.origin is None:
        return False
    try:
        torch.ops.load_library(compiled.origin)
    except OSError:
        return False
    return True


def prepare() -> bool:
    """Call before anything imports torchvision (open_clip and timm do).

    Returns:
        True where the operators' schemas had to be declared.
    """
    global _declared
    if _declared is None and not library_loads():
        import torch

        _declared = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            _declared.define(name + _SCHEMA)
    return _declared is not None
