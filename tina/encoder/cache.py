"""Text vectors of one encoder on disk, in sqlite: safe to share between processes."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor


class TextCache:
    """A mapping text -> vector (dim, fp32). What was read or written once stays in memory."""

    def __init__(self, file: Path):
        """
        Args:
            file: the database, made where it is missing. One file holds the vectors of one encoder.
        """
        file.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(file, timeout=30, check_same_thread=False)
        self._database.execute("CREATE TABLE IF NOT EXISTS vectors (text TEXT PRIMARY KEY, vector BLOB) WITHOUT ROWID")
        self._memory: dict[str, Tensor] = {}

    def __contains__(self, text: str) -> bool:
        if text not in self._memory:
            row = self._database.execute("SELECT vector FROM vectors WHERE text = ?", (text,)).fetchone()
            if row is None:
                return False
            self._memory[text] = torch.from_numpy(np.frombuffer(row[0], np.float32).copy())
        return True

    def __getitem__(self, text: str) -> Tensor:
        """The vector of a text that is `in` the cache."""
        if text not in self:
            raise KeyError(text)
        return self._memory[text]

    def put(self, texts: Sequence[str], vectors: Tensor) -> None:
        """Store vectors.

        Args:
            texts: N of them.
            vectors: N x dim, fp32, on the CPU.
        """
        self._memory.update(zip(texts, vectors, strict=True))
        rows = [(text, vector.numpy().tobytes()) for text, vector in zip(texts, vectors, strict=True)]
        with self._database:
            self._database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
