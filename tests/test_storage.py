"""A file is there whole or as it was before, for whoever may read what its owner writes."""

import json
import os
import stat

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tina.storage import save_array, save_json, save_tensors, tensor_digest, write_atomically


def test_a_file_appears_when_it_is_whole(tmp_path):
    file = tmp_path / "new folder" / "notes.txt"
    with write_atomically(file) as temporary:
        temporary.write_text("half")
        assert not file.exists()
        assert temporary.parent == file.parent
    assert file.read_text() == "half"
    assert list(file.parent.iterdir()) == [file]


def test_what_fails_leaves_what_was_there(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("before")

    def fail() -> None:
        with write_atomically(file) as temporary:
            temporary.write_text("after")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


def test_two_writers_of_one_file_do_not_share_a_temporary_one(tmp_path):
    file = tmp_path / "notes.txt"
    with write_atomically(file) as one, write_atomically(file) as other:
        assert one != other
        one.write_text("one")
        other.write_text("other")
    assert file.read_text() == "one"  # the outer block ends last


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_files_may_be_read_by_whom_the_umask_allows(tmp_path, mask, mode):
    before = os.umask(mask)
    try:
        save_tensors({"x": torch.zeros(2)}, tmp_path / "x.safetensors")
        save_json({}, tmp_path / "x.json")
    finally:
        os.umask(before)
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {mode}


def test_an_array_comes_back_and_half_of_one_is_never_there(tmp_path, monkeypatch):
    array = np.arange(6, dtype=np.uint8).reshape(2, 3)
    save_array(array, tmp_path / "x.npy")
    assert np.array_equal(np.load(tmp_path / "x.npy", mmap_mode="r"), array)

    def fail(file, array) -> None:
        file.write(b"half")
        raise OSError("no space is left")

    monkeypatch.setattr(np, "save", fail)
    with pytest.raises(OSError, match="no space"):
        save_array(array + 1, tmp_path / "x.npy")
    assert np.array_equal(np.load(tmp_path / "x.npy"), array)
    assert [file.name for file in tmp_path.iterdir()] == ["x.npy"]


def test_a_digest_is_of_names_and_numbers_in_any_order_and_layout():
    x, y = torch.arange(6.0).view(2, 3), torch.ones(2)
    digest = tensor_digest({"x": x, "y": y}, "about")
    assert tensor_digest({"y": y, "x": x.T.contiguous().T}, "about") == digest
    others = ({"x": x + 1, "y": y}, "about"), ({"z": x, "y": y}, "about"), ({"x": x, "y": y}, "")
    assert digest not in [tensor_digest(*other) for other in others]


def test_tensors_and_json_come_back(tmp_path):
    tensors = {"x": torch.arange(6.0).view(2, 3).T, "n": torch.tensor(3)}
    save_tensors(tensors, tmp_path / "x.safetensors", {"format": "pt"})
    found = load_file(tmp_path / "x.safetensors")
    assert all(torch.equal(found[name], tensor) for name, tensor in tensors.items())
    save_json({"naïve": [1]}, tmp_path / "x.json", indent=1)
    text = (tmp_path / "x.json").read_text("utf-8")
    assert json.loads(text) == {"naïve": [1]}
    assert "naïve" in text
    assert text.endswith("\n")


def test_what_is_replaced_can_be_kept(tmp_path):
    for number in range(3):
        save_tensors({"n": torch.tensor(number)}, tmp_path / "x.safetensors", keep=tmp_path / "before.safetensors")
    assert int(load_file(tmp_path / "x.safetensors")["n"]) == 2
    assert int(load_file(tmp_path / "before.safetensors")["n"]) == 1
