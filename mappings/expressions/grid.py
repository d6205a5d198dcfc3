"""Grid cells instead of positions: codes for the cells of a grid in degrees, for rows and for codelists alike.

A cell is named after its south-west corner in thousandths of a degree, e.g. ``MW_S16750_E034750``; the code is a legal SDMX id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

import narwhals.stable.v2 as nw

_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def cell_id(prefix: str, south: int, west: int) -> str:
    """The code of the cell whose south-west corner lies at these thousandths of a degree.

    >>> cell_id("MW", -16750, 34750)
    'MW_S16750_E034750'
    """
    return f"{prefix}_{'S' if south < 0 else 'N'}{abs(south):05d}_{'W' if west < 0 else 'E'}{abs(west):06d}"


def cell_expression(prefix: str, latitude: nw.Expr, longitude: nw.Expr, size: str) -> nw.Expr:
    """The code of the cell that holds a position in decimal degrees; NULL for positions outside the globe.

    Raises:
        ValueError: When prefix or size cannot be used.
    """
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"the prefix {prefix!r} must be letters, digits and underscores, beginning with a letter")
    step = _thousandths(size)
    on_globe = (latitude >= -90) & (latitude <= 90) & (longitude >= -180) & (longitude <= 180)
    south = (latitude * 1000 / step).floor().cast(nw.Int64) * step
    west = (longitude * 1000 / step).floor().cast(nw.Int64) * step
    code = nw.concat_str([nw.lit(f"{prefix}_"), _part(south, "S", "N", 5), nw.lit("_"), _part(west, "W", "E", 6)])
    return nw.when(on_globe).then(code).otherwise(None)


def cells(prefix: str, size: str, *, south: str, north: str, west: str, east: str) -> Iterator[tuple[str, str]]:
    """Codes and English names of all cells that touch a box, row by row from the south-west.

    Raises:
        ValueError: When size or borders cannot be used.
    """
    step = _thousandths(size)
    borders = [int(Decimal(border) * 1000) for border in (south, north, west, east)]
    rows = range(borders[0] // step * step, borders[1], step)
    columns = range(borders[2] // step * step, borders[3], step)
    if len(rows) * len(columns) > 100_000:
        raise ValueError("the grid has more than 100,000 cells; take a larger size or a smaller box")
    for lat in rows:
        for lon in columns:
            yield cell_id(prefix, lat, lon), f"Cell of {size}° from {_spoken(lat, 'S', 'N')}, {_spoken(lon, 'W', 'E')}"


def _part(value: nw.Expr, negative: str, positive: str, width: int) -> nw.Expr:
    sign = nw.when(value < 0).then(nw.lit(negative)).otherwise(nw.lit(positive))
    return nw.concat_str([sign, value.abs().cast(nw.String).str.zfill(width)])


def _thousandths(size: str) -> int:
    try:
        thousandths = Decimal(size) * 1000
    except InvalidOperation:
        raise ValueError(f"the cell size {size!r} is not a number of degrees") from None
    if thousandths != int(thousandths) or not 1 <= thousandths <= 90_000:
        raise ValueError(f"the cell size {size} must lie between 0.001 and 90 degrees and have at most three decimals")
    return int(thousandths)


def _spoken(thousandths: int, negative: str, positive: str) -> str:
    degrees = f"{abs(thousandths) / 1000:.3f}".rstrip("0").rstrip(".")
    return f"{degrees}°{negative if thousandths < 0 else positive}"
