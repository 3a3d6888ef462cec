"""The papers' tables as recipes: what each cell is, and the commands that make and measure it.

    python -m tina recipe papers/tina --dry-run                # the nine cells of Text-to-Model's table
    python -m tina recipe papers/tina-cifar-100                # three of them
    python -m tina recipe papers/t2w-caltech-256-clip --minutes 30          # one of Text2Weight's, smaller

The method is this project's; pictures, networks and numbers of classes are the papers'. Every table has held-out tasks
(`ood`) and held-out classes (`unseen`); Text2Weight's has the former only. `--dry-run` needs neither pictures nor
encoders: a unit of every stage is measured on made-up data (`paper_costs.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from tina.compat import usual_device
from tina.errors import UserError
from tina.research.recipes.checkpoint import Recipe, run_commands, shell_line
from tina.research.recipes.paper_costs import (
    GPU_SPEED,
    GPU_START,
    Cost,
    Costs,
    decoding,
    device_title,
    measured_costs,
)
from tina.research.recipes.paper_kinds import (
    CLIP,
    CLIP_MEGABYTES,
    CLIP_TEXT_MEGABYTES,
    KINDS,
    PROMPTED,
    RESNET_MEGABYTES,
    SPLITS,
    STATE_BYTES,
    TABLES,
    TASKS,
    WEIGHTS,
    WORLDS,
    Kind,
)
from tina.research.recipes.paper_stand import WIDTH
from tina.training.zoo.finetune import HEADS, NETWORKS
from tina.worlds import World, load_world

PREFIX = "papers/"


@dataclass(frozen=True)
class Cell:
    """One world and one kind of classifier."""

    paper: str
    world_id: str
    kind_id: str
    clip: str = CLIP
    seed: int = 0

    @property
    def name(self) -> str:
        """As it is asked for."""
        return f"{self.paper}-{self.world_id}-{self.kind_id}"

    @property
    def kind(self) -> Kind:
        """What is written."""
        return KINDS[self.paper][self.kind_id]

    @cached_property
    def world(self) -> World:
        """Its classes; no picture is looked at."""
        return load_world(self.world_id)

    def encoder(self, out: Path) -> str:
        """The id of the encoder of the prompts, and of the pictures where classifiers stand on one."""
        return f"local-dir:{out.absolute() / 'encoder'}" if self.kind.on_resnet else self.clip

    def recipe(self, out: Path) -> Recipe:
        """Of the zoo and the generator; minutes are those expected here."""
        kind, costs = self.kind, self.costs
        encoder = self.encoder(out)
        return Recipe(
            world=self.world_id,
            blueprint=kind.blueprint.format(encoder=encoder),
            seed=self.seed,
            classifiers=kind.classifiers,
            zoo_minutes=costs["zoo"].here / 60,
            stages=({"minutes": costs["train"].here / 60, "encoder": encoder, "seed": self.seed} | kind.generator,),
            sizes=kind.sizes,
            **kind.settings,
        )

    def commands(self, out: Path, minutes: float | None = None) -> list[dict]:
        """As `Recipe.commands`, the encoder before where it has to be made, the table behind; each with "gpu_minutes",
        those expected on one GPU."""
        recipe, table = self.recipe(out), self.costs["table"]
        whole = recipe.minutes + table.here / 60
        share = min(1.0, (minutes or whole) / whole)
        steps = recipe.commands(out, minutes=recipe.minutes * share)
        for step, stage in zip(steps, ("zoo", "train"), strict=True):
            step["gpu_minutes"] = self.costs[stage].gpu / 60 * share
        if self.kind.on_resnet:
            line = shell_line("tina.research.recipes.resnet_clip", clip=self.clip, out=out / "encoder")
            steps.insert(0, {"minutes": 0.0, "gpu_minutes": 0.0, "command": line})
        line = shell_line(
            "tina",
            "table",
            str(out / "stage-1"),
            zoo=out / "zoo",
            splits=SPLITS,
            ways=self.kind.ways,
            tasks=max(2, round(TASKS * share**0.5)),
            out=out / "table.json",
        )
        return [*steps, {"minutes": table.here / 60 * share, "gpu_minutes": table.gpu / 60 * share, "command": line}]

    @cached_property
    def measured(self) -> Costs:
        """A unit of everything that its stages do."""
        kind = self.kind
        pairs = tuple(sorted(kind.generator.items()))
        return measured_costs(kind.family, kind.on_resnet, pairs, kind.settings.get("move", 0), kind.sizes[1])

    @cached_property
    def costs(self) -> dict[str, Cost]:
        """What each stage takes. Of the table, what two of its rivals do: they are fine-tuned for every task."""
        kind, pictures, measured = self.kind, WORLDS[self.world_id], self.measured
        decode = decoding(pictures.edges, self.edge)
        of_zoo = round(pictures.zoo * len(self.world.seen) / len(self.world.names))
        looked = of_zoo if "tower" in measured.parts else 0
        tested = pictures.test if "tower" in measured.parts else 0
        tuned = 2 * len(SPLITS) * TASKS * (HEADS if "tower" in measured.parts else NETWORKS).steps
        zoo = measured.of(
            tower=looked,
            generic=kind.settings["generic_steps"],
            classifiers=kind.classifiers * kind.settings["steps"],
        )
        return {
            "zoo": Cost((*zoo.units, (self.decoded, decode))),
            "train": measured.of(
                prompts=min(of_zoo, PROMPTED * len(self.world.seen)), tower=looked, generator=kind.generator["steps"]
            ),
            "table": measured.of(prompts=PROMPTED * len(self.world.names), tower=tested, classifiers=tuned),
        }

    @property
    def edge(self) -> int:
        """Pixels of the edge of a picture that classifiers look at."""
        return 224 if self.kind.on_encoder else 32

    @property
    def decoded(self) -> int:
        """Pictures that are kept: of a frozen tower nobody looks at `train`."""
        pictures = WORLDS[self.world_id]
        return pictures.zoo + pictures.test + (0 if self.kind.on_encoder else pictures.train)

    @property
    def disk(self) -> dict[str, int]:
        """Megabytes, by what they are for."""
        kind, measured = self.kind, self.measured
        shared, of_class = WEIGHTS[kind.family]
        rows = kind.sizes[1] * (of_class or WIDTH + 1)  # given rows are kept, too, padded to the most classes
        return {
            "archive": WORLDS[self.world_id].megabytes,
            "encoder": CLIP_MEGABYTES + (RESNET_MEGABYTES + CLIP_TEXT_MEGABYTES if kind.on_resnet else 0),
            "pictures": round(self.decoded * 3 * self.edge**2 / 1e6),
            "zoo": round(kind.classifiers * 4 * (shared + rows) / 1e6),
            "generator": round(measured.parameters * (1 + STATE_BYTES) / 1e6),
        }

    @property
    def needs(self) -> list[str]:
        """What has to be had, a line each."""
        source, pictures = self.world.source, WORLDS[self.world_id]
        where = "is here" if self.world.present else f"is not here: {self.world.home}"
        lines = [f"{source.names[0]}, {pictures.megabytes:,} MB, {where}"]
        if self.clip == CLIP:
            lines.append(f"the encoder {CLIP}, {CLIP_MEGABYTES} MB, fetched by open_clip")
        else:
            lines.append(f"the encoder {self.clip}")
        if self.kind.on_resnet:
            lines.append(f"a ResNet-18 trained on ImageNet, {RESNET_MEGABYTES} MB, fetched by timm")
        return lines

    def text(self, out: Path, minutes: float | None = None) -> str:
        """All of it in words, before it begins."""
        kind, world = self.kind, self.world
        few, most = kind.sizes
        classes = str(few) if few == most else f"{few} to {most}"
        lines = [
            f"{PREFIX}{self.name}: {kind.title}, for {classes} of the {len(world.seen)} seen classes of {world.title}; "
            f"{len(world.unseen)} classes and {TASKS} tasks a split are held out",
            *(f"  needs   {line}" for line in self.needs),
            *(
                f"  {step['minutes']:8,.1f} min here, {step['gpu_minutes']:6.1f} on one GPU   {step['command']}"
                for step in self.commands(out, minutes)
            ),
            f"  disk    {sum(self.disk.values()):,} MB: "
            + ", ".join(f"{name} {size:,}" for name, size in self.disk.items()),
        ]
        parts = {part.title: part for cost in self.costs.values() for _, part in cost.units}
        lines += [
            f"  1 unit  {1000 * part.here:9.3f} ms here, {1000 * part.gpu:8.3f} on one GPU   {part.title}"
            for part in parts.values()
        ]
        return "\n".join(lines)


@dataclass(frozen=True)
class Table:
    """One cell of a paper's table, or several."""

    cells: tuple[Cell, ...]

    def seeded(self, seed: int) -> Table:
        """The same with another seed, of everything that is drawn."""
        return Table(tuple(replace(cell, seed=seed) for cell in self.cells))

    def run(self, out: Path, minutes: float | None = None, dry: bool = False) -> list[dict]:
        """As `Recipe.run`, one cell after the other; each in a folder of its own where there are several."""
        steps = [step for cell, folder, share in self._parts(out, minutes) for step in cell.commands(folder, share)]
        return run_commands(steps, dry)

    def text(self, out: Path, minutes: float | None = None) -> str:
        """What will be done, and how that is known."""
        return "\n\n".join([cell.text(folder, share) for cell, folder, share in self._parts(out, minutes)] + [how()])

    def _parts(self, out: Path, minutes: float | None) -> Iterator[tuple[Cell, Path, float | None]]:
        each = minutes / len(self.cells) if minutes else None
        for cell in self.cells:
            yield cell, out if len(self.cells) == 1 else out / cell.name, each


