"""Tables that people keep in a spreadsheet, read as it saves them; mistakes have their place.

Separators are `;`, a tab or `,`; the text is UTF-8, with or without a mark, or Windows-1252, as
Excel in Brazil saves it. The heading may be left out where the columns are in their order.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO, NamedTuple, TextIO

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""What no XML can carry: an id that holds it can be in no message."""
SEPARATORS = (";", "\t", ",")
HEADINGS = frozenset({"id", "internalid"})
"""What a list of ids may be headed with."""
_NONE = "\x1f"
"""The separator of a list without columns: no text has it."""
_DECLARED = "sep="
"""A first line by which Excel is told the separator."""


class TableMistake(NamedTuple):
    """What is wrong in a file: its kind, where, the text there, and the other line it is about."""

    kind: str
    line: int = 0
    column: str = ""
    value: str = ""
    other: int = 0


class Unreadable(Exception):
    """A file is not what it should be."""

    def __init__(self, *mistakes: TableMistake) -> None:
        super().__init__("; ".join(map(str, mistakes)))
        self.mistakes = mistakes


class Columns(NamedTuple):
    """The columns of a kind of file; in `opaque` ones blanks count."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    opaque: frozenset[str] = frozenset()

    @property
    def all(self) -> tuple[str, ...]:
        """In their order."""
        return self.required + self.optional


class Record(NamedTuple):
    """A line of a table, and its cells by column; an optional one that is not there is empty."""

    line: int
    cells: Mapping[str, str]


def text_of(data: bytes, columns: Columns | None = None) -> str:
    """The text of a file; Unreadable where it is neither UTF-8 nor Windows-1252, or both."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        wrong = error.start
    # Two files that were put together: read as either, the letters of the other become wrong ones.
    if utf8 := _UTF8_LETTER.search(data):
        mistake = TableMistake("mixed", other=_line_at(data, utf8.start()))
        raise Unreadable(_placed(mistake, data, wrong, columns))
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise Unreadable(_placed(TableMistake("encoding"), data, error.start, columns)) from None


_UTF8_LETTER = re.compile(rb"[\xc2\xc3][\x80-\xbf]|\xe2\x80[\x80-\xbf]")
"""A letter or sign of Windows-1252 as UTF-8 writes it: as Windows-1252, two or three odd ones."""


def _placed(mistake: TableMistake, data: bytes, at: int, columns: Columns | None) -> TableMistake:
    """A mistake in a byte, by its line and the column that it stands in."""
    column = _column_at(data, at, columns) if columns else ""
    value = f"{data[at]:#04x}"
    return mistake._replace(line=_line_at(data, at), column=column, value=value)


def _column_at(data: bytes, at: int, columns: Columns) -> str:
    source = io.StringIO(data.decode("latin-1"), newline="")
    separator = _separator(source, columns)
    heading = source.readline().strip("\r\n").split(separator)
    names = [name.strip().casefold() for name in heading]
    start = max(data.rfind(end, 0, at) for end in (b"\n", b"\r")) + 1
    cell = data[start:at].count(separator.encode())
    if not set(names) & set(columns.all):
        names = list(columns.all)
    return names[cell] if cell < len(names) else ""


def _line_at(data: bytes, at: int) -> int:
    return len(re.findall(rb"\r\n|\r|\n", data[:at])) + 1


def read_list(data: bytes) -> tuple[str, ...]:
    """The first column of a file: a list, or a table that has the same columns all the way down.

    A heading `id` is read over.
    """
    lines = [line for line in io.StringIO(text_of(data)) if line.strip()]
    counts = ((one, {line.count(one) for line in lines}) for one in SEPARATORS)
    separator = next((one for one, of in counts if len(of) == 1 and of != {0}), _NONE)
    try:
        firsts = [cells[0] for cells in csv.reader(lines, delimiter=separator) if cells]
    except csv.Error:
        raise Unreadable(TableMistake("quotes", 1)) from None
    headed = firsts and firsts[0].strip().casefold() in HEADINGS
    return tuple(firsts[1:] if headed else firsts)


