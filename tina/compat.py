"""Lets torchvision import where its compiled library cannot load, and others without what they can do without yet.

pip may give a CPU-only torch beside the CUDA-built torchvision of the package index. torchvision then fails on import
("operator torchvision::nms does not exist"), and open_clip and timm with it, although nothing here calls a compiled
operator of torchvision. Declaring the two operators' schemas is enough for the Python part to import.
"""

from __future__ import annotations

import importlib.machinery
import importlib.metadata
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_declared = None  # the Library must stay alive: its operators vanish with it


def library_loads() -> bool:
    """Whether torchvision's compiled library can be loaded beside this torch."""
    import torch

    folder = _torchvision()
    if folder is None:
        return True  # nothing to mend: importing torchvision will say what is missing
    finder = importlib.machinery.FileFinder(
        str(folder), (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES)
    )
    compiled = finder.find_spec("_C")
    if compiled is None:
        return False
    try:
        torch.ops.load_library(compiled.origin)
    except OSError:
        return False
    return True


def _torchvision() -> Path | None:
    """Its folder."""
    spec = importlib.util.find_spec("torchvision")
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


def prepare() -> bool:
    """Call before torchvision is first imported. True where the schemas had to be declared."""
    global _declared
    if _declared is None and not library_loads():
        import torch

        _declared = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            _declared.define(name + _SCHEMA)
    return _declared is not None


@contextmanager
def lightly(imported: str, **more: ModuleType | None) -> Iterator[None]:
    """For importing diffusers, and open_clip with torchvision and timm. They load torch._dynamo, a second of every
    start, to mark what is to be compiled and what is not, which means nothing while nothing is; and for a question
    that is asked later, if ever. diffusers loads scipy.stats, another second, for a schedule that nobody here asks for:
    scipy gives it to whoever does; and reads what every package that is installed is made of, to find optional ones
    that go by two names. `more` stands in for other modules meanwhile; None for one that cannot be had."""
    if imported in sys.modules or "torch._dynamo" in sys.modules:
        yield
        return
    compiler, utils = ModuleType("torch._dynamo"), ModuleType("torch._dynamo.utils")
    compiler.allow_in_graph = lambda marked: marked
    compiler.disable = lambda marked, recursive=True, reason=None: marked
    utils.is_compile_supported = lambda device: importlib.import_module(utils.__name__).is_compile_supported(device)
    modules = {module.__name__: module for module in (compiler, utils, ModuleType("scipy.stats"))} | more
    stand_ins = {name: module for name, module in modules.items() if name not in sys.modules}
    by_package = importlib.metadata.packages_distributions
    sys.modules.update(stand_ins)
    importlib.metadata.packages_distributions = dict
    try:
        yield
    finally:
        importlib.metadata.packages_distributions = by_package
        within = tuple(f"{name}." for name in stand_ins)
        for name in [name for name in sys.modules if f"{name}.".startswith(within)]:
            del sys.modules[name]
        for name, stand_in in stand_ins.items():
            package, _, module = name.rpartition(".")
            if stand_in and package in sys.modules and vars(sys.modules[package]).get(module) is stand_in:
                delattr(sys.modules[package], module)  # whoever asks for it now gets the real one


def open_clip(with_transformers: bool) -> ModuleType:
    """open_clip, at once or with the towers that it takes from transformers, which is a second of every start; where
    that is not installed there is but one. Who was made by the one goes on beside the other. Of torchvision's own
    models, half a second, neither makes any use."""
    loaded = sys.modules.get("open_clip")
    with_transformers = with_transformers and importlib.util.find_spec("transformers") is not None
    if loaded and (loaded.hf_model.transformers or not with_transformers):
        return loaded
    for name in [name for name in sys.modules if name.partition(".")[0] == "open_clip"]:
        del sys.modules[name]
    prepare()
    models, folder = ModuleType("torchvision.models"), _torchvision()
    models.__path__ = [str(folder / "models")] if folder else []  # timm wants a part of it
    with lightly("open_clip", **{models.__name__: models}, **({} if with_transformers else {"transformers": None})):
        return importlib.import_module("open_clip")
