"""Where lines, ticks and labels of a chart go. Numbers in, strings for SVG attributes out.

A drawing is made twice, wide and narrow, so that its text stays 12 px: the browser shows the one
that fits. Colours and strokes are the stylesheet's. Attributes are strings, because a number in a
template is written with the reader's decimal comma, which SVG does not read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, floor, log10
from typing import Any

Values = Sequence[float | None]
Point = tuple[float, float]
# Two lines of 12 px text, and a little air.
LABEL_HEIGHT = 34
CHARACTER = 6.4
WORDS_WIDTH = 132


@dataclass(frozen=True)
class Label:
    x: str
    y: str
    text: Any
    anchor: str = ""


@dataclass(frozen=True)
class Tick:
    y: str
    text_y: str
    text: Any


@dataclass(frozen=True)
class End:
    """The last point of a line, and where its two rows of words stand."""

    x: str
    y: str
    words_x: str
    words_y: str
    more_y: str


@dataclass(frozen=True)
class Line:
    """`path` is a `d`; `end` is None where the line is empty."""

    path: str
    end: End | None
    is_now: bool


@dataclass(frozen=True)
class Spot:
    """A point of the line of now, and the number of its week."""

    x: str
    y: str
    number: int


@dataclass(frozen=True)
class Mark:
    """A vertical note: something happened there."""

    x: str
    label: Label


@dataclass(frozen=True)
class LineChart:
    name: str
    width: int
    height: int
    left: str
    tick_x: str
    right: str
    top: str
    bottom: str
    ticks: list[Tick]
    labels: list[Label]
    lines: list[Line]
    marks: list[Mark]
    spots: list[Spot]
    is_wide: bool


@dataclass(frozen=True)
class Frame:
    """A drawing's size, and the room its plot leaves at each side.

    every: how many weeks from one named week to the next. marks: how many notes there is room for.
    """

    name: str
    width: int
    height: int
    top: int
    right: int
    bottom: int
    every: int
    marks: int

    @property
    def is_wide(self):
        return self.name == "wide"


WIDE = Frame("wide", 576, 330, top=34, right=92, bottom=28, every=2, marks=2)
NARROW = Frame("narrow", 340, 250, top=34, right=14, bottom=28, every=4, marks=1)


def steps(highest: float, number: int = 4, whole: bool = True) -> list[float]:
    """Round figures from 0 up to or past `highest`: about `number` steps of 1, 2 or 5 times 10ⁿ.

    whole: no step smaller than 1, for what is counted.
    """
    wanted = max(highest, 1 if whole else 0.01) / number
    unit = 10 ** floor(log10(wanted))
    step = next(unit * n for n in (1, 2, 5, 10) if unit * n >= wanted * 0.999)
    step = max(step, 1) if whole else step
    return [step * n for n in range(ceil(max(highest, step) / step - 1e-9) + 1)]


def line_charts(
    now: Values,
    before: Values,
    weeks: Sequence[Any],
    happened: Sequence[tuple[int, Any]] = (),
    write: Callable[[float], Any] = str,
) -> list[LineChart]:
    """This period's line over the one before it, wide and narrow.

    weeks: what to call each point. happened: (number of the point, words). write: how a figure on
    the axis is written.
    """
    return [_line_chart(frame, now, before, weeks, happened, write) for frame in (WIDE, NARROW)]


def _line_chart(frame, now, before, weeks, happened, write):
    ticks = steps(max([value for value in [*now, *before] if value is not None], default=0))
    left = 14 + max(len(str(write(tick))) for tick in ticks) * CHARACTER
    plot = Plot(left, frame.width - frame.right, frame.top, frame.height - frame.bottom, ticks[-1])
    series = [plot.points(before), plot.points(now)]
    return LineChart(
        name=frame.name,
        width=frame.width,
        height=frame.height,
        left=_n(left),
        tick_x=_n(left - 8),
        right=_n(plot.right),
        top=_n(frame.top - 12),
        bottom=_n(plot.bottom),
        ticks=[Tick(_n(plot.y(t)), _n(plot.y(t) + 4), write(t)) for t in ticks],
        labels=_week_labels(frame, plot, weeks),
        lines=_lines(frame, plot, series),
        marks=_marks(frame, plot, len(weeks), happened),
        spots=[Spot(_n(p[0]), _n(p[1]), n) for n, p in enumerate(series[1]) if p],
        is_wide=frame.is_wide,
    )


@dataclass(frozen=True)
class Plot:
    """The rectangle that the points are in, and the value its upper edge stands for."""

    left: float
    right: float
    top: float
    bottom: float
    highest: float

    def x(self, number, of):
        return self.left + (self.right - self.left) * (number / (of - 1) if of > 1 else 1)

    def y(self, value):
        return self.bottom - (self.bottom - self.top) * value / self.highest

    def points(self, values: Values) -> list[Point | None]:
        return [
            None if value is None else (self.x(n, len(values)), self.y(value))
            for n, value in enumerate(values)
        ]


def path(points: Sequence[Point | None]) -> str:
    """The `d` of a line; where a point is missing the line is interrupted, never bridged."""
    runs = (list(run) for known, run in groupby(points, key=bool) if known)
    return "".join("M" + "L".join(f"{_n(p[0])} {_n(p[1])}" for p in run if p) for run in runs)


def _lines(frame, plot, series):
    """Before first, so that now is drawn over it; their words kept apart."""
    known = [[point for point in points if point] for points in series]
    drawn = [run for run in known if run]
    places = iter(_beside(drawn, frame) if frame.is_wide else _along(drawn, plot))
    return [
        Line(path(points), _end(frame, run, next(places)) if run else None, is_now)
        for points, run, is_now in zip(series, known, [False, True], strict=True)
    ]


def _end(frame, run, words_y):
    """Where the last point is, and where its words go."""
    x, y = run[-1]
    words_x = x + 12 if frame.is_wide else run[0][0] + 4
    return End(_n(x), _n(y), _n(words_x), _n(words_y), _n(words_y + 15))


def _beside(runs, frame):
    """Heights of the words beside the ends of the lines, moved so that none covers the other."""
    ys = [run[-1][1] + 1 for run in runs]
    top, bottom = 14, frame.height - LABEL_HEIGHT
    if len(ys) == 2 and abs(ys[0] - ys[1]) < LABEL_HEIGHT:
        half = LABEL_HEIGHT / 2
        middle = min(max(sum(ys) / 2, top + half), bottom - half)
        return [middle + half, middle - half] if ys[0] >= ys[1] else [middle - half, middle + half]
    return [min(max(y, top), bottom) for y in ys]


def _along(runs, plot):
    """Heights of the words over the start of each line, clear of both; the higher line first."""
    spans = [_span(run) for run in runs]
    if len(spans) < 2:
        return [highest - 8 for highest, _lowest in spans]
    over = sorted(range(2), key=lambda n: runs[n][0][1])
    above = spans[over[0]][0] - 8
    below = spans[over[1]][0] - 8
    if below - 12 < spans[over[0]][1]:  # no room between the lines
        below = spans[over[1]][1] + 18
    if below > plot.bottom - 4:  # nor under them: one row above the other
        above, below = above - 16, above
    heights = {over[0]: above, over[1]: below}
    return [heights[n] for n in range(2)]


def _span(run):
    """The highest and the lowest of a line where the words would stand (y grows downwards)."""
    near = [y for x, y in run if x <= run[0][0] + WORDS_WIDTH]
    return min(near), max(near)


def _week_labels(frame, plot, weeks):
    """Some of the weeks by name: the first and, where it falls so, the last among them."""
    last = len(weeks) - 1
    anchors = {0: "", last: "mid" if frame.is_wide else "end"}
    return [
        Label(_n(plot.x(n, len(weeks))), _n(frame.height - 6), week, anchors.get(n, "mid"))
        for n, week in enumerate(weeks)
        if n % frame.every == 0
    ]


def _marks(frame, plot, points, happened):
    """The last few notes; on the right half their words end at the line, on the left they start."""
    chosen = list(happened)[-frame.marks :]
    marks = []
    for number, words in chosen:
        x = plot.x(number, points)
        late = x > (plot.left + plot.right) / 2
        marks.append(Mark(_n(x), Label(_n(x), _n(frame.top - 18), words, "end" if late else "")))
    return marks


# --- Small ones ------------------------------------------------------------------------------
SMALL_WIDTH, SMALL_HEIGHT, SMALL_BASE = 168, 72, 66


@dataclass(frozen=True)
class SmallLine:
    """One of several small drawings on the same scale."""

    path: str
    x: str
    y: str


def small_line(values: Values, highest: float) -> SmallLine:
    """A line 168 x 72 whose upper edge stands for `highest`, the same on all its neighbours."""
    points = Plot(4, SMALL_WIDTH - 8, 6, SMALL_BASE, highest or 1).points(values)
    known = [point for point in points if point]
    x, y = known[-1] if known else (0, 0)
    return SmallLine(path(points), _n(x) if known else "", _n(y))


def width(part: float | None, whole: float | None) -> str:
    """A bar's length in a drawing 100 wide; something stays to be seen of what is not nothing."""
    if not part or not whole:
        return "0"
    return _n(min(100, max(100 * part / whole, 0.8)))


def _n(number):
    return f"{number:.1f}".removesuffix(".0")
