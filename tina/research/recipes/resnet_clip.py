"""A ResNet-18 beside CLIP's text tower, as an encoder: what Text2Weight's adapters stand on, and whose texts they meet.

    python -m tina.research.recipes.resnet_clip --out runs/papers/t2w-cifar-100-resnet18/encoder

Pictures get the network's 512 features before its last layer, texts CLIP's 512 numbers. The two mean nothing to each
other before an adapter is trained, so such an encoder is of no use by itself: prompts for it are made of texts alone.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from torch import nn

from tina import compat
from tina.encoder.encoder import Encoder
from tina.encoder.packaged import MODEL_FILE
from tina.encoder.settings import CONFIG_FILE
from tina.errors import UserError, exit_on_user_error
from tina.storage import save_json, save_tensors

NETWORK = "resnet18.tv_in1k"  # torchvision's weights, as timm has them
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of its pictures
TEXT_PARTS = ("transformer", "token_embedding", "positional_embedding", "ln_final", "text_projection")


def pretrained() -> nn.Module:
    """The network with its weights, fetched where they are not here."""
    compat.prepare()
    import timm

    try:
        return timm.create_model(NETWORK, pretrained=True, num_classes=0)
    except (RuntimeError, OSError, ValueError) as error:
        raise UserError(f"The weights of {NETWORK} cannot be fetched (is this machine online?).") from error


def write_folder(folder: Path, network: nn.Module, clip: Any, config: dict[str, Any], size: int = 224) -> None:
    """Writes both as a folder that open_clip loads.

    Args:
        folder: made where it is missing.
        network: of pictures, without its last layer.
        clip: open_clip's CLIP, with its text tower.
        config: of that, as open_clip has it: "embed_dim", "text_cfg" and "quick_gelu".
        size: pixels of the edge of a picture.
    """
    features = network.num_features
    if features != config["embed_dim"]:
        raise UserError(f"Its pictures have {features} features and CLIP's texts {config['embed_dim']} numbers.")
    vision = {
        "timm_model_name": NETWORK.partition(".")[0],
        "timm_model_pretrained": False,
        "timm_pool": "avg",
        "timm_proj": "none",
        "image_size": size,
    }
    of_text = {name: part for name, part in clip.state_dict().items() if name.startswith(TEXT_PARTS)}
    tensors = {f"text.{name}": part for name, part in of_text.items()}
    tensors |= {f"visual.trunk.{name}": part for name, part in network.state_dict().items()}
    folder.mkdir(parents=True, exist_ok=True)
    save_tensors(tensors | {"logit_scale": clip.logit_scale.detach()}, folder / MODEL_FILE)
    kept = {"custom_text": True} | {key: config[key] for key in ("embed_dim", "text_cfg", "quick_gelu")}
    preprocess = {"mean": MEAN, "std": STD, "interpolation": "bicubic", "resize_mode": "shortest"}
    save_json(
        {"model_cfg": kept | {"vision_cfg": vision}, "preprocess_cfg": preprocess}, folder / CONFIG_FILE, indent=2
    )


def main(argv: list[str] | None = None) -> None:
    """The program."""
    top = argparse.ArgumentParser(prog="python -m tina.research.recipes.resnet_clip", description=__doc__)
    top.add_argument("--clip", default="ViT-B-32/openai", help="whose text tower (default: ViT-B-32/openai)")
    top.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    args = top.parse_args(argv)
    if (args.out / CONFIG_FILE).is_file() and (args.out / MODEL_FILE).is_file():
        return
    model = Encoder(args.clip, "cpu").model
    if not hasattr(model, "text_projection"):
        raise UserError(f"{args.clip} is none of the CLIPs whose text tower can be taken.")
    write_folder(args.out, pretrained(), model, text_config(model))


def text_config(model: Any) -> dict[str, Any]:
    """open_clip's configuration of a CLIP's text tower, read off the model."""
    block = model.transformer.resblocks[0]
    width = model.token_embedding.weight.shape[1]
    return {
        "embed_dim": model.text_projection.shape[1],
        "quick_gelu": type(block.mlp.gelu).__name__ == "QuickGELU",
        "text_cfg": {
            "context_length": model.context_length,
            "vocab_size": model.vocab_size,
            "width": width,
            "heads": block.attn.num_heads,
            "layers": len(model.transformer.resblocks),
        },
    }


if __name__ == "__main__":
    exit_on_user_error(main)
