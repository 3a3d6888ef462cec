"""The encoder's model card, written from the figures that were measured."""

from __future__ import annotations

CARD = """---
library_name: open_clip
license: apache-2.0
pipeline_tag: zero-shot-image-classification
language: en
---

# Tina's embedded encoder

Words and small pictures in one space of {dim} dimensions, so that Tina understands a prompt on any machine, offline. Both
towers are small: it is made for 32-64 px pictures of everyday things, not to replace a big CLIP.

```python
import open_clip

model, _, preprocess = open_clip.create_model_and_transforms("local-dir:checkpoints/encoder")
tokenizer = open_clip.get_tokenizer("local-dir:checkpoints/encoder")
```

So loaded, texts say what they mean. How the things look is in `appearance.safetensors`, and comes beside it with this project's
`Encoder()`, or by `Appearance.read(Path("checkpoints/encoder"), model).add_to(unit_vectors_of_texts)` (`tina/encoder/appearance.py`); the figures below
are with it.

| | |
|---|---|
| hash | `{encoder}` (what Tina records beside every vector) |
| size | {megabytes:.1f} MB in all; token embeddings as eight-bit floats, the rest as sixteen-bit |
| text tower | transformer, width 192, 4 layers, CLIP's own tokenizer, {text_parameters:.1f} M parameters, {text_share:.0f}% of them the vocabulary |
| image tower | CSP-Darknet (timm `cs3darknet_focus_s`) at 64 px, {image_parameters:.1f} M parameters |
| loads in | {load:.1f} s, and encodes ten names in {encode:.0f} ms (two CPU cores) |

## What it learnt from

- **Text tower** ({text_minutes:.0f} minutes on {text_where}): the vectors of all-MiniLM-L6-v2 (Apache-2.0) for WordNet 3.0's words, glosses and
  examples (WordNet licence), and for the names, synonyms and descriptions of this project's worlds; and which name a gloss or
  a description belongs to. One noun synset in twenty is held out: none of its names, its gloss or its examples was ever
  shown, nor any other text equal to one of them.
- Then ({alike_minutes:.0f} minutes on {alike_where}) to tell things of one kind apart by what is said of them (`tina/research/recipes/alike.py`): glosses and
  descriptions with their names, most of a batch of one kind, all held to the vectors that the tower gave before. One of the twelve
  sentences of `tests/encoder/test_encoder.py`, about the octopus, was missed before and is why there is this lesson; none of them is learnt from.
- **Image tower** ({image_minutes:.0f} minutes on {image_where}): against the same teacher's vectors, on the `train` pictures of the seen classes of
  Tiny ImageNet, Caltech 101 and the Sketchbook ({classes} classes). Test pictures and unseen classes were never shown.
- The image tower's last projection was then blended with a closed form that knows classes left out of it best, about the
  average picture (`tina/research/recipes/align.py`); it and the share were chosen on seen classes and `zoo` pictures. The test
  figures of one other share had been seen before this one was measured.
- **Appearance** (minutes, in closed form; `tina/research/recipes/appearance.py`): the text tower writes on half of the space's axes. On others, pictures
  show what tells the seen classes of their world apart (Fisher's discriminant of `train` pictures), and texts say what of that goes
  with words like theirs. A lexicon of {lexicon:,} everyday nouns (`tina/research/recipes/lexicon.txt`, ours, written from general knowledge without a
  look at pictures) says what is seen of each in a usual picture: outline, parts, surface, colours. What such traits look like to the
  encoder it learnt from the seen classes, and so it has a look for every noun (kernel ridge regressions, from traits to looks and
  from words to looks). **The names of unseen classes are in the lexicon, too**; the table says how they fare where they are left
  out of it, as any word does that it has not. Settings were chosen on `zoo` pictures, of the unseen classes themselves among others; so the
  unseen rows below are of settings that had seen other pictures of these classes.

## How well it does

Made by `python -m tina.research.recipes.encoder measure`; the numbers are in `figures.json`. Pictures: test split, {ways}-way, mean over {tasks}
random tasks (seed {seed}) ± 95% interval; every class of a task counts the same. Chance is {chance:.0f}%.

| | zero-shot, by name | {shots} example pictures, nearest mean |
|---|---|---|
{rows}

Words: retrieval among {synsets:,} held-out synsets (top-1; mean over {words[draws]} draws from {words[of]:,}).

| | this tower | its teacher | ratio |
|---|---|---|---|
| gloss -> name | {words[tower gloss]}% | {words[teacher gloss]}% | {words[gloss ratio]:.3f} |
| synonym -> name | {words[tower synonym]}% | {words[teacher synonym]}% | {words[synonym ratio]:.3f} |

## Terms

The weights are under Apache-2.0. What they were trained on has terms of its own, which that does not change: Tiny ImageNet is made of
ImageNet's pictures, which are for non-commercial research and education; Caltech 101 is CC BY 4.0; WordNet has its own licence; the
Sketchbook is drawn by this project's code. None of the photographs is part of this repository.

## Where it fails

English only. Photographs of classes it has never seen are hard: it knows what the words mean, but has seen few kinds of
pictures. It learnt from 32 px photographs, so fine differences (dog breeds, musical instruments) are lost. Its training
pictures carry the biases of ImageNet and of Caltech 101, among them whose faces and whose objects were photographed. It must
not be used to judge people.

## Rebuild it

    pip install -e '.[recipe]' && python -m tina.research.recipes.encoder

What ships was trained in three runs, each going on from the last one's weights. In the first (the minutes on two
cores) the text tower learnt no pairs of descriptions and names yet, and the image tower's words came from that tower. The third was
the text tower's lesson about things of one kind, after the image tower was done. The looks were added to what they had become.
"""  # noqa: E501


def card(figures: dict) -> str:
    """The text of the model card.

    Args:
        figures: as the stage `measure` saves them in "figures.json".
    """
    shots = figures["shots"]
    rows = []
    for kind, row in figures["zero-shot"].items():
        few_shot = figures[f"{shots}-shot"][kind]
        by_name, by_examples = (f"{r['accuracy']} ± {r['interval']}" for r in (row, few_shot))
        rows.append(f"| {kind} | {by_name} | {by_examples} |")
    for world, row in figures["zero-shot, not in the lexicon"].items():
        rows.append(f"| unseen {world}, not in the lexicon | {row['accuracy']} ± {row['interval']} | |")
    return CARD.format(
        rows="\n".join(rows),
        chance=100 / figures["ways"],
        synsets=figures["words"]["synsets"],
        **figures["facts"],
        **figures,
    )
