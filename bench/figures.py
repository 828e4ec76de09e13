"""How every measure says what it found: a table for people, a last line for programs."""

import json


def show(rows):
    """Print ROWS (equal-length lists of strings and numbers) in columns, the first as heading."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = [first.ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        print("  ".join(cells), flush=True)


def conclude(name, figures, bar, misses):
    """Say on the last line what was measured; gives the exit code, 1 when anything MISSES.

    FIGURES and BAR are JSON-ready dicts; MISSES are sentences, printed before.
    """
    for miss in misses:
        print(f"below the bar: {miss}")
    print(json.dumps({"name": name, **figures, "bar": bar, "pass": not misses}), flush=True)
    return 1 if misses else 0
