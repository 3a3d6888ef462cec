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
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, cast

import torch
from accelerate import Accelerator
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from tina.blueprints import Blueprint, Weights
from tina.encoder.encoder import EMBEDDED, Encoder
from tina.errors import UserError
from tina.generator.closed_form.closed_form import ClosedForm
from tina.generator.settings import Settings
from tina.generator.tina import LAYOUTS, Tina
from tina.generator.transformer import SIZES, GeneratorNetwork, TransformerConfig
from tina.options import MANY, number, seed, whole
from tina.storage import check_place
from tina.training.clock import Clock
from tina.training.fit.familiarity import familiarity_of
from tina.training.fit.other_class import measure_other_class
from tina.training.fit.transfer import on_own_tower, transfer_of
from tina.training.losses import LossConfig, Losses
from tina.training.memory import keep_memory
from tina.training.resume import Checkpointer, state_of
from tina.training.schedule import set_rate, warmup_cosine
from tina.training.threads import use_threads
from tina.training.zoo.finetune import compute_dtype
from tina.training.zoo.prompt_sampler import PROMPT_MIX, PromptSampler
from tina.training.zoo.store import Zoo
from tina.training.zoo.tasks import seen_families
from tina.worlds import load_world

RATE = 5e-4  # peak of the learning rate
WARMUP_STEPS = 200  # up to the peak; by steps, as a run that ends by the clock has no number of them beforehand
EMA = 0.999  # after some thousand steps; before, as much of the past as there is
EVERY = 30.0  # seconds between saves and status lines
STATE = "state.safetensors"


def train(args: argparse.Namespace) -> Tina:
    """The program, with the arguments of `parser`; gives the Tina that it saved."""
    check_place(args.out, folder=True)
    accelerator = _accelerator()
    keep_memory()
    if accelerator.device.type == "cpu":
        use_threads(1)
    torch.manual_seed(args.seed)
    config = LossConfig(**{field.name: getattr(args, field.name) for field in fields(LossConfig)})
    tina, losses = prepare(args, config, accelerator.device)
    run = Run(args, tina, accelerator)
    if accelerator.is_main_process:
        about = f"{tina.parameter_count / 1e6:.1f} M parameters, {len(losses.tasks):,} classifiers, {config}"
        print(about, file=sys.stderr)
    if args.dry_run:
        return tina
    while (done := run.done()) < 1:
        set_rate(run.optimizer, args.rate * run.rate_share(done))
        with accelerator.autocast():
            parts = losses(run.network, run.step, accelerator.process_index)
        accelerator.backward(losses.total(parts))
        accelerator.clip_grad_norm_(run.network.parameters(), 1.0)
        run.optimizer.step()
        run.optimizer.zero_grad()
        run.count()
        if run.late:
            run.report(parts, done)
            run.save()
    accelerator.wait_for_everyone()
    run.save()
    accelerator.wait_for_everyone()  # nobody hangs up while another is still busy
    accelerator.end_training()
    return tina


def _accelerator() -> Accelerator:
    cuda = torch.cuda.is_available()
    fast = compute_dtype(torch.device("cuda" if cuda else "cpu")) == torch.bfloat16
    accelerator = Accelerator(cpu=not cuda, mixed_precision="bf16" if fast else "no")
    if accelerator.num_processes != int(os.environ.get("WORLD_SIZE", 1)):
        raise UserError(
            "Not all processes found each other: without a GPU, set ACCELERATE_USE_CPU=true and use torchrun."
        )
    return accelerator


