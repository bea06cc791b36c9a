"""CSV files whose columns are named, with the file and the line in every complaint."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from edge.errors import Problem

__all__ = ["header", "rows"]

csv.field_size_limit(1 << 24)


def header(path: Path) -> list[str]:
    """Column names, trimmed: published files hold `Frustration ` and ` pixels`."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return [name.strip() for name in next(csv.reader(file), [])]
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise Problem(f"{path} is no CSV file in UTF-8: {error}.") from None


def rows(path: Path, columns: Sequence[str], optional: Sequence[str] = ()) -> Iterator[tuple[str, list[str]]]:
    """Yield (`file:line`, values of `columns` then of `optional`, "" where a file lacks one)."""
    names = header(path)
    missing = [column for column in columns if column not in names]
    if missing:
        raise Problem(f"{path}:1 has no column {missing[0]!r}; it has {', '.join(names) or 'none'}.")
    places = [names.index(column) for column in columns]
    places += [names.index(column) if column in names else -1 for column in optional]
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file)
        next(reader)
        try:
            for values in reader:
                if not values:
                    continue
                where = f"{path}:{reader.line_num}"
                if len(values) < len(names):
                    raise Problem(f"{where} has {len(values)} of {len(names)} columns.")
                yield where, [values[place].strip() if place >= 0 else "" for place in places]
        except (UnicodeDecodeError, csv.Error) as error:
            raise Problem(f"{path}:{reader.line_num} cannot be read: {error}.") from None
