"""Bar and line charts as inline SVG: no script, they print, and they follow the page's colours."""

from __future__ import annotations

import math
from collections.abc import Iterator

from markupsafe import Markup

from harness.gate.words import amount
from harness.reporting.html.details import Chart

_WIDTH = 880
_LABELS = 230
_RIGHT = 90
_BAR = 13
_GAP = 9
_TOP = 26
_HEIGHT = 240
_COLOURS = 6


def draw(chart: Chart) -> Markup:
    """Draw a chart; one without any number says so."""
    if not any(value is not None for series in chart.series for value in series.values):
        return _markup('<p class="quiet">{} holds no numbers.</p>', chart.title)
    return _bars(chart) if chart.kind == "bar" else _lines(chart)


def ticks(top: float) -> list[float]:
    """Choose about five round values from 0 to at least `top`."""
    if top <= 0:
        return [0.0, 1.0]
    rough = top / 4
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * size for factor in (1, 2, 2.5, 5, 10) if factor * size >= rough)
    return [index * step for index in range(math.ceil(top / step - 1e-9) + 1)]


def _bars(chart: Chart) -> Markup:
    """One group of horizontal bars for each label, so that long names stay readable."""
    scale = ticks(_top(chart))
    across = _WIDTH - _LABELS - _RIGHT
    group = _BAR * len(chart.series) + _GAP
    height = _TOP + group * len(chart.labels) + 8
    parts = [_grid_down(_LABELS + across * value / scale[-1], height, amount(value)) for value in scale]
    for row, label in enumerate(chart.labels):
        top = _TOP + row * group
        middle = top + (group - _GAP) / 2 + 4
        parts.append(_markup('<text x="{}" y="{}" class="end">{}</text>', _LABELS - 10, middle, _shorten(label)))
        for index, series in enumerate(chart.series):
            value = series.values[row] if row < len(series.values) else None
            parts.append(_bar(index, top + index * _BAR, value, across / scale[-1]))
    return _frame(chart, height, parts)


def _bar(index: int, top: float, value: float | None, scale: float) -> Markup:
    if value is None:
        return _markup('<text x="{}" y="{}" class="value">not measured</text>', _LABELS + 6, top + _BAR - 3)
    length = max(value * scale, 1.0)
    box = _markup(
        '<rect x="{}" y="{}" width="{:.1f}" height="{}" rx="2" class="s{}"/>',
        _LABELS, top, length, _BAR - 2, index % _COLOURS,
    )  # fmt: skip
    return box + _markup(
        '<text x="{:.1f}" y="{}" class="value">{}</text>', _LABELS + length + 6, top + _BAR - 3, amount(value)
    )


def _lines(chart: Chart) -> Markup:
    scale = ticks(_top(chart))
    left, right, bottom = 60, 20, _TOP + _HEIGHT
    step = (_WIDTH - left - right) / max(len(chart.labels) - 1, 1)
    parts = [_grid_across(left, bottom - _HEIGHT * value / scale[-1], amount(value)) for value in scale]
    every = max(1, math.ceil(len(chart.labels) / 9))
    for index in range(0, len(chart.labels), every):
        at = left + index * step
        parts.append(_markup('<text x="{:.1f}" y="{}" class="middle">{}</text>', at, bottom + 18, chart.labels[index]))
    for index, series in enumerate(chart.series):
        points = [
            None if value is None else (left + column * step, bottom - _HEIGHT * value / scale[-1])
            for column, value in enumerate(series.values)
        ]
        parts += [_line(index, stretch) for stretch in _stretches(points)]
    return _frame(chart, bottom + 30, parts)


def _stretches(points: list[tuple[float, float] | None]) -> Iterator[list[tuple[float, float]]]:
    """Split a series at its gaps."""
    stretch: list[tuple[float, float]] = []
    for point in [*points, None]:
        if point is not None:
            stretch.append(point)
        elif stretch:
            yield stretch
            stretch = []


def _line(index: int, points: list[tuple[float, float]]) -> Markup:
    if len(points) == 1:
        return _markup('<circle cx="{:.1f}" cy="{:.1f}" r="3" class="s{}"/>', *points[0], index % _COLOURS)
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return _markup('<polyline points="{}" class="line s{}"/>', path, index % _COLOURS)


def _grid_down(x: float, height: float, label: str) -> Markup:
    text = _markup('<text x="{:.1f}" y="14" class="middle tick">{}</text>', x, label)
    return _markup('<line x1="{0:.1f}" x2="{0:.1f}" y1="20" y2="{1}" class="grid"/>', x, height) + text


def _grid_across(left: float, y: float, label: str) -> Markup:
    text = _markup('<text x="{}" y="{:.1f}" class="end tick">{}</text>', left - 8, y + 4, label)
    return _markup('<line x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}" class="grid"/>', left, _WIDTH - 20, y) + text


def _frame(chart: Chart, height: float, parts: list[Markup]) -> Markup:
    unit = _markup(' <span class="quiet">in {}</span>', chart.unit) if chart.unit else Markup("")
    legend = Markup("").join(
        _markup('<span class="key"><i class="s{}"></i>{}</span>', index % _COLOURS, series.name)
        for index, series in enumerate(chart.series)
    )
    return _markup(
        '<figure><figcaption>{}{}{}</figcaption><svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg></figure>',
        chart.title, unit, legend if len(chart.series) > 1 else Markup(""), _WIDTH, height, chart.title,
        Markup("").join(parts),
    )  # fmt: skip


def _markup(template: str, *values: object) -> Markup:
    """Fill a template of our own; the values are escaped, and only they come from outside."""
    return Markup(template).format(*values)  # noqa: S704


def _top(chart: Chart) -> float:
    return max(value for series in chart.series for value in series.values if value is not None)


def _shorten(text: str, most: int = 34) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