# -- before it begins --------------------------------------------------------------------------------------------------
def prepare(args: argparse.Namespace, config: LossConfig, device: torch.device) -> tuple[Tina, Losses]:
    """A Tina with an untrained network (or another's), and what it is to be trained on."""
    parent = Tina.from_pretrained(args.init_from).to(device) if args.init_from else None
    encoder = Encoder(args.encoder, device)
    source: Zoo | ClosedForm
    if args.zoo:
        source = Zoo(args.zoo)
        blueprint, generic = source.blueprint(device), source.generic
        names, world_id = source.manifest["names"], source.manifest["world"]
    elif parent and args.tasks and not args.diffusion:
        source, blueprint, names, world_id = parent.closed_form, parent.blueprint, parent.names, parent.world_id
        generic = dict(parent.generic.state_dict())
        if blueprint.backbone_hash and parent.encoder_hash != encoder.hash:
            raise UserError("Its rows stand on the encoder that it was trained with: for another one it needs a zoo.")
    else:
        raise UserError("Without --zoo it can only go on by the task loss: --init-from, --tasks and --diffusion 0.")
    if blueprint.rows_by and blueprint.rows_by.hash != encoder.hash:
        raise UserError(f"Rows of {blueprint.id} are vectors of its own encoder: say --encoder {blueprint.rows_by.id}.")
    world = load_world(world_id, blueprint.size)
    prompt_sampler = PromptSampler(world, encoder, seen_families(world))
    ordered = LAYOUTS[args.layout].ordered
    losses = Losses(source, names, world, blueprint, prompt_sampler, config, device, ordered)
    generic = {name: weight.to(device) for name, weight in generic.items()}
    tina = _fresh(args, blueprint, generic, names, prompt_sampler).to(device)
    tina.generic.load_state_dict(generic)
    own_tower = on_own_tower(blueprint, encoder.hash)
    transfer = transfer_of(blueprint, generic, world, prompt_sampler)
    familiarity = familiarity_of(world, prompt_sampler, encoder, own_tower)
    tina.closed_form = ClosedForm(losses.normaliser, losses.prior, transfer, familiarity).to(device)
    if parent:
        if parent.network.config != tina.network.config or parent.layout != tina.layout:
            raise UserError("The checkpoint to start from has a generator of another shape.")
        tina.network.load_state_dict(parent.network.state_dict())
    return tina, losses


def _fresh(
    args: argparse.Namespace,
    blueprint: Blueprint,
    generic: Weights,
    names: list[str],
    prompt_sampler: PromptSampler,
) -> Tina:
    """With an untrained network, and nothing known in closed form."""
    world, encoder = prompt_sampler.world, prompt_sampler.encoder
    network = TransformerConfig.sized(
        args.size,
        shared=blueprint.shared_tokens,
        shared_width=blueprint.token_length,
        class_width=blueprint.class_width,
        prompt_width=prompt_sampler.width,
    )
    settings = Settings(other_class=measure_other_class(blueprint, generic, names, world))
    return Tina(
        blueprint=blueprint.id,
        world=world.id,
        names=names,
        encoder=encoder.id,
        encoder_hash=encoder.hash,
        network=asdict(network),
        layout=args.layout,
        settings=settings.to_dict(),
        preparation=world.preparation,
        eight_bits=True,
    )