def how() -> str:
    """Where the minutes come from."""
    on_gpu = (
        "as measured here"
        if usual_device() == "cuda"
        else f"there is none here, so computed: {1e6 * GPU_START:.0f} µs for each operation of a unit, or its "
        f"arithmetic at {GPU_SPEED / 1e12:.0f} TFLOP/s, whichever is longer; both are counted here, the two speeds are "
        "assumed"
    )
    return (
        f"Here: {device_title()}; a unit of everything was timed just now on made-up data, and taken as often as it is "
        f"done. On one GPU: {on_gpu}. Not counted: fetching and reading archives, and of the table all but its two "
        "fine-tuned rivals."
    )


def paper_table(name: str, clip: str | None = None) -> Table:
    """The cells that a name stands for; a `UserError` where there are none.

    Args:
        name: papers/PAPER, papers/PAPER-WORLD or papers/PAPER-WORLD-KIND.
        clip: CLIP ViT-B/32 from elsewhere, as an encoder's id.
    """
    wanted = name.removeprefix(PREFIX).strip("/")
    cells = [
        Cell(paper, world, kind, clip or CLIP) for paper in TABLES for world in TABLES[paper] for kind in KINDS[paper]
    ]
    found = tuple(cell for cell in cells if wanted in (cell.paper, f"{cell.paper}-{cell.world_id}", cell.name))
    if not found:
        raise UserError(f"There is no recipe {name!r}: it is one of {', '.join(PREFIX + cell.name for cell in cells)}.")
    return Table(found)
