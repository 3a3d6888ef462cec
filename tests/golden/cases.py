"""What shipped checkpoints write for fixed prompts, kept as files: a change of any weight is seen.

    python -m tests.golden.cases        # makes the files anew, where a change is meant
    python -m tests.golden.cases DIR    # writes them to DIR

Of every classifier each fifth weight is kept, in fp32, in the order of its names. They are written with one
thread and with the instructions that every x86 processor has, so that sums are rounded alike on all of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from tina import Tina

FOLDER = Path(__file__).parent
EVERY = 5
ROUNDING = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MKL_CBWR": "COMPATIBLE",
    "ATEN_CPU_CAPABILITY": "default",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
}  # read by torch when it is imported: hence a process of its own
CHECKPOINTS = ("sketchbook-cnn", "photos-tiny")
CASES: dict[str, dict] = {
    "names": {"text": "apple, bus, snail, guitar, umbrella"},
    "one-step": {"text": "apple, bus, snail, guitar, umbrella", "steps": 1, "seed": 7},
    "ten-steps": {"text": "snail, apple, koala", "steps": 10, "seed": 3},
    "broad": {"text": "fruit, vehicle, gorilla, dog"},
    "described": {"text": "red: red fruit that grows on trees\nsea: a sea animal with eight arms\nchurch"},
    "unknown": {"text": "zebra, saxophone, xylophone, windmill"},
    "pictures": {"text": "", "shown": {"it": 3, "that": 1, "this": 16}},
    "both": {"text": "apple, snail, teapot", "shown": {"snail": 2, "teapot": 5}},
    "something-else": {"text": "apple, snail, something else", "seed": 5},
}


def drawn(label: str, count: int) -> list[np.ndarray]:
    """Pictures of nothing, the same everywhere: soft blobs of colour that hang on the label."""
    rng = np.random.default_rng(list(label.encode()))
    base = rng.uniform(40, 215, (1, 4, 4, 3))
    rough = np.clip(base + rng.normal(0, 25, (count, 4, 4, 3)), 0, 255)
    return list(np.kron(rough, np.ones((1, 16, 16, 1))).astype(np.uint8))


def written(tina: Tina) -> Iterator[tuple[str, Tensor]]:
    """Of every case a part of the weights that are written for it."""
    for name, case in CASES.items():
        pictures = {label: drawn(label, count) for label, count in case.get("shown", {}).items()}
        how = {key: value for key, value in case.items() if key in ("steps", "seed", "sampler")}
        weights = tina.generate(tina.understand(case["text"], pictures), **how).weights
        flat = torch.cat([weights[key].flatten() for key in sorted(weights)])
        yield name, flat[::EVERY].clone()


def write(folder: Path) -> None:
    """Writes all cases of all checkpoints to `folder`, in a process that rounds alike on every machine."""
    command = [sys.executable, "-m", "tests.golden.cases", str(folder)]
    subprocess.run(command, cwd=FOLDER.parents[1], env={**os.environ, **ROUNDING}, check=True)


if __name__ == "__main__":
    goal = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    if not os.environ.items() >= ROUNDING.items():
        write(goal)
    else:
        for checkpoint in CHECKPOINTS:
            save_file(dict(written(Tina.from_pretrained(checkpoint))), goal / f"{checkpoint}.safetensors")