# -- while it runs -----------------------------------------------------------------------------------------------------
class Run:
    """Network, average, optimizer and clock of a training, which can be stopped at any time and goes on exactly."""

    def __init__(self, args: argparse.Namespace, tina: Tina, accelerator: Accelerator):
        self.args, self.tina, self.accelerator, self.folder = args, tina, accelerator, args.out
        plain = tina.network
        optimizer = torch.optim.AdamW(plain.parameters(), lr=RATE, weight_decay=0.01, betas=(0.9, 0.99), fused=True)
        self.average = AveragedModel(plain, multi_avg_fn=get_ema_multi_avg_fn(EMA))
        tensors = state_of(network=plain, average=self.average.module)
        self.checkpointer = Checkpointer(self.folder / STATE, tensors, optimizer, every=args.every)
        self.clock = Clock(args.minutes or None, self.checkpointer.load())
        self.average.n_averaged.fill_(self.step)
        self.plain, (self.network, self.optimizer) = plain, accelerator.prepare(plain, optimizer)
        self.late = False
        self.clock.restart()

    @property
    def step(self) -> int:
        """How many were done, over all runs."""
        return self.clock.steps

    def done(self) -> float:
        """The share of the training that is done, by steps or by the clock, the same on all processes; they also
        report and save together."""
        by_steps = self.step / self.args.steps if self.args.steps else 0.0
        own = [max(by_steps, self.clock.share), float(self.checkpointer.due())]
        done, due = self.accelerator.reduce(torch.tensor(own, device=self.accelerator.device), "mean").tolist()
        self.late = due >= 0.5
        return float(done)

    def rate_share(self, done: float) -> float:
        """The learning rate as a share of its peak: a cosine over the whole training, but for the first steps."""
        return min((self.step + 1) / WARMUP_STEPS, warmup_cosine(done))

    def count(self) -> None:
        """After an optimizer's step: the average follows, in a young run more closely."""
        self.clock.steps += 1
        self.average.multi_avg_fn = get_ema_multi_avg_fn(min(EMA, self.step / (10 + self.step)))
        self.average.update_parameters(self.plain)

    def save(self) -> None:
        """The run's state, and the checkpoint: the averaged network."""
        if not self.accelerator.is_main_process:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self.checkpointer.save(self.clock.progress)
        self.tina.network = cast(GeneratorNetwork, self.average.module)
        self.tina.save_pretrained(self.folder)
        self.tina.network = self.plain

    def report(self, parts: dict[str, Tensor], done: float) -> None:
        """A line for the eye, and one for `stats.jsonl`."""
        means = {name: float(self.accelerator.reduce(loss.detach(), "mean")) for name, loss in parts.items()}
        if not self.accelerator.is_main_process:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        seconds = self.clock.seconds
        row: dict[str, Any] = {"step": self.step, "seconds": round(seconds, 1)}
        row |= {name: round(mean, 6) for name, mean in means.items()}
        with (self.folder / "stats.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")
        left = seconds * (1 / done - 1) if done else math.inf
        losses = "  ".join(f"{name} {mean:.3f}" for name, mean in means.items())
        line = f"step {self.step:,}  {100 * done:.0f}%  {losses}  {seconds:.0f} s, {left:.0f} to go"
        print(line, file=sys.stderr, flush=True)


# -- the command -------------------------------------------------------------------------------------------------------
def parser() -> argparse.ArgumentParser:
    """Its arguments; those of `LossConfig` among them."""
    top = argparse.ArgumentParser(
        prog="python -m tina.train", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("--zoo", type=Path, help="folder of the zoo to learn from")
    top.add_argument("--out", type=Path, required=True, help="folder of the run, which becomes the checkpoint")
    top.add_argument("--encoder", default=EMBEDDED, help="any open_clip model (default: the embedded one)")
    top.add_argument("--size", choices=SIZES, default="small", help="of the generator (default: small)")
    top.add_argument("--layout", choices=LAYOUTS, default="sets", help="of the tokens (default: sets)")
    top.add_argument("--init-from", type=Path, metavar="CHECKPOINT", help="start with the parameters of another one")
    top.add_argument("--steps", type=whole("--steps", 1), help="stop after so many steps")
    top.add_argument("--minutes", type=number("--minutes"), help="stop after so many minutes of training")
    top.add_argument("--rate", type=number("--rate", above=0), default=RATE, help="peak learning rate")
    for field in fields(LossConfig):
        option = f"--{field.name.replace('_', '-')}"
        kind: Callable[[str], Any] = whole(option, 1 if field.name in ("batch", "pictures", "limit") else 0)
        if field.name == "seed":
            kind = seed()
        elif field.type in ("float", "str"):
            kind = str if field.type == "str" else number(option, high=1.0 if field.name == "drop" else MANY)
        choices = PROMPT_MIX if field.name == "prompt_mix" else None
        top.add_argument(option, type=kind, choices=choices, default=field.default, help=HELP[field.name])
    top.add_argument(
        "--every", type=number("--every"), default=EVERY, help="seconds between reports and saves (default: 30)"
    )
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
    "prompt_mix": "what prompts are made of",
    "drop": "how often the prompt is withheld",
    "jitter": "how far prompt vectors are moved at random",
    "limit": "use only so many of the zoo's classifiers",
    "seed": "of everything that is drawn",
}


def main(argv: Sequence[str] | None = None) -> None:
    """The command line."""
    args = parser().parse_args(argv)
    if not args.steps and not args.minutes and not args.dry_run:
        raise UserError("How long? Say --steps or --minutes.")
    train(args)
