"""A file is there whole or as it was before, for whoever may read what its owner writes."""

import errno
import json
import math
import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tina.errors import NotWritten, UserError
from tina.storage import (
    check_place,
    load_json,
    save_array,
    save_json,
    save_tensors,
    tensor_digest,
    write_atomically,
)


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


def test_what_the_system_refuses_is_a_sentence(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("here")
    places = {
        "folder": "there is a folder of that name",
        "file/a.json": "a part of its path is a file",
        "a" * 300: "its name is too long",
    }
    for place, why in places.items():
        with pytest.raises(NotWritten, match=f"cannot be written: {why}"):
            save_json({}, tmp_path / place)
    assert sorted(file.name for file in tmp_path.rglob("*")) == ["file", "folder"]


FULL = """
import resource, sys
from pathlib import Path
import numpy as np, torch
from tina.errors import NotWritten
from tina.storage import save_array, save_json, save_tensors
out = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
for save in (
    lambda: save_json(["x" * 100_000], out / "a.json"),
    lambda: save_tensors({"x": torch.zeros(100_000)}, out / "a.safetensors"),
    lambda: save_array(np.zeros(100_000), out / "a.npy"),
):
    try:
        save()
        print("saved")
    except NotWritten as error:
        print(error)
"""


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")
def test_a_file_that_finds_no_room_is_a_sentence_and_leaves_nothing(tmp_path):
    run = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True)
    assert [line.split(" cannot be written: ")[0] for line in run.stdout.splitlines()] == [
        str(tmp_path / name) for name in ("a.json", "a.safetensors", "a.npy")
    ]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (errno.EACCES, "that is not allowed"),
        (errno.EROFS, "the disk can only be read"),
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "no more of the disk may be used"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_why_a_file_could_not_be_written_is_said(tmp_path, monkeypatch, code, why):
    """As root one may write everywhere, so the system's answer is made up."""

    def fail(*_, **__) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "touch", fail)
    with pytest.raises(NotWritten, match=f"a.json cannot be written: {why}"):
        save_json({}, tmp_path / "a.json")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(NotWritten, match="that is not allowed"):
        check_place(tmp_path / "a.json")


def test_a_place_is_looked_at_before_a_long_computation(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("here")
    assert check_place(tmp_path / "new" / "folder" / "a.json") == tmp_path / "new" / "folder" / "a.json"
    check_place(tmp_path / "folder", folder=True)
    with pytest.raises(NotWritten, match="there is a folder of that name"):
        check_place(tmp_path / "folder")
    with pytest.raises(NotWritten, match="a part of its path is a file"):
        check_place(tmp_path / "file" / "a.json")
    with pytest.raises(NotWritten, match="a part of its path is a file"):
        check_place(tmp_path / "file", folder=True)
    assert len(list(tmp_path.rglob("*"))) == 2


def test_json_that_is_empty_or_cut_short_is_named(tmp_path):
    for content in ("", "{", "\udcff", "[" * 10**5):
        (tmp_path / "a.json").write_bytes(content.encode("utf-8", "surrogatepass"))
        with pytest.raises(UserError, match=r"a.json is damaged"):
            load_json(tmp_path / "a.json")


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_a_result_with_a_number_that_is_none_is_not_saved(tmp_path, odd):
    save_json({"rows": [1.0]}, tmp_path / "a.json")
    with pytest.raises(NotWritten, match=r"a.json is not written: .* none \(NaN\), or infinite"):
        save_json({"rows": [1.0, odd]}, tmp_path / "a.json")
    assert load_json(tmp_path / "a.json") == {"rows": [1.0]}
    with pytest.raises(NotWritten, match=r"b.safetensors is not written: in y are numbers that are none"):
        save_tensors({"x": torch.ones(2), "y": torch.tensor([1, odd])}, tmp_path / "b.safetensors", finite=True)
    eight = {"x": torch.ones(2).to(torch.float8_e4m3fn), "n": torch.tensor(3)}
    save_tensors(eight, tmp_path / "b.safetensors", finite=True)
    save_tensors({"x": torch.tensor([odd])}, tmp_path / "seen.safetensors")  # what is measured may have gaps
    assert len(list(tmp_path.iterdir())) == 3


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
