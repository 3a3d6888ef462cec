"""Trains a generator on a zoo, and saves it as a checkpoint that `Tina.from_pretrained` loads.

    python -m tina.train --zoo runs/sketchbook/zoo --out runs/sketchbook/first --minutes 15
    python -m tina.train --zoo runs/sketchbook/zoo --out runs/sketchbook/second --minutes 40 --tasks 16 \\
        --init-from runs/sketchbook/first                      # go on with the task loss beside the diffusion loss
    python -m tina.train --init-from sketchbook-cnn --tasks 16 --diffusion 0 --minutes 30 --out runs/sketchbook/third
                                                                # go on without the zoo, perhaps under another encoder
    accelerate launch -m tina.train ...                         # as many GPUs as there are
    ACCELERATE_USE_CPU=true torchrun --nproc_per_node 2 -m tina.train ...      # two processes without a GPU

It stops after --steps or --minutes, whichever is first. Stopped before, the same command goes on where it was.
What is saved and used are the averaged (EMA) weights.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from dataclasses import asdict, fields
from pathlib import Path

import torch
from accelerate import Accelerator
from safetensors.torch import load_file, save_file
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from tina import cli
from tina.encoder.encoder import EMBEDDED, Encoder
from tina.errors import UserError
from tina.generator.closed_form.closed_form import ClosedForm
from tina.generator.closed_form.familiarity import Familiarity
from tina.generator.closed_form.other_class import measured
from tina.generator.closed_form.transfer import Transfer, on_own_tower
from tina.generator.tina import LAYOUTS, Tina
from tina.generator.transformer import SIZES, Config
from tina.training.losses import LossConfig, Losses
from tina.training.memory import keep_memory
from tina.training.zoo.finetune import compute_dtype
from tina.training.zoo.prompt_sampler import PROMPT_MIX, PromptSampler
from tina.training.zoo.store import Zoo
from tina.training.zoo.tasks import seen_families
from tina.worlds import load_world

RATE, WARM = 5e-4, 200  # peak of the learning rate, steps up to it; from there a cosine down to nothing
EMA = 0.999  # after some thousand steps; before, as much of the past as there is
EVERY = 30.0  # seconds between saves and status lines


def train(args: argparse.Namespace) -> Tina:
    cuda = torch.cuda.is_available()
    fast = compute_dtype(torch.device("cuda" if cuda else "cpu")) == torch.bfloat16
    accelerator = Accelerator(cpu=not cuda, mixed_precision="bf16" if fast else "no")
    if accelerator.num_processes != int(os.environ.get("WORLD_SIZE", 1)):
        raise UserError(
            "Not all processes found each other: without a GPU, set ACCELERATE_USE_CPU=true and use torchrun."
        )
    keep_memory()
    torch.manual_seed(args.seed)
    lesson = LossConfig(**{field.name: getattr(args, field.name) for field in fields(LossConfig)})
    tina, losses = prepare(args, lesson, accelerator.device)
    state = State(args.out, tina.network, EMA)
    network, optimizer = accelerator.prepare(state.network, state.optimizer)
    if accelerator.is_main_process:
        print(
            f"{tina.parameter_count / 1e6:.1f} M parameters, {len(losses.tasks):,} classifiers, {lesson}",
            file=sys.stderr,
        )
    if args.dry_run:
        return tina

    begin = saved = time.monotonic()
    while True:
        now = time.monotonic()
        seconds = state.seconds + now - begin
        done = max(state.step / args.steps if args.steps else 0, seconds / 60 / args.minutes if args.minutes else 0)
        clock = torch.tensor([done, now - saved - args.every], device=accelerator.device)
        done, late = accelerator.reduce(clock, "mean").tolist()  # all processes stop, report and save together
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = args.rate * min((state.step + 1) / WARM, 0.5 * (1 + math.cos(math.pi * done)))
        with accelerator.autocast():
            found = losses(network, state.step, accelerator.process_index)
        accelerator.backward(losses.total(found))
        accelerator.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        state.count()
        if late > 0:
            saved = now
            report(accelerator, state, found, done, seconds, args.out)
            if accelerator.is_main_process:
                save(tina, state, seconds, args.out)
    accelerator.wait_for_everyone()
    if accelerator.is_main_process:
        save(tina, state, state.seconds + time.monotonic() - begin, args.out)
    accelerator.wait_for_everyone()  # nobody hangs up while another is still busy
    accelerator.end_training()
    return tina


def prepare(args: argparse.Namespace, lesson: LossConfig, device: torch.device) -> tuple[Tina, Losses]:
    """A Tina with an untrained network (or another's), and what it is to be trained on."""
    if not args.zoo and not (args.init_from and args.tasks and not args.diffusion):
        raise UserError("Without --zoo it can only go on by the task loss: --init-from, --tasks and --diffusion 0.")
    parent = Tina.from_pretrained(args.init_from) if args.init_from else None
    zoo = Zoo(args.zoo) if args.zoo else None
    encoder = Encoder(args.encoder, device)
    if zoo:
        blueprint, generic = zoo.blueprint(device), zoo.generic
        names, world = (zoo.manifest[key] for key in ("names", "world"))
    else:
        blueprint, names, world = parent.to(device).blueprint, parent.names, parent.world_id
        generic = dict(parent.generic.state_dict())
        if blueprint.backbone_hash and parent.encoder_hash != encoder.hash:
            raise UserError("Its rows stand on the encoder that it was trained with: for another one it needs a zoo.")
    world = load_world(world, blueprint.size)
    if blueprint.rows_by and blueprint.rows_by.hash != encoder.hash:
        raise UserError(f"Rows of {blueprint.id} are vectors of its own encoder: say --encoder {blueprint.rows_by.id}.")
    prompt_sampler = PromptSampler(world, encoder, seen_families(world))
    config = Config.sized(
        args.size,
        shared=blueprint.shared_tokens,
        shared_width=blueprint.token_length,
        class_width=blueprint.class_width,
        prompt_width=prompt_sampler.width,
    )
    source = zoo or parent.closed_form
    losses = Losses(source, names, world, blueprint, prompt_sampler, lesson, device, LAYOUTS[args.layout].ordered)
    generic = {name: weight.to(device) for name, weight in generic.items()}
    tina = Tina(
        blueprint=blueprint.id,
        world=world.id,
        names=names,
        encoder=encoder.id,
        encoder_hash=encoder.hash,
        network=asdict(config),
        layout=args.layout,
        threshold=measured(blueprint, generic, names, world),
    ).to(device)
    transfer = Transfer.of(blueprint, generic, world, prompt_sampler)
    known = Familiarity.of(world, prompt_sampler, encoder, on_own_tower(blueprint, encoder.hash))
    tina.remember(generic, ClosedForm(losses.normaliser, losses.prior, transfer, known))
    if parent:
        inherit(tina, parent)
    return tina, losses


def inherit(tina: Tina, parent: Tina) -> None:
    """The network of another checkpoint. How its numbers become weights is this zoo's own business."""
    if parent.network.config != tina.network.config or parent.layout != tina.layout:
        raise UserError("The checkpoint to start from has a generator of another shape.")
    tina.network.load_state_dict(parent.network.state_dict())


class State:
    """What has to be kept to go on exactly: parameters, their average, the optimizer's moments, steps and seconds."""

    def __init__(self, folder: Path, network: torch.nn.Module, decay: float):
        self.folder, self.network = folder, network
        self.optimizer = torch.optim.AdamW(
            network.parameters(), lr=RATE, weight_decay=0.01, betas=(0.9, 0.99), fused=True
        )
        self.average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(decay))
        self.decay, self.step, self.seconds = decay, 0, 0.0
        if (folder / "state.json").is_file():
            self._load()

    def count(self) -> None:
        """After an optimizer's step: the average follows, in a young run more closely."""
        self.step += 1
        self.average.multi_avg_fn = get_ema_multi_avg_fn(min(self.decay, self.step / (10 + self.step)))
        self.average.update_parameters(self.network)

    def save(self, seconds: float) -> None:
        tensors = {f"network/{name}": value for name, value in self.network.state_dict().items()}
        tensors |= {f"average/{name}": value for name, value in self.average.module.state_dict().items()}
        for name, parameter in self.network.named_parameters():
            tensors |= {f"{key}/{name}": value for key, value in self.optimizer.state[parameter].items()}
        partial = self.folder / "state.partial"
        save_file({name: value.detach().cpu().contiguous() for name, value in tensors.items()}, partial)
        partial.replace(self.folder / "state.safetensors")
        (self.folder / "state.json").write_text(json.dumps({"step": self.step, "seconds": seconds}))

    def _load(self) -> None:
        tensors = load_file(self.folder / "state.safetensors")
        part = lambda prefix: {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}  # noqa: E731
        self.network.load_state_dict(part("network/"))
        self.average.module.load_state_dict(part("average/"))
        for name, parameter in self.network.named_parameters():
            state = {key: tensors[f"{key}/{name}"] for key in ("step", "exp_avg", "exp_avg_sq")}
            self.optimizer.state[parameter] = {key: value.to(parameter.device) for key, value in state.items()}
        about = json.loads((self.folder / "state.json").read_text())
        self.step, self.seconds = about["step"], about["seconds"]
        self.average.n_averaged.fill_(self.step)


