"""Sums of a day's calls, by model and user. Pure, and bounded in memory."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from functions.common.usage.distinct import DistinctUsers
from functions.common.usage.figures import NONE, Figures, ModelDay
from functions.common.usage.store import UsersOfDay
from functions.usage.lines import LoggedCall

MOST_PAIRS = 100_000
"""Of model and user, some 40 MB: the calls of further ones are counted as others'."""
MOST_UNKNOWN_PAIRS = 10_000
"""Of names that no deployment was found for: anybody with a key can make them up. Further ones are
not counted by model."""

type _Pair = tuple[str, str | None]
"""Model and user; None: the others."""


class DayTally:
    """Adds up the calls of *day*, the same in whatever order they come."""

    def __init__(
        self,
        day: date,
        *,
        most_pairs: int = MOST_PAIRS,
        most_unknown_pairs: int = MOST_UNKNOWN_PAIRS,
    ) -> None:
        self.day = day
        self.calls = 0
        self._users = DistinctUsers()
        self._known: set[str] = set()
        self._found = _Sums(most_pairs, folds=True)
        self._not_found = _Sums(most_unknown_pairs, folds=False)

    def add(self, call: LoggedCall) -> None:
        """Count a call."""
        self.calls += 1
        if call.user:
            self._users.add(call.user)
        if not call.model_id:
            return
        if call.found:
            self._known.add(call.model_id)
            self._found.add((call.model_id, call.user), call.figures)
        else:
            self._not_found.add((call.model_id, call.user), call.figures)

    def models(self, *, complete: bool) -> Iterator[ModelDay]:
        """Yield the day of each model of which a deployment was found by any call.

        Those of its calls that found none, because it was not live yet, are among them.
        """
        by_model: dict[str, dict[str | None, Figures]] = defaultdict(dict)
        for sums in (self._found, self._not_found):
            for (model_id, user), figures in sums.by_pair.items():
                if model_id in self._known:
                    users = by_model[model_id]
                    users[user] = users.get(user, NONE) + figures
        for model_id, users in sorted(by_model.items()):
            yield ModelDay(
                model_id=model_id,
                day=self.day,
                complete=complete,
                users={user: figures for user, figures in users.items() if user},
                others=users.get("", NONE) + users.get(None, NONE),
            )

    def users(self, *, complete: bool) -> UsersOfDay:
        """Return the users of all models, and of names that are none."""
        return UsersOfDay(
            day=self.day, complete=complete, calls=self.calls, hashes=self._users.smallest()
        )


class _Sums:
    """Figures by model and user, at most *most* pairs.

    Further users are counted as the others of their model, or with *folds* False not at all.
    """

    def __init__(self, most: int, *, folds: bool) -> None:
        self._most = most
        self._folds = folds
        self.by_pair: dict[_Pair, Figures] = {}

    def add(self, pair: _Pair, figures: Figures) -> None:
        if pair not in self.by_pair and len(self.by_pair) >= self._most:
            if not self._folds:
                return
            pair = (pair[0], None)
        self.by_pair[pair] = self.by_pair.get(pair, NONE) + figures
