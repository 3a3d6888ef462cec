"""The denoising as one animated SVG, for a README: every step's weights and accuracy, over and over."""

from __future__ import annotations

from tina.ui.charts import weights_view
from tina.ui.markup import data_url, percent, text
from tina.ui.state import Run

WIDTH, ROW, LEFT, TOP = 640, 22, 112, 44
SECONDS = 7.0
LAST = 3  # as many times as long as the others, the last step stays
STYLE = (
    "text{font:14px system-ui,sans-serif;fill:#44403c}.n{font-weight:700;font-size:22px;fill:#c2410c}"
    "image{image-rendering:pixelated}.g{fill:#efeae4}.b{fill:#c2410c}"
    "@media(prefers-color-scheme:dark){text{fill:#d6d3d1}.n{fill:#fb8a3c}.g{fill:#2f2a26}.b{fill:#fb8a3c}}"
)


def animation(run: Run, scales: dict[str, float]) -> str:
    """Self-contained; where nothing moves (printed, or motion is not wanted) the last step is what is seen."""
    height = TOP + ROW * len(run.labels) + 34
    names = "".join(
        f'<text x="{LEFT - 10}" y="{TOP + ROW * k + 15}" text-anchor="end">{text(label)}</text>'
        for k, label in enumerate(run.labels)
    )
    frames = "".join(_frame(run, i, scales, height) for i in range(len(run.frames)))
    says = f"Tina writes a classifier of {', '.join(run.labels)} in {run.how.steps} steps"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"><title>{text(says)}</title>'
        f"<style>{STYLE}</style>{names}{frames}</svg>"
    )


def _frame(run: Run, i: int, scales: dict[str, float], height: int) -> str:
    frame, score, last = run.frames[i], run.scores[i], i == len(run.frames) - 1
    rows = weights_view.class_rows(frame.weights, scales["head.weight"])[:, 0]
    wide, tall = WIDTH - LEFT - 170, ROW * len(run.labels)
    stage = "noise" if frame.number == 0 else f"step {frame.number}"
    bar = WIDTH - LEFT
    inside = (
        f'<image href="{data_url(rows)}" x="{LEFT}" y="{TOP}" width="{wide}" height="{tall}" '
        'preserveAspectRatio="none"/>'
        f"{_kernels(frame.weights, scales, tall)}"
        f'<text x="{LEFT}" y="28">{stage}</text>'
        f'<text class="n" x="{WIDTH}" y="30" text-anchor="end">{percent(score.accuracy)}</text>'
        f'<rect class="g" x="{LEFT}" y="{height - 18}" width="{bar}" height="10" rx="3"/>'
        f'<rect class="b" x="{LEFT}" y="{height - 18}" width="{bar * score.accuracy:.0f}" height="10" rx="3"/>'
    )
    return f'<g display="{"inline" if last else "none"}">{_timing(i, len(run.frames))}{inside}</g>'


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
    kept = [(t, v) for t, v in times if t < 1 and not (t == 0 and v == "none" and start == 0)]
    values, keys = ";".join(v for _, v in kept), ";".join(f"{t:.4f}" for t, _ in kept)
    return (
        f'<animate attributeName="display" values="{values}" keyTimes="{keys}" dur="{SECONDS}s" calcMode="discrete" '
        'repeatCount="indefinite"/>'
    )
