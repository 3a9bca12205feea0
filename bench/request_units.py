"""Request units of DynamoDB, from the sizes of items by AWS's rules.

A consistent read costs a unit per begun 4 KB (a page of a query or scan as a whole), one of an
index that is a moment behind half of that. A write costs a unit per begun 1 KB of the item before
or after it, whichever is larger; a refused one as much as the item that refused it; each part of a
transaction twice that. A condition check in a transaction is taken for a write of the item that it
looks at. Sources:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
"""

from math import ceil

KIB = 1024
PAGE_BYTES = 1024 * KIB
"""Most that one answer to a query or scan holds."""


def read_units(size: int, *, consistent: bool = True) -> int:
    """Return the units of a read of *size* bytes; halves are rounded up."""
    units = max(1, ceil(size / (4 * KIB)))
    return units if consistent else ceil(units / 2)


def write_units(before: int, after: int, *, in_transaction: bool = False) -> int:
    """Return the units of a write by the item's bytes before and after; 0: there is none."""
    units = max(1, ceil(max(before, after) / KIB))
    return 2 * units if in_transaction else units


def index_write_units(before: int, after: int, *, moved: bool) -> int:
    """Return the units of a changed entry of an index, by its bytes before and after; 0: none.

    *moved*: its keys differ, which makes a deletion and an addition of it.
    """
    if before and after and not moved:
        return write_units(before, after)
    return sum(ceil(size / KIB) for size in (before, after))
