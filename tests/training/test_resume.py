"""A training that was stopped goes on as if it had not been, also from the state before a damaged one."""

from __future__ import annotations

import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from tina.errors import NotWritten, UserError
from tina.storage import save_tensors
from tina.training.resume import Checkpointer, Progress, delete_state, previous, read_progress, state_of


class Run:
    """A small training with a batch norm, an average and randomness of its own."""

    def __init__(self, path: Path, seed: int = 0):
        torch.manual_seed(seed)
        self.network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
        self.average = AveragedModel(self.network)
        self.optimizer = torch.optim.AdamW(self.network.parameters(), lr=0.1, fused=True)
        self.generator = torch.Generator().manual_seed(seed)
        self.tensors = state_of(network=self.network, average=self.average)
        self.checkpointer = Checkpointer(path, self.tensors, self.optimizer, self.generator, every=0)

    def train(self, steps: int, first: int = 0) -> None:
        for step in range(first, steps):
            x = torch.randn(8, 3, generator=self.generator)
            self.network(x).square().mean().backward()
            self.optimizer.step()
            self.optimizer.zero_grad()
            self.average.update_parameters(self.network)
            if self.checkpointer.due():
                self.checkpointer.save(Progress(step + 1, 1.5 * (step + 1), "here"))

    def numbers(self) -> dict[str, Tensor]:
        return {name: tensor.detach().clone() for name, tensor in self.tensors.items()}


def go_on(path: Path) -> None:
    """Until somebody kills it; says so of every step."""
    run = Run(path)
    for step in count(run.checkpointer.load().step):
        run.train(step + 1, step)
        print(step, flush=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.safetensors"


def test_it_goes_on_as_if_it_had_not_been_stopped(path: Path) -> None:
    whole = Run(path.with_name("other.safetensors"))
    whole.train(6)
    Run(path).train(3)
    again = Run(path, seed=1)
    progress = again.checkpointer.load()
    assert progress == Progress(3, 4.5, "here") == read_progress(path)
    again.train(6, progress.step)
    expected = whole.numbers()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in again.numbers().items())


@pytest.mark.slow
def test_killed_again_and_again_while_it_saves_it_ends_where_an_undisturbed_one_does(path: Path) -> None:
    program = (
        "import torch; from pathlib import Path; from tests.training.test_resume import go_on; "
        f"torch.set_num_threads({torch.get_num_threads()}); go_on(Path({str(path)!r}))"  # as here: bit for bit
    )
    done = 0
    for _ in range(4):
        command = [sys.executable, "-c", program]
        with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE) as process:
            try:
                assert process.stdout is not None
                steps = [process.stdout.readline() for _ in range(20)]
            finally:
                process.kill()  # SIGKILL, most likely while a state is written
        assert all(steps)
        done, before = read_progress(path).step, done
        assert done >= before + 20
    again, whole = Run(path, seed=1), Run(path.with_name("other.safetensors"))
    assert again.checkpointer.load().step == done
    whole.train(done)
    expected = whole.numbers()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in again.numbers().items())


def test_where_nothing_was_saved_nothing_changes(path: Path) -> None:
    run = Run(path)
    before = run.numbers()
    assert run.checkpointer.load() == Progress() == read_progress(path)
    assert all(torch.equal(tensor, before[name]) for name, tensor in run.numbers().items())


def test_a_damaged_file_is_said_and_the_state_before_it_is_taken(path: Path, capsys: pytest.CaptureFixture) -> None:
    Run(path).train(3)
    path.write_bytes(path.read_bytes()[:100])
    assert Run(path).checkpointer.load().step == 2
    assert f"{path} is damaged" in capsys.readouterr().err
    previous(path).write_bytes(b"")
    with pytest.raises(UserError, match="so is the state before it"):
        Run(path).checkpointer.load()


def test_between_two_files_the_one_before_is_enough(path: Path) -> None:
    """Stopped after the last state was moved away and before the next took its place."""
    Run(path).train(2)
    path.replace(previous(path))
    assert read_progress(path).step == 2


def test_a_training_that_came_to_no_numbers_is_not_saved_and_the_state_before_stays(path: Path) -> None:
    run = Run(path)
    run.train(2)
    with torch.no_grad():
        run.network[0].weight[0, 0] = torch.nan
    with pytest.raises(NotWritten, match="numbers that are none"):
        run.checkpointer.save(Progress(3, 4.5, "here"))
    assert Run(path).checkpointer.load().step == 2


def test_the_state_of_another_training_is_refused(path: Path) -> None:
    run = Run(path)
    run.train(1)
    run.checkpointer.tensors = run.tensors | {"more": torch.zeros(1)}
    with pytest.raises(UserError, match="another training"):
        run.checkpointer.load()


@pytest.mark.parametrize("damage", [b"", b"{", bytes(8), bytes(200)])
def test_an_empty_or_cut_state_is_said_and_the_one_before_is_taken(path: Path, damage: bytes, capsys) -> None:
    Run(path).train(3)
    path.write_bytes(damage)
    assert Run(path).checkpointer.load().step == read_progress(path).step == 2
    assert "trying the state before it" in capsys.readouterr().err
    previous(path).unlink()
    with pytest.raises(UserError, match="delete both to begin anew"):
        Run(path).checkpointer.load()


def test_a_file_that_is_no_state_is_a_sentence(path: Path) -> None:
    save_tensors({"x": torch.zeros(2)}, path)
    with pytest.raises(UserError, match="is damaged"):
        read_progress(path)


def test_the_state_of_a_training_of_another_size_is_a_sentence_and_changes_nothing(path: Path) -> None:
    Run(path).train(1)
    other = Run(path)
    other.tensors["network/0.weight"] = torch.ones(7, 3)
    before = {name: tensor.clone() for name, tensor in other.tensors.items()}
    with pytest.raises(UserError, match="has another size there"):
        other.checkpointer.load()
    assert all(torch.equal(tensor, before[name]) for name, tensor in other.tensors.items())


def test_a_state_is_saved_when_it_is_due_and_can_be_deleted(path: Path) -> None:
    run = Run(path)
    run.checkpointer.every = 1e9
    run.train(2)
    assert not path.exists()
    run.checkpointer.every = 0
    run.train(2)
    assert path.is_file()
    assert previous(path).is_file()
    delete_state(path)
    assert not list(path.parent.iterdir())
