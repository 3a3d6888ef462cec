"""The encoder's constants are in its folder, and another value makes another encoder."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from tests.encoder.test_encoder import folder  # noqa: F401 (a fixture)
from tina.encoder.encoder import EMBEDDED_FOLDER, Encoder, fuse
from tina.encoder.settings import CONFIG_FILE, KEY, EncoderSettings, current_hash
from tina.errors import UserError
from tina.prompts.prompt import ClassPrompt, Prompt


def test_the_embedded_encoder_has_all_of_its_settings_in_its_config() -> None:
    config = json.loads((EMBEDDED_FOLDER / CONFIG_FILE).read_text("utf-8"))
    assert config[KEY] == asdict(EncoderSettings.read(EMBEDDED_FOLDER)) == asdict(EncoderSettings())


def test_saving_keeps_what_else_is_in_the_config(tmp_path: Path) -> None:
    shutil.copy(EMBEDDED_FOLDER / CONFIG_FILE, tmp_path)
    EncoderSettings(text_weight=0.5).save(tmp_path)
    assert EncoderSettings.read(tmp_path) == EncoderSettings(text_weight=0.5)
    before, after = (json.loads((place / CONFIG_FILE).read_text("utf-8")) for place in (EMBEDDED_FOLDER, tmp_path))
    assert {key: after[key] for key in after if key != KEY} == {key: before[key] for key in before if key != KEY}


def test_a_setting_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / CONFIG_FILE).write_text(json.dumps({KEY: {"loudness": 1}}))
    with pytest.raises(UserError, match="another version: loudness"):
        EncoderSettings.read(tmp_path)


def test_another_text_weight_is_another_encoder_and_other_prompt_vectors(folder: Path) -> None:  # noqa: F811
    prompt = Prompt(
        (ClassPrompt("apple", pictures=(torch.zeros(8, 8, 3, dtype=torch.uint8).numpy(),)), ClassPrompt("b"))
    )
    before = Encoder(f"local-dir:{folder}", device="cpu")
    EncoderSettings(text_weight=3.0).save(folder)
    after = Encoder(f"local-dir:{folder}", device="cpu")
    assert after.hash != before.hash
    texts, pictures = after.encode_parts(prompt)
    expected = fuse(texts[0][0], pictures[0][0], 1, text_weight=3.0)
    torch.testing.assert_close(after.encode_prompt(prompt)[0], expected)
    torch.testing.assert_close(after.combine(texts[0], pictures[0]), expected)
    torch.testing.assert_close(after.fuse(texts[0][0], pictures[0][0], 1), expected)
    assert not torch.allclose(before.encode_prompt(prompt)[0], expected, atol=1e-3)


def test_files_of_format_1_name_the_embedded_encoder_by_its_former_hash(encoder: Encoder) -> None:
    assert current_hash("5b2f777d953f0a76") == encoder.hash
    assert current_hash("0123456789abcdef") == "0123456789abcdef"
