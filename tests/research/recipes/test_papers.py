"""The papers' tables as recipes: every cell's commands are understood, one of each kind is made and measured at a
hundredth of its size from an archive of the official layout, and what it takes is said beforehand."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from tests.conftest import picture_bytes
from tests.worlds.test_archives import tarred, zipped
from tina import cli, compat
from tina.errors import UserError
from tina.research.recipes import paper_costs, paper_stand, papers, resnet_clip
from tina.research.recipes.paper_costs import Cost, Costs, Part
from tina.research.recipes.paper_kinds import KINDS, SPLITS, TABLES, WEIGHTS, WORLDS
from tina.research.recipes.papers import PREFIX, Cell, paper_table
from tina.storage import load_json
from tina.training import train
from tina.training.resume import read_progress
from tina.training.zoo import build
from tina.worlds import load_world
from tina.worlds.base import share

ALL = paper_table("papers/tina").cells + paper_table("papers/t2w").cells
MADE = (  # every kind, and every world that a paper has alone
    ("tina", "cifar-100", "cnn"),
    ("tina", "mini-imagenet", "resnet20"),
    ("tina", "caltech-101", "vit-b-32"),
    ("t2w", "caltech-256", "clip"),
    ("t2w", "imagenet", "resnet18"),
)
PARTS = ("prompts", "generic", "classifiers", "generator", "tower")


@pytest.fixture
def known_costs(monkeypatch: pytest.MonkeyPatch) -> Costs:
    """In the place of measured ones: a second for everything here, half of one on a GPU."""
    costs = Costs({name: Part(name, 1.0, 0.5) for name in PARTS}, 1_000_000)
    monkeypatch.setattr(papers, "measured_costs", lambda *args: costs)
    monkeypatch.setattr(papers, "decoding", lambda *args: Part("decode", 1.0, 1.0))
    return costs


# -- archives of the official layouts, every class in every split ------------------------------------------------------
PICTURES = [picture_bytes(seed, (32, 32), "JPEG") for seed in range(12)]


def names_in_every_split(split_of: Callable[[str], str], each: int) -> Iterator[str]:
    """Numbers, as text, of which so many fall into each split."""
    found = dict.fromkeys(("train", "zoo", "test"), 0)
    for number in map(str, count(1)):
        split = split_of(number)
        if found[split] < each:
            found[split] += 1
            yield number
        if all(some == each for some in found.values()):
            return


def picture_of(number: int) -> bytes:
    return PICTURES[number % len(PICTURES)]


def cifar_100(data: Path) -> None:
    draw, rows = np.random.default_rng(0), {"train": [], "test": []}
    turn = {"zoo": count(), "train": count(), "test": count()}
    for kind, rows_of_kind in rows.items():
        for i in range(1500 if kind == "train" else 300):
            split = "test" if kind == "test" else "zoo" if share(f"cifar/{i}") < 0.2 else "train"
            row = draw.integers(0, 256, 3074, np.uint8)
            row[1] = next(turn[split]) % 100
            rows_of_kind.append(row.tobytes())
    files = {f"cifar-100-binary/{kind}.bin": b"".join(some) for kind, some in rows.items()}
    (data / "cifar-100-binary.tar.gz").write_bytes(tarred(files))


def mini_imagenet(data: Path) -> None:
    def split_of(number: str) -> str:
        at = share(number)
        return "test" if at < 0.2 else "zoo" if at < 0.35 else "train"

    numbers = [*names_in_every_split(split_of, 2)]
    labels = load_world("mini-imagenet").labels
    files = {f"mini-imagenet/{label}/{n}.jpg": picture_of(int(n)) for label in labels for n in numbers}
    zipped(data / "mini-imagenet.zip", files)


def caltech_101(data: Path) -> None:
    world, files = load_world("caltech-101"), {}
    for label in world.labels:
        for number in names_in_every_split(lambda n, label=label: world.split_of(label, f"image_{int(n):04}"), 2):
            files[f"101_ObjectCategories/{label}/image_{int(number):04}.jpg"] = picture_of(int(number))
    zipped(data / "caltech-101.zip", {"caltech-101/101_ObjectCategories.tar.gz": tarred(files)})


def caltech_256(data: Path) -> None:
    world, files = load_world("caltech-256"), {"256_ObjectCategories/257.clutter/257_0001.jpg": PICTURES[0]}
    for label in world.labels:
        names = names_in_every_split(lambda n, label=label: world.split_of(label, f"{label}_{int(n):04}"), 2)
        for number in names:
            name = f"256_ObjectCategories/{label}.something/{label}_{int(number):04}.jpg"
            files[name] = picture_of(int(number))
    (data / "256_ObjectCategories.tar").write_bytes(tarred(files, "w"))


def imagenet(data: Path) -> None:
    world, tars = load_world("imagenet"), {}
    for wnid in world.labels:
        numbers = names_in_every_split(lambda n, wnid=wnid: world.split_of(wnid, f"{wnid}_{n}"), 2)
        tars[f"{wnid}.tar"] = tarred({f"{wnid}_{n}.JPEG": picture_of(int(n)) for n in numbers}, "w")
    (data / "ILSVRC2012_img_train.tar").write_bytes(tarred(tars, "w"))


ARCHIVES = {
    "cifar-100": cifar_100,
    "mini-imagenet": mini_imagenet,
    "caltech-101": caltech_101,
    "caltech-256": caltech_256,
    "imagenet": imagenet,
}


@pytest.fixture
def clip(tmp_path: Path) -> str:
    """A CLIP of the right width that has learnt nothing, in a folder."""
    compat.prepare()
    import open_clip
    from safetensors.torch import save_file

    vision = {"layers": 1, "width": 64, "head_width": 32, "patch_size": 16, "image_size": 32}
    text = {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1}
    folder = tmp_path / "clip"
    folder.mkdir()
    config = {"model_cfg": {"embed_dim": 512, "vision_cfg": vision, "text_cfg": text}, "preprocess_cfg": {}}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    model = open_clip.CLIP(embed_dim=512, vision_cfg=vision, text_cfg=text)
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, folder / "open_clip_model.safetensors")
    return f"local-dir:{folder}"


def do(command: str, *more: str) -> None:
    """What a shell would do with the line, in this process."""
    words = shlex.split(command)
    assert words[:2] == ["python", "-m"]
    programs = {
        "tina": cli.main,
        "tina.zoo": build.main,
        "tina.train": train.main,
        "tina.research.recipes.resnet_clip": resnet_clip.main,
    }
    programs[words[2]]([*words[3:], *more])


@pytest.mark.slow
@pytest.mark.parametrize(("paper", "world", "kind"), MADE, ids=lambda part: part)
def test_a_cell_is_made_and_measured_at_a_hundredth_of_its_size(
    paper: str, world: str, kind: str, known_costs: Costs, clip: str, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ARCHIVES[world](cache / "data")
    generator = KINDS[paper][kind].generator | {"size": "tiny", "batch": 4, "tasks": 2, "pictures": 8}
    monkeypatch.setitem(KINDS[paper], kind, replace(KINDS[paper][kind], generator=generator))
    monkeypatch.setattr(resnet_clip, "pretrained", lambda: paper_stand.untrained("resnet18", num_classes=0))
    monkeypatch.setattr(resnet_clip, "write_folder", partial(resnet_clip.write_folder, size=32))
    (cell,) = paper_table(f"{PREFIX}{paper}-{world}-{kind}", clip).cells
    out = cache / "out"
    whole = sum(step["minutes"] for step in cell.commands(out))
    *steps, table = (step["command"] for step in cell.commands(out, whole / 100))
    for step in steps:
        do(step)
    do(table, "--methods", "slice", "tina")

    zoo, tina = load_json(out / "zoo" / "manifest.json"), load_json(out / "stage-1" / "config.json")
    fewest, most = cell.kind.sizes
    assert len(zoo["tasks"]) == cell.kind.classifiers / 10
    assert {len(task) for task in zoo["tasks"]} <= {*range(fewest, most + 1)}
    assert tina["world"] == world
    assert read_progress(out / "stage-1" / train.STATE).step == cell.kind.generator["steps"] / 100
    rows = load_json(out / "table.json")["rows"]
    assert {row["split"] for row in rows if row["method"] == "tina"} == {*SPLITS}
    unseen = {*load_world(world).unseen}
    assert not unseen & {name for task in zoo["tasks"] for name in task}
    assert not unseen & {*zoo["names"]}


# -- what is said beforehand -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("cell", ALL, ids=lambda cell: cell.name)
def test_the_programs_understand_every_word_of_every_cell(
    cell: Cell, known_costs: Costs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = []
    monkeypatch.setattr(build, "build_zoo", lambda plan, folder: plans.append(plan) or SimpleNamespace(tasks=[]))
    *before, zoo, training, table = (shlex.split(step["command"]) for step in cell.commands(tmp_path))
    assert len(before) == cell.kind.on_resnet
    build.main(zoo[3:])
    kind, plan = cell.kind, plans[0]
    assert (plan.world, plan.classifiers, plan.sizes) == (cell.world_id, kind.classifiers, kind.sizes)
    assert plan.generic.steps == kind.settings["generic_steps"]
    args = train.parser().parse_args(training[3:])
    assert args.steps == 30_000
    assert args.encoder == cell.encoder(tmp_path)
    assert kind.on_encoder == (args.encoder in plan.blueprint)
    assert args.prompt_mix == ("texts" if kind.on_resnet else "mixed")
    judged = cli.parser().parse_args(table[3:])
    assert judged.splits == ["id", "ood", "unseen"]
    assert judged.ways == [str(kind.ways)]
    assert len(cell.world.unseen) >= kind.ways


def test_a_name_may_stand_for_a_whole_table() -> None:
    assert {len(paper_table(f"papers/{paper}").cells) for paper in TABLES} == {9, 8}
    assert len(paper_table("papers/tina-cifar-100").cells) == 3
    (cell,) = paper_table("papers/t2w-cifar-100-clip").cells
    assert (cell.paper, cell.world_id, cell.kind_id) == ("t2w", "cifar-100", "clip")
    for wrong in ("papers/", "papers/tin", "papers/t2w-caltech", "papers/tina-imagenet-cnn"):
        with pytest.raises(UserError, match="one of papers/tina-mini-imagenet-cnn"):
            paper_table(wrong)


def test_minutes_follow_from_what_was_measured(known_costs: Costs) -> None:
    cell = Cell("tina", "cifar-100", "vit-b-32")
    seen = 8_000  # of 10,000 pictures, those of 80 of 100 classes
    zoo, training, table = (cell.costs[stage] for stage in ("zoo", "train", "table"))
    assert zoo.here == seen + 600 + 1_000 * 100 + 20_000
    assert training.here == 64 * 80 + seen + 30_000
    assert table.here == 64 * 100 + 10_000 + 2 * 3 * 200 * 100
    assert training.gpu == training.here / 2
    steps = cell.commands(Path("out"))
    assert sum(step["minutes"] for step in steps) == pytest.approx((zoo.here + training.here + table.here) / 60)
    half = cell.commands(Path("out"), sum(step["minutes"] for step in steps) / 2)
    assert sum(step["gpu_minutes"] for step in half) == pytest.approx(sum(step["gpu_minutes"] for step in steps) / 2)
    more = cell.commands(Path("out"), 10 * sum(step["minutes"] for step in steps))
    assert more == steps  # nothing is made larger than the recipe's


def test_a_cost_is_the_sum_of_its_parts() -> None:
    cost = Cost(((2, Part("a", 3.0, 1.0)), (5, Part("b", 0.5, 0.1))))
    assert cost.here == 8.5
    assert cost.gpu == pytest.approx(2.5)


@pytest.mark.parametrize("kind", ["cnn", "vit-b-32"])
def test_a_unit_of_everything_is_measured(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper_stand, "untrained", lambda name, **options: torch.nn.Conv2d(3, 8, 3))
    of = KINDS["tina"][kind]
    pairs = tuple((of.generator | {"size": "tiny", "batch": 2, "tasks": 2, "pictures": 4}).items())
    found = paper_costs.measured_costs(of.family, False, pairs, 0, 10)
    assert set(found.parts) == {"prompts", "generic", "classifiers", "generator"} | (
        {"tower"} if of.on_encoder else set()
    )
    assert all(part.here > 0 and part.gpu > 0 for part in found.parts.values())
    assert found.parameters > 100_000
    assert paper_costs.decoding((64, 48), 32).here > 0


def test_a_computed_unit_is_held_up_by_its_operations_or_by_its_arithmetic() -> None:
    small = paper_costs._part("small", lambda: torch.ones(2) + 1)
    assert small.gpu == pytest.approx(2 * paper_costs.GPU_START)
    x = torch.ones(1000, 1000)
    large = paper_costs._part("large", lambda: x @ x, at_once=10**6)
    assert large.gpu == pytest.approx(2e9 / paper_costs.GPU_SPEED)


def test_what_is_known_of_blueprints_and_archives_is_so() -> None:
    from tina.blueprints import get_blueprint

    for id, (shared, of_class) in WEIGHTS.items():
        blueprint = get_blueprint(f"{id}:embedded" if id.startswith("encoder") else id)
        if id.startswith("encoder"):  # as wide as CLIP
            assert blueprint.parameters(0) == (33 * blueprint.width + 16 if shared else 0)
            assert blueprint.class_width == (blueprint.width + 1 if of_class else 0)
        else:
            assert (blueprint.parameters(0), blueprint.class_width) == (shared, of_class)
    for id, pictures in WORLDS.items():
        if size := load_world(id).source.size:
            assert pictures.megabytes == round(size / 1e6)


def test_a_dry_run_says_what_it_needs_and_writes_nothing(
    known_costs: Costs, cache: Path, capsys: pytest.CaptureFixture
) -> None:
    out = cache / "out"
    cli.main(["recipe", "papers/t2w-caltech-256-resnet18", "--out", str(out), "--dry-run"])
    said = capsys.readouterr().out
    for part in (
        "an adapter 512-16-512 on a ResNet-18",
        "for 8 to 31 of the 217 seen classes of Caltech 256; 39 classes and 200 tasks a split are held out",
        "256_ObjectCategories.tar, 1,183 MB, is not here: https://data.caltech.edu",
        "the encoder ViT-B-32/openai, 605 MB",
        "a ResNet-18 trained on ImageNet, 47 MB",
        "python -m tina.research.recipes.resnet_clip",
        "archive 1,183, encoder 906, pictures",
        "on one GPU",
    ):
        assert part in said
    assert not out.exists()
    cli.main(["recipe", "papers/tina", "--out", str(out), "--seed", "7", "--dry-run", "--json"])
    steps = json.loads(capsys.readouterr().out)["steps"]
    assert len(steps) == 27
    assert sum("--seed 7" in step["command"] for step in steps) == 18
    lines = [shlex.split(step["command"]) for step in steps]
    assert len({line[line.index("--out") + 1] for line in lines}) == 27


def test_other_recipes_know_no_other_clip(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit):
        cli.main(["recipe", "sketchbook-cnn", "--clip", "embedded", "--dry-run"])
    assert "for the papers' recipes" in capsys.readouterr().err
