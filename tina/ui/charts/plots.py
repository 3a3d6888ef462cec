"""Charts to hover over, zoom into and download, drawn by plotly in the browser, which is loaded with the first of them.

Plotly's Python speaks to a newer plotly.js than Gradio brings: bars and lines are the same for both.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import plotly.graph_objects as go
from gradio.components.plot import PlotData
from plotly.subplots import make_subplots

from tina.ui.charts.histograms import Likeness

TINA, TUNED, INK, LINE = "#ea580c", "#8a817a", "#57534e", "#e2dbd2"  # seen on white and on black; words are the page's
CLEAR = "rgba(0,0,0,0)"
PART_HEIGHT, MARGIN = 112, 58  # pixels
CONFIG = {
    "displaylogo": False,
    "displayModeBar": True,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
    "toImageButtonOptions": {"filename": "tina-compare", "scale": 2},
}


def compared(parts: Sequence[Likeness]) -> PlotData:
    """Of each part Tina's histogram over the fine-tuned one's, and their QQ line beside it."""
    titles = [title for one in parts for title in (f"<b>{one.name}</b>, cosine {one.cosine:.2f}", "QQ line")]
    figure = make_subplots(
        rows=len(parts),
        cols=2,
        column_widths=[0.76, 0.24],
        horizontal_spacing=0.1,
        vertical_spacing=min(0.2, 0.34 / len(parts)),
        subplot_titles=titles,
    )
    for row, one in enumerate(parts, start=1):
        for trace in _histograms(one, first=row == 1):
            figure.add_trace(trace, row=row, col=1)
        for trace in _qq(one):
            figure.add_trace(trace, row=row, col=2)
    figure.update_layout(
        height=MARGIN + PART_HEIGHT * len(parts),
        margin={"l": 34, "r": 8, "t": MARGIN - 6, "b": 22},
        template=None,
        paper_bgcolor="#ffffff",  # of the picture that is downloaded
        plot_bgcolor=CLEAR,
        font={"family": "IBM Plex Sans, system-ui, sans-serif", "size": 12, "color": INK},
        hoverlabel={"bgcolor": "#ffffff", "bordercolor": TUNED, "font": {"color": "#1c1917"}},
        hovermode="x unified",
        hoversubplots="single",
        bargap=0,
        legend={"orientation": "h", "x": 0, "y": 1, "yref": "container", "yanchor": "top", "bgcolor": CLEAR},
        modebar={"bgcolor": CLEAR, "color": TUNED, "activecolor": TINA},
    )
    figure.update_annotations(font_size=12, x=0, xanchor="left", selector=lambda note: note.text != "QQ line")
    figure.update_annotations(font_size=12, selector={"text": "QQ line"})
    figure.update_xaxes(gridcolor=LINE, zerolinecolor=LINE, nticks=7)
    figure.update_yaxes(gridcolor=LINE, zerolinecolor=LINE, nticks=4)
    return PlotData(type="plotly", plot=json.dumps(json.loads(figure.to_json()) | {"config": CONFIG}))


def _histograms(one: Likeness, first: bool) -> tuple[go.Bar, go.Scatter]:
    """Tina's as a line over the fine-tuned one's as bars."""
    middles = ((one.edges[:-1] + one.edges[1:]) / 2).round(5).tolist()
    shown = {"x": middles, "showlegend": first}
    counted = "%{y} weights"
    return (
        go.Bar(
            **shown,
            y=one.tuned.tolist(),
            name="trained for it",
            legendgroup="tuned",
            marker={"color": TUNED, "opacity": 0.55, "line": {"width": 0}},
            hovertemplate=counted,
        ),
        go.Scatter(
            **shown,
            y=one.written.tolist(),
            name="Tina",
            legendgroup="tina",
            mode="lines",
            line={"color": TINA, "width": 2.5, "shape": "hvh"},
            hovertemplate=counted,
        ),
    )


def _qq(one: Likeness) -> tuple[go.Scatter, go.Scatter]:
    """Quantile against quantile, and the dashed line on which both are spread alike."""
    written, tuned = one.quantiles.round(5).T.tolist()
    ends = [float(one.quantiles.min()), float(one.quantiles.max())]
    quiet = {"mode": "lines", "showlegend": False}
    return (
        go.Scatter(x=ends, y=ends, line={"color": TUNED, "width": 1.5, "dash": "dash"}, hoverinfo="skip", **quiet),
        go.Scatter(
            x=tuned,
            y=written,
            name="",
            line={"color": TINA, "width": 2.5},
            hovertemplate="trained %{x:.2f}, Tina %{y:.2f}",
            **quiet,
        ),
    )
