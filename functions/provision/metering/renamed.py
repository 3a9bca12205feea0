"""Dollars that go over to a model's new name with its endpoint. Pure."""

from collections.abc import Collection, Iterator, Mapping

from functions.common.ledger.model_month import ModelMonth
from functions.common.ledger.store import NOBODY
from functions.provision.metering.charges import CostAccount, moved
from functions.provision.metering.owners import Owner


def moves(
    name: str,
    accounts: Mapping[str, CostAccount],
    owned: Mapping[str, Owner],
    standing: Collection[str],
) -> Iterator[tuple[str, tuple[ModelMonth, ...]]]:
    """Yield each model that has an endpoint now which *name* is charged for, with the months to
    write together. *standing* are the endpoints that exist."""
    source = accounts[name]
    known = source.charged_names() & owned.keys()
    for to in ({owned[each].model_id for each in known} & accounts.keys()) - {name, NOBODY}:
        months: list[ModelMonth] = []
        target = accounts[to]
        for left, taken in ((source.present, target.present), (source.earlier, target.earlier)):
            if going := set(_going(left, to, owned, standing)):
                months += moved(left, taken, going)
        if months:
            yield to, tuple(months)


def _going(
    month: ModelMonth, to: str, owned: Mapping[str, Owner], standing: Collection[str]
) -> Iterator[str]:
    """Yield the endpoints of *month* whose costs go to the model *to*: those that it has now, and
    those that are gone, which the model had under its name before."""
    for name, cost in month.endpoints.items():
        went_before = cost.ended and not cost.usd
        owner = owned.get(name)
        is_gone = name not in standing and cost.ended and month.model_id != NOBODY
        if not went_before and (is_gone or (owner and owner.model_id == to)):
            yield name
