"""Which part of Tina wrote a classifier, in words."""

from __future__ import annotations

from tina.classifier.record import PARTS

WRITERS = {"generator": "diffusion", "prior": "prior", "transfer": "transfer"}  # what each part is called in short
ON_TOWER = {  # the same, of rows on a pretrained tower
    "generator": "diffusion",
    "prior": "closed form",
    "transfer": "logistic regression on the pictures shown",
}


def who_wrote_it(provenance: dict[str, float] | None, on_tower: bool = False) -> str:
    """One sentence on the shares of the parts, in plain words; rows on a pretrained tower have another third part."""
    if provenance is None:
        return "Which part of Tina wrote it is not recorded."
    generator, prior, transfer = (f"{provenance[part]:.0%}" for part in PARTS)
    if on_tower:
        return (
            f"Who wrote it: {generator} the diffusion transformer, {prior} closed formulas (what names predict, means "
            f"of the pictures shown), {transfer} {ON_TOWER['transfer']}. These are shares of the rows' absolute size."
        )
    return (
        f"Who wrote it: {generator} the diffusion transformer, {prior} its prior (a closed formula), {transfer} "
        "carried over from the encoder (a closed formula). These are shares of the weights' absolute size, in units of "
        "what each weight usually varies by; kernels and rows count half each."
    )