def read_table(source: BinaryIO, columns: Columns) -> Iterator[Record]:
    """The records of a file, one after another; at the end Unreadable with all that is wrong in it.

    It is read from its beginning, and never held as a whole. At once Unreadable where nothing more
    can be read.
    """
    encoding = _encoding_of(source, columns)
    source.seek(0)
    text = io.TextIOWrapper(source, encoding, newline="")
    try:
        yield from _records(text, columns)
    finally:
        text.detach()


_BLOCK = 1 << 20


def _encoding_of(source: BinaryIO, columns: Columns) -> str:
    """UTF-8 or Windows-1252; Unreadable where a text is neither, or both."""
    if _is_utf_8(source):
        return "utf-8-sig"
    if not _is_windows_1252(source):
        source.seek(0)
        text_of(source.read(), columns)  # raises: it knows the place
    return "cp1252"


def _is_utf_8(source: BinaryIO) -> bool:
    source.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := source.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_windows_1252(source: BinaryIO) -> bool:
    source.seek(0)
    try:
        for line in source:
            if _UTF8_LETTER.search(line):
                return False
            line.decode("cp1252")
    except UnicodeDecodeError:
        return False
    return True


def _records(text: TextIO, columns: Columns) -> Iterator[Record]:
    rows = _rows(text, columns)
    first = next(rows, None)
    if first is None:
        return
    names = _heading(first, columns)
    mistakes: list[TableMistake] = []
    for line, cells in rows if names else _with(first, rows):
        record = _record(line, cells, names or columns.all, columns)
        mistakes += _mistakes_in(record, cells, names or columns.all, columns)
        yield record
    if mistakes:
        raise Unreadable(*mistakes)


_Row = tuple[int, list[str]]


def _rows(source: TextIO, columns: Columns) -> Iterator[_Row]:
    """The lines that are not blank, with the number of the line that each begins on."""
    separator, line = _separator(source, columns), 1
    if source.tell():
        line = 2
    rows = csv.reader(source, delimiter=separator, strict=True)
    begins = line
    try:
        for cells in rows:
            if any(cell.strip() for cell in cells):
                yield begins, cells
            begins = line + rows.line_num
    except csv.Error:
        raise Unreadable(TableMistake("quotes", begins)) from None


def _separator(source: TextIO, columns: Columns) -> str:
    """The separator; what declares it is read over."""
    first = source.readline()
    declared = first.strip("\r\n")
    if declared.startswith(_DECLARED) and declared[len(_DECLARED) :] in SEPARATORS:
        return declared[len(_DECLARED) :]
    source.seek(0)
    needed = len(columns.required) - 1
    fitting = (one for one in SEPARATORS if needed and first.count(one) >= needed)
    return next(fitting, SEPARATORS[0])


def _heading(row: _Row, columns: Columns) -> tuple[str, ...]:
    """The names in a heading; none where the row is no heading."""
    line, cells = row
    names = [cell.strip().casefold() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not set(names) & set(columns.all):
        return ()
    mistakes = [
        TableMistake("unknown_column", line, value=name)
        for name in names
        if name not in columns.all
    ]
    mistakes += [
        TableMistake("column_twice", line, value=name)
        for at, name in enumerate(names)
        if name in names[:at]
    ]
    mistakes += [
        TableMistake("no_column", line, value=name)
        for name in columns.required
        if name not in names
    ]
    if mistakes:
        raise Unreadable(*mistakes)
    return tuple(names)


def _with(first: _Row, rest: Iterator[_Row]) -> Iterator[_Row]:
    yield first
    yield from rest


def _record(line: int, cells: list[str], names: tuple[str, ...], columns: Columns) -> Record:
    given = dict.fromkeys(columns.all, "") | dict(zip(names, cells, strict=False))
    return Record(
        line,
        {name: cell if name in columns.opaque else cell.strip() for name, cell in given.items()},
    )


def _escaped(control: re.Match[str]) -> str:
    return f"\\x{ord(control[0]):02x}"


def _mistakes_in(
    record: Record, cells: list[str], names: tuple[str, ...], columns: Columns
) -> Iterator[TableMistake]:
    for extra in cells[len(names) :]:
        if extra.strip():
            yield TableMistake("too_many", record.line, value=extra)
    for name, cell in record.cells.items():
        if CONTROL.search(cell):
            yield TableMistake("control", record.line, name, CONTROL.sub(_escaped, cell))
    for name in columns.required:
        if not record.cells[name].strip():
            yield TableMistake("empty", record.line, name)