def save(tina: Tina, state: State, seconds: float, folder: Path) -> None:
    """The run's state, and the checkpoint: the averaged network."""
    folder.mkdir(parents=True, exist_ok=True)
    state.save(seconds)
    training = tina.network
    tina.network = state.average.module
    tina.save_pretrained(folder)
    tina.network = training


def report(accelerator: Accelerator, state: State, found: dict, done: float, seconds: float, folder: Path) -> None:
    """A line for the eye, and one for `stats.jsonl`."""
    means = {name: float(accelerator.reduce(loss.detach(), "mean")) for name, loss in found.items()}
    if not accelerator.is_main_process:
        return
    folder.mkdir(parents=True, exist_ok=True)
    row = {"step": state.step, "seconds": round(seconds, 1)} | {name: round(mean, 6) for name, mean in means.items()}
    with (folder / "stats.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")
    left = seconds * (1 / done - 1) if done else math.inf
    told = "  ".join(f"{name} {mean:.3f}" for name, mean in means.items())
    print(
        f"step {state.step:,}  {100 * done:.0f}%  {told}  {seconds:.0f} s, {left:.0f} to go",
        file=sys.stderr,
        flush=True,
    )


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python -m tina.train", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("--zoo", type=Path, help="folder of the zoo to learn from")
    top.add_argument("--out", type=Path, required=True, help="folder of the run, which becomes the checkpoint")
    top.add_argument("--encoder", default=EMBEDDED, help="any open_clip model (default: the embedded one)")
    top.add_argument("--size", choices=SIZES, default="small", help="of the generator (default: small)")
    top.add_argument("--layout", choices=LAYOUTS, default="sets", help="sets (ours) or chunks (the paper's)")
    top.add_argument("--init-from", type=Path, metavar="CHECKPOINT", help="start with the parameters of another one")
    top.add_argument("--steps", type=int, help="stop after so many steps")
    top.add_argument("--minutes", type=float, help="stop after so many minutes of training")
    top.add_argument("--rate", type=float, default=RATE, help="peak learning rate")
    for field in fields(LossConfig):
        kind = {"float": float, "str": str}.get(field.type, int)
        choices = PROMPT_MIX if field.name == "asked" else None
        top.add_argument(f"--{field.name}", type=kind, choices=choices, default=field.default, help=HELP[field.name])
    top.add_argument("--every", type=float, default=EVERY, help="seconds between reports and saves (default: 30)")
    top.add_argument("--dry-run", action="store_true", help="load everything, say what would happen, and stop")
    return top


HELP = {
    "batch": "zoo classifiers a step, on each process",
    "tasks": "fresh tasks a step whose written classifiers have to work (0: diffusion loss alone)",
    "pictures": "that each of these classifiers looks at",
    "move": "these are mirrored, and shifted by up to so many pixels",
    "sharpen": "and their finest detail made fainter or stronger, by up to e to the power of this",
    "weight": "of the task loss",
    "diffusion": "weight of the diffusion loss",
    "asked": "what prompts are made of",
    "drop": "how often the prompt is withheld",
    "blur": "how far prompt vectors are moved at random",
    "limit": "use only so many of the zoo's classifiers",
    "seed": "of everything that is drawn",
}


def main(argv: list[str] | None = None) -> None:
    args = parser().parse_args(argv)
    if not args.steps and not args.minutes and not args.dry_run:
        raise UserError("How long? Say --steps or --minutes.")
    train(args)


if __name__ == "__main__":
    cli.guard(main)
