"""The README.md of a Tina of one's own classes: what was really made, and how good it is."""

from __future__ import annotations

from typing import Any

from tina.generator.tower.tina import TowerTina
from tina.training.own.photos import OwnSet
from tina.training.own.plan import Plan
from tina.training.own.table import markdown
from tina.training.own.zoo import subsets

CARD = """---
library_name: tina
license: other
tags: [hypernetwork, weight-generation, image-classification]
---

# Tina of {count} classes

{names}.

Asked for any of these classes by name, it writes the last layer of a classifier of photographs at once; other classes
it writes as `{base}` does, from names, descriptions and example pictures.

    python -m tina generate "{example}" --checkpoint {out} --out mine.zip

- **Made from** {learnt:,} photographs, {each} a class; {tested:,} more were held out, by a hash of their content, and
  nothing learnt from them.{refused}
- **Tower**: `{tower}`, frozen, as in `{base}`, whose words, features and transformer it began with.
- **Closed form**: one logistic regression over all classes on the tower's features; a class's row is its direction.
- **Zoo**: {zoo} classifiers of 2 to {most} of the classes, fine-tuned on the frozen tower.
- **Generator**: a diffusion transformer of {parameters:.1f} M parameters, trained on for {steps} steps to write what
  the zoo's classifiers add to closed form, judged by pictures that closed form was fitted without. By a third of the
  training pictures, which it never saw, it was made {loudness:g} times as loud for these names; 0 is closed form alone.
- **The photographs' terms are yours**; the tower's and `{base}`'s are in the card of `{base}`.

## How good it is

Percent right on the held-out photographs, with 95% intervals; {tasks}.

{table}

Seed {seed}. Command: `{command}`.
"""


def card(tina: TowerTina, plan: Plan, data: OwnSet, table: dict[str, Any], refused: int) -> str:
    """Its text.

    Args:
        tina: as it was made.
        plan: by which.
        data: the pictures.
        table: what was measured.
        refused: files that were left out.
    """
    counts = data.counts()
    learnt = [one for one, _ in counts]
    kept, held_out = subsets(len(data.names), plan.seed)
    some = "sets of classes that no classifier of the zoo has" if held_out else "sets of classes that the zoo has, too"
    return CARD.format(
        count=len(data.names),
        names=", ".join(data.names),
        base=plan.base,
        example=", ".join(data.names[:3]),
        out=plan.spoken[1] or plan.out,
        learnt=sum(learnt),
        each=f"{min(learnt)} to {max(learnt)}" if min(learnt) < max(learnt) else learnt[0],
        tested=sum(one for _, one in counts),
        refused=f" Left out: {refused} that could not be used." if refused else "",
        tower=tina.tower_id,
        zoo=len(kept),
        most=max(map(len, kept)),
        parameters=tina.parameter_count / 1e6,
        steps=plan.steps,
        loudness=float(tina.learnt.loudness) if tina.learnt is not None else 1.0,
        tasks=f"“some of the classes” are {next(r['tasks'] for r in table['rows'])} {some}",
        table=markdown(table),
        seed=plan.seed,
        command=plan.command,
    )
