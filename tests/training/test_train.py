"""Training: an interrupted run is the same run, two processes train one network, and what is saved is the average."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.encoder.test_encoder import folder  # noqa: F401 (a fixture)
from tina import Tina
from tina.blueprints import get_blueprint
from tina.encoder.encoder import EMBEDDED_FOLDER, Encoder
from tina.errors import UserError
from tina.generator.checkpoint import MATRIX_SCALE, as_saved
from tina.research import chunks  # noqa: F401 (registers the papers' layout)
from tina.training import train
from tina.training.losses import LossConfig, Losses
from tina.training.zoo.prompt_sampler import PromptSampler
from tina.training.zoo.store import Zoo
from tina.training.zoo.tasks import seen_families
from tina.worlds import load_world

ROOT = Path(__file__).parents[2]
SMALL = ["--size", "tiny", "--batch", "4", "--tasks", "2", "--pictures", "8", "--every", "0"]


def run(zoo: Zoo, out: Path, *words: str) -> list[dict]:
    """The rows of stats.jsonl that a run leaves."""
    train.main(["--zoo", str(zoo.folder), "--out", str(out), *SMALL, *words])
    return rows(out)


def rows(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "stats.jsonl").read_text().splitlines()]


def losses_in(found: list[dict]) -> list[tuple]:
    return [(row["step"], row["diffusion"], row["task"]) for row in found]


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(
    zoo: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    whole = run(zoo, tmp_path / "whole", "--steps", "6")
    save = train.Run.save

    def stopped(run: train.Run) -> None:
        save(run)
        if run.step == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(train.Run, "save", stopped)
    with pytest.raises(KeyboardInterrupt):
        run(zoo, tmp_path / "parts", "--steps", "6")
    monkeypatch.setattr(train.Run, "save", save)
    parts = run(zoo, tmp_path / "parts", "--steps", "6")
    assert [row["step"] for row in whole] == [1, 2, 3, 4, 5, 6]
    assert losses_in(parts) == losses_in(whole)
    files = [tmp_path / name / "model.safetensors" for name in ("whole", "parts")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_what_is_saved_and_used_is_the_average_of_the_weights(zoo: Zoo, tmp_path: Path):
    run(zoo, tmp_path / "run", "--steps", "4", "--rate", "0.1")
    state = load_file(tmp_path / "run" / "state.safetensors")
    saved = Tina.from_pretrained(tmp_path / "run").network.state_dict()
    name = "shared_out.weight"
    average = as_saved(f"network.{name}", state[f"tensors/average/{name}"], eight_bits=True)
    assert average.dtype == torch.float8_e4m3fn
    assert torch.equal(saved[name], average.float() / MATRIX_SCALE)
    assert (saved[name] - state[f"tensors/network/{name}"]).abs().max() > 1e-5


@pytest.mark.slow
def test_the_losses_fall(zoo: Zoo, tmp_path: Path):
    found = run(zoo, tmp_path / "run", "--steps", "60", "--rate", "1e-2", "--batch", "16", "--tasks", "4")
    for name in ("diffusion", "task"):
        first, last = (np.mean([row[name] for row in part]) for part in (found[:15], found[-15:]))
        assert last < 0.95 * first


@pytest.mark.slow
def test_it_can_begin_with_the_parameters_of_another(zoo: Zoo, tmp_path: Path):
    run(zoo, tmp_path / "first", "--steps", "3")
    train.main(["--zoo", str(zoo.folder), "--out", str(tmp_path / "dry"), *SMALL, "--dry-run"])
    assert not (tmp_path / "dry").exists()
    args = train.parser().parse_args(
        ["--zoo", str(zoo.folder), "--out", str(tmp_path / "second"), *SMALL, "--init-from", str(tmp_path / "first")]
    )
    tina, _ = train.prepare(args, LossConfig(), torch.device("cpu"))
    assert tina.hash == Tina.from_pretrained(tmp_path / "first").hash
    args.layout = "chunks"
    with pytest.raises(UserError, match="another shape"):
        train.prepare(args, LossConfig(), torch.device("cpu"))


def test_it_can_go_on_without_the_zoo_by_the_task_loss(zoo: Zoo, tmp_path: Path):
    run(zoo, tmp_path / "first", "--steps", "2")
    words = ["--init-from", str(tmp_path / "first"), "--out", str(tmp_path / "second"), *SMALL]
    with pytest.raises(UserError, match="Without --zoo"):
        train.main([*words, "--steps", "2"])
    train.main([*words, "--steps", "2", "--diffusion", "0"])
    assert [[*row] for row in rows(tmp_path / "second")] == [["step", "seconds", "task"]] * 2
    first, second = (Tina.from_pretrained(tmp_path / name) for name in ("first", "second"))
    for name, numbers in first.closed_form.named_buffers():
        torch.testing.assert_close(second.closed_form.get_buffer(name), numbers, atol=1e-3, rtol=1e-3)
    assert first.hash != second.hash


def test_another_encoder_needs_no_new_zoo(zoo: Zoo, tmp_path: Path):
    """What is known of the zoo stays; by which vectors classes are told apart is found anew."""
    run(zoo, tmp_path / "first", "--steps", "2")
    words = ["--init-from", str(tmp_path / "first"), "--out", str(tmp_path / "second"), *SMALL, "--steps", "2"]
    train.main([*words, "--diffusion", "0", "--encoder", f"local-dir:{turned(tmp_path / 'encoder')}"])
    first, second = (Tina.from_pretrained(tmp_path / name) for name in ("first", "second"))
    assert torch.equal(first.closed_form.normaliser.shared_mean, second.closed_form.normaliser.shared_mean)
    torch.testing.assert_close(
        first.closed_form.familiarity.texts.flip(1), second.closed_form.familiarity.texts, atol=0.1, rtol=0
    )
    assert second.encoder_hash != first.encoder_hash
    assert second.generate("apple, kite").predict(np.zeros((32, 32, 3), np.uint8)).keys() == {"apple", "kite"}


def turned(place: Path) -> Path:
    """The embedded encoder with the axes of its space in another order."""
    shutil.copytree(EMBEDDED_FOLDER, place)
    tensors = load_file(place / "open_clip_model.safetensors")
    tensors["text.text_projection"] = tensors["text.text_projection"].flip(1).contiguous()
    for name in ("visual.head.proj.weight", "visual.head.proj.bias"):
        tensors[name] = tensors[name].flip(0).contiguous()
    save_file(tensors, place / "open_clip_model.safetensors", metadata={"format": "pt"})
    appearance = Encoder(f"local-dir:{place}").appearance
    for world in appearance.worlds.values():
        world["axes"] = world["axes"].flip(1)
    appearance.save(place)
    return place


def test_the_papers_layout_trains_with_the_same_words(zoo: Zoo, tmp_path: Path):
    run(zoo, tmp_path / "run", "--steps", "2", "--layout", "chunks")
    tina = Tina.from_pretrained(tmp_path / "run")
    assert tina.generate("apple, kite, clock").labels == ["apple", "kite", "clock"]


def test_a_run_without_an_end_is_refused(zoo: Zoo, tmp_path: Path):
    with pytest.raises(UserError, match="--steps or --minutes"):
        train.main(["--zoo", str(zoo.folder), "--out", str(tmp_path / "run")])


def test_processes_draw_different_data_and_a_step_always_the_same(zoo: Zoo):
    world, blueprint = load_world(zoo.manifest["world"]), get_blueprint("cnn-5k")
    prompt_sampler = PromptSampler(world, Encoder(), seen_families(world))
    config = LossConfig(batch=4, tasks=2, pictures=8)
    losses = Losses(zoo, zoo.manifest["names"], world, blueprint, prompt_sampler, config, torch.device("cpu"))

    def guess(shared, classes, *_):
        return torch.zeros_like(shared), torch.zeros_like(classes)

    first, again, other, later = (losses(guess, *at) for at in ((0, 0), (0, 0), (0, 1), (1, 0)))
    assert first == again
    for found in (other, later):
        assert all(found[name] != first[name] for name in first)


def test_rows_that_are_an_encoders_vectors_want_prompts_from_it(adapters: Zoo, folder: Path, tmp_path: Path):  # noqa: F811
    with pytest.raises(UserError, match="vectors of its own encoder: say --encoder embedded"):
        run(adapters, tmp_path / "run", "--steps", "1", "--encoder", f"local-dir:{folder}")


TWO = """
import faulthandler, hashlib, os, sys
faulthandler.dump_traceback_later(100, exit=True)  # processes that wait for each other for ever say where
from tina.training import train
tina = train.train(train.parser().parse_args(sys.argv[1:]))
digest = hashlib.sha256(b"".join(p.detach().numpy().tobytes() for p in tina.network.parameters())).hexdigest()
line = f"{os.environ['RANK']} {os.environ['WORLD_SIZE']} {digest}\\n"
os.write(1, line.encode())  # in one piece: both write to the same pipe
"""


@pytest.mark.slow
def test_two_processes_without_a_gpu_train_one_network_together(zoo: Zoo, tmp_path: Path):
    (tmp_path / "two.py").write_text(TWO)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    words = ["--zoo", str(zoo.folder), "--out", str(tmp_path / "run"), *SMALL, "--steps", "3"]
    environment = os.environ | {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*torchrun, str(tmp_path / "two.py"), *words], env=environment, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr[-2000:]
    ranks = sorted(line.split() for line in done.stdout.splitlines())
    assert [(rank, of) for rank, of, _ in ranks] == [("0", "2"), ("1", "2")]
    assert ranks[0][2] == ranks[1][2]
    alone = run(zoo, tmp_path / "alone", "--steps", "3")
    assert losses_in(rows(tmp_path / "run")) != losses_in(alone)  # the mean of two processes' data
