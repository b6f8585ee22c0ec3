"""What does a CSV report say? Whatever its separator, its order of columns and its other columns."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime, timezone

NEEDED = ("job", "result")
COLUMNS = {"job": "Job", "host": "Host", "result": "Result", "ended": "Ended", "message": "Message"}


@dataclass
class Row:
    job: str
    result: str
    host: str
    ended: datetime | None
    message: str
    all: dict[str, str]


def rows(text: str, names: dict[str, str]) -> tuple[list[Row], list[str]]:
    """The rows, and what is wrong with those that cannot be used.

    Raises `ValueError` when this is no such report.
    """
    head, _, _ = text.lstrip("\ufeff").partition("\n")
    separator = max(";,\t|", key=head.count)
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=separator)
    found = {name.strip().lower(): name for name in reader.fieldnames or () if name}
    columns = {key: found.get(names.get(key, usual).lower()) for key, usual in COLUMNS.items()}
    missing = [names.get(key, COLUMNS[key]) for key in NEEDED if columns[key] is None]
    if missing:
        raise ValueError(f"expected the columns {' and '.join(missing)}, found {', '.join(found.values()) or 'none'}")

    read, rejected = [], []
    for cells in reader:
        try:
            read.append(_row(cells, columns))
        except ValueError as error:
            rejected.append(f"line {reader.line_num}: {error}")
    return read, rejected


def _row(cells: dict[str | None, str | None], columns: dict[str, str | None]) -> Row:
    def cell(key: str) -> str:
        return (cells.get(columns[key]) or "").strip() if columns[key] else ""

    for key in NEEDED:
        if not cell(key):
            raise ValueError(f"no {columns[key]}")
    shown = {name: value for name, value in cells.items() if name and value}
    return Row(cell("job"), cell("result"), cell("host"), _instant(cell("ended")), cell("message"), shown)


def _instant(text: str) -> datetime | None:
    """ISO 8601; without a time zone it is UTC."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"expected a time such as 2026-01-05T02:10:00Z, got `{text}`") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
