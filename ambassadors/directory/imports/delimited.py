"""CSV as spreadsheets and HR systems write it: any delimiter, any encoding, quotes gone astray."""

import codecs
import re
from collections import Counter
from collections.abc import Iterator

from ambassadors.directory.imports.table import CellTooLong, Limits, Matter, NotATable, Row

DELIMITERS = ";,\t|"
SAMPLE = 40  # lines looked at to find the delimiter and the header
GLANCE = 10_000  # characters of a line looked at for that
SPAN = 30  # lines a quoted cell may run over before its quote is taken for a slip
# A vertical tab, a form feed or U+2028 does not end a line of a file, whatever str.splitlines says.
_LINE = re.compile(r"\r\n|\n|\r")
_SEPARATOR_NOTE = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")
_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def decode(data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding. Raises NotATable for what is no text."""
    for bom, encoding in _BOMS.items():
        if data.startswith(bom):
            return data.decode(encoding, errors="replace"), encoding
    text, encoding = _decode_without_bom(data)
    sample = text[:100_000]
    # A NUL or two is a wounded cell; one character in twenty is another kind of file.
    if len(_UNPRINTABLE.findall(sample)) > max(5, len(sample) / 20):
        raise NotATable
    return text, encoding


def _decode_without_bom(data):
    sample = data[:4000]
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if sample[offset::2].count(0) > 0.4 * len(sample) / 2:
            return data.decode(encoding, errors="replace"), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _decode_by_majority(data)


def _decode_by_majority(data):
    """Windows-1252, unless most accented lines are good UTF-8 and a few were pasted in."""
    lines = data.split(b"\n")
    accented = [line for line in lines if not line.isascii()]
    if sum(_is_utf8(line) for line in accented) * 2 <= len(accented):
        return _windows_1252(data), "windows-1252"
    return "\n".join(
        line.decode() if _is_utf8(line) else _windows_1252(line) for line in lines
    ), "utf-8"


def _is_utf8(line):
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _windows_1252(data):
    # Five bytes mean nothing in Windows-1252; as control characters they are cleaned later.
    return data.decode("windows-1252", errors="_as_latin_1")


codecs.register_error(
    "_as_latin_1",
    lambda error: (error.object[error.start : error.end].decode("latin-1"), error.end),
)


def lines_of(text: str) -> list[str]:
    """Physical lines, without their ends."""
    lines = _LINE.split(text)
    return lines[:-1] if lines and not lines[-1] else lines


def find_delimiter(lines: list[str], matter: Matter) -> str:
    """The delimiter under which some line reads most like a header; else the steadiest one."""
    noted = _SEPARATOR_NOTE.fullmatch(lines[0]) if lines else None
    if noted:
        return noted[1]
    return max(DELIMITERS, key=lambda delimiter: _fitness(lines[:SAMPLE], delimiter, matter))


def _fitness(lines, delimiter, matter):
    rows = [split(line[:GLANCE], delimiter).cells for line in lines if line.strip()]
    best = max((matter.recognised(cells) for cells in rows), default=0)
    widths = Counter(len(cells) for cells in rows if len(cells) > 1)
    steady = widths.most_common(1)[0] if widths else (0, 0)
    return best, steady[1], steady[0]


class Split:
    """A text cut at its delimiters.

    cells: without the quotes around them. open_at: where a quote opened that never closes, or -1.
    tidy: no quote closed before the end of its cell.
    """

    __slots__ = ("cells", "open_at", "tidy")

    def __init__(self):
        self.cells, self.open_at, self.tidy = [], -1, True


def split(text: str, delimiter: str) -> Split:
    """Cuts one record, quotes respected."""
    done = Split()
    if '"' not in text:
        done.cells = text.split(delimiter)
        return done
    at = 0
    while at <= len(text):
        at = (
            _quoted(text, at, delimiter, done)
            if _opens(text, at)
            else _plain(text, at, delimiter, done)
        )
    return done


def _opens(text, at):
    while at < len(text) and text[at] == " ":
        at += 1
    return text.startswith('"', at)


def _plain(text, at, delimiter, done):
    end = text.find(delimiter, at)
    end = len(text) if end < 0 else end
    cell = text[at:end]
    # A lone quote is a slip; a pair is a nickname.
    done.cells.append(_without_lone_quote(cell) if cell.count('"') % 2 else cell)
    return end + len(delimiter)


def _quoted(text, at, delimiter, done):
    opening = text.index('"', at)
    piece, at = [], opening + 1
    while True:
        closing = text.find('"', at)
        if closing < 0:
            done.open_at = opening
            done.cells.append(text[opening + 1 :])
            return len(text) + 1
        piece.append(text[at:closing])
        if not text.startswith('"', closing + 1):
            break
        piece.append('"')
        at = closing + 2
    end = text.find(delimiter, closing + 1)
    end = len(text) if end < 0 else end
    rest = text[closing + 1 : end]
    done.tidy = done.tidy and not rest.strip()
    done.cells.append("".join(piece) + rest.rstrip())
    return end + len(delimiter)


def _without_lone_quote(cell):
    bare = cell.strip()
    if bare.startswith('"'):
        return bare[1:]
    return bare[:-1] if bare.endswith('"') else cell


def records(
    lines: list[str],
    delimiter: str,
    limits: Limits,
    matter: Matter,
    *,
    start: int = 0,
    width: int = 0,
) -> Iterator[Row]:
    """Rows from physical line `start` (counted from 0), each with its line numbers from 1.

    width: how many cells a row should have, 0 while that is not known. It tells a cell with line
    breaks from a quote that never closes and would swallow the good rows beneath it.
    """
    at = start
    while at < len(lines):
        row, at = _record(lines, at, delimiter, width, matter)
        # One too many is enough to know that the line is wrong.
        del row.cells[limits.columns + 1 :]
        if max(map(len, row.cells)) > limits.cell:
            raise CellTooLong(line=row.line, characters=limits.cell)
        yield row


def _record(lines, at, delimiter, width, matter):
    first = split(lines[at], delimiter)
    if first.open_at < 0:
        return Row(at + 1, first.cells), at + 1
    text = lines[at]
    for last in range(at + 1, min(at + SPAN, len(lines))):
        if _looks_like_a_row(lines[last], delimiter, width, matter):
            break
        text += "\n" + lines[last]
        if '"' not in lines[last]:
            continue
        whole = split(text, delimiter)
        if whole.open_at < 0:
            if whole.tidy and (not width or len(whole.cells) <= width):
                return Row(at + 1, whole.cells, line_end=last + 1), last + 1
            break
    return _mended(lines[at], at, delimiter), at + 1


def _looks_like_a_row(line, delimiter, width, matter):
    if width > 3:
        return line.count(delimiter) >= width - 1
    return bool(width) and matter.is_entry(line)


def _mended(line, at, delimiter):
    """Reads a line by itself, the quote that never closes as a plain character."""
    whole = split(line, delimiter)
    column = len(whole.cells) - 1
    if whole.open_at >= 0:
        whole = split(line[: whole.open_at] + line[whole.open_at + 1 :], delimiter)
    if whole.open_at >= 0:
        whole = split(line.replace('"', ""), delimiter)
    return Row(at + 1, whole.cells, mended=column)
