"""The denoising as one animated SVG, for a README: every step's weights and accuracy, over and over."""

from __future__ import annotations

from tina.ui.charts import weights_view
from tina.ui.markup import data_url
from tina.ui.state import Generation
from tina.ui.templates import escaped, percent

WIDTH, ROW, LEFT, TOP = 640, 22, 112, 44
SECONDS = 7.0
LAST = 3  # as many times as long as the others, the last step stays
STYLE = (
    "text{font:14px system-ui,sans-serif;fill:#44403c}.n{font-weight:700;font-size:22px;fill:#c2410c}"
    "image{image-rendering:pixelated}.g{fill:#efeae4}.b{fill:#c2410c}"
    "@media(prefers-color-scheme:dark){text{fill:#d6d3d1}.n{fill:#fb8a3c}.g{fill:#2f2a26}.b{fill:#fb8a3c}}"
)


def animation(generation: Generation, scales: dict[str, float]) -> str:
    """Self-contained; where nothing moves (printed, or motion is not wanted) the last step is what is seen."""
    height = TOP + ROW * len(generation.labels) + 34
    names = "".join(
        f'<text x="{LEFT - 10}" y="{TOP + ROW * k + 15}" text-anchor="end">{escaped(label)}</text>'
        for k, label in enumerate(generation.labels)
    )
    frames = "".join(_frame(generation, i, scales, height) for i in range(len(generation.steps)))
    title = f"Tina writes a classifier of {', '.join(generation.labels)} in {generation.options.steps} steps"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
        f"<title>{escaped(title)}</title><style>{STYLE}</style>{names}{frames}</svg>"
    )


def _frame(generation: Generation, i: int, scales: dict[str, float], height: int) -> str:
    step, last = generation.steps[i], i == len(generation.steps) - 1
    rows = weights_view.class_rows(step.weights, scales["head.weight"])[:, 0]
    wide, tall = WIDTH - LEFT - 170, ROW * len(generation.labels)
    stage = "start" if step.number == 0 else f"step {step.number}"
    bar = WIDTH - LEFT
    inside = (
        f'<image href="{data_url(rows)}" x="{LEFT}" y="{TOP}" width="{wide}" height="{tall}" '
        'preserveAspectRatio="none"/>'
        f"{_kernels(step.weights, scales, tall)}"
        f'<text x="{LEFT}" y="28">{stage}</text>'
        f'<text class="n" x="{WIDTH}" y="30" text-anchor="end">{percent(step.score.accuracy)}</text>'
        f'<rect class="g" x="{LEFT}" y="{height - 18}" width="{bar}" height="10" rx="3"/>'
        f'<rect class="b" x="{LEFT}" y="{height - 18}" width="{bar * step.score.accuracy:.0f}" height="10" rx="3"/>'
    )
    return f'<g display="{"inline" if last else "none"}">{_timing(i, len(generation.steps))}{inside}</g>'


def _kernels(weights: dict, scales: dict[str, float], tall: int) -> str:
    """Those of the largest layer, where any are generated."""
    layers = [name for name, weight in weights.items() if weight.ndim == 4]
    if not layers:
        return ""
    largest = max(layers, key=lambda name: weights[name].numel())
    picture = data_url(weights_view.second_kernels(weights[largest].numpy(), scales[largest]))
    return (
        f'<image href="{picture}" x="{WIDTH - 152}" y="{TOP}" width="152" height="{tall}" preserveAspectRatio="none"/>'
    )


def _timing(i: int, count: int) -> str:
    """When a frame is seen: one after the other, the last a while longer."""
    total = count - 1 + LAST
    start, end = i / total, 1.0 if i == count - 1 else (i + 1) / total
    times = [(0.0, "none"), (start, "inline"), (end, "none")]
    times = [(t, v) for t, v in times if t < 1 and not (t == 0 and v == "none" and start == 0)]
    values, keys = ";".join(v for _, v in times), ";".join(f"{t:.4f}" for t, _ in times)
    return (
        f'<animate attributeName="display" values="{values}" keyTimes="{keys}" dur="{SECONDS}s" calcMode="discrete" '
        'repeatCount="indefinite"/>'
    )
