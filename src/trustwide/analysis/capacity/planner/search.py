"""Find the best set of levers without replicating every set as often: spend replications where they decide.

The rule, held by tests to the winner of trying all (`reference.best_of_all`):

1. Doing nothing gets every replication: it says what share of walk-ins is usually lost.
2. A bound (`bounds`) rules out sets whose sessions cannot hold the work.
3. Cheapest first, a few sets at a time get replications in growing blocks, until each has met the target in as many
   as are wanted, or cannot any more (curtailed sampling), or a sequential binomial test drops it. Sets dearer than one
   that is sure are not needed to find the best. All see the same patients (common random numbers).
4. Where none is sure, those that can still be the likeliest go on until the others cannot catch up.
5. The rest get a few replications for the picture of cost against wait, those on its front and the next best more.

Which replications are spent depends on outcomes alone, never on how many workers there are. No set ever gets more than
trying all would give it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from trustwide.analysis.capacity.engines import Pool
from trustwide.analysis.capacity.planner.standing import (
    Standing,
    can_catch_up,
    first_block,
    front,
    is_out,
    is_sure,
    ranked,
)
from trustwide.analysis.capacity.planner.trial import Setting, Trial, room_of, try_out

Progress = Callable[[int, int], None]

AT_ONCE = 8  # sets that get replications in one round
PICTURED = 256  # sets in the picture of cost against wait: beyond this, the cheapest
SCREENING = 3  # replications of each set in the picture
SHOWN = 20  # replications of those on the front and of the next best
NEXT_BEST = 5
NONE_NEAR = 30  # replications after which a set that never met the target is left, if none ever did
FEW = 4_000  # replications in all that may be spent to be certain that none ever does
_PIECE = 20  # most replications in one piece of work


class Search:
    """Every set and where it stands, cheapest first."""

    def __init__(self, setting: Setting, standings: Sequence[Standing], pool: Pool, progress: Progress | None) -> None:
        self.standings = list(standings)
        self.nothing = next(one for one in self.standings if not one.levers.levers)
        self._setting = setting
        self._pool = pool
        self._progress = progress
        self._all = setting.question.replications
        self._wanted = setting.question.successes_wanted

    def run(self) -> None:
        """Look until the best is known, then fill in the picture."""
        self.replicate([(self.nothing, self._all)])
        for one in self.standings:
            one.usual_loss = [outcome.lost_share for outcome in self.nothing.outcomes]
        self._rule_out()
        while active := self._undecided():
            self.replicate((one, self._next(one)) for one in active)
        if not any(self._sure(one) for one in self.standings):
            self._find_likeliest()
        self._fill_in()

    def run_all(self) -> None:
        """Try every set in every replication."""
        for standing in self.standings:
            self.replicate([(standing, self._all)])
            standing.usual_loss = [outcome.lost_share for outcome in self.nothing.outcomes]

    def replicate(self, wanted: Iterable[tuple[Standing, int]]) -> None:
        """Bring each set to so many replications, at most those of the question."""
        pieces = [
            (standing, Trial(standing.levers, first, min(first + _PIECE, number, self._all)))
            for standing, number in wanted
            for first in range(standing.replications, min(number, self._all), _PIECE)
        ]
        done = dict(self._pool.map(try_out, self._setting, [trial for _, trial in pieces]))
        for index, (standing, _) in enumerate(pieces):
            standing.outcomes += done[index]
        self._tell()

    def _rule_out(self) -> None:
        rooms = dict(self._pool.map(room_of, self._setting, [one.levers for one in self.standings]))
        for index, standing in enumerate(self.standings):
            standing.room = rooms[index]
        self._tell()

    def _undecided(self) -> list[Standing]:
        """The next few, cheapest first; none dearer than one that is sure, or looks it until that is settled."""
        found: list[Standing] = []
        for one in self.standings:
            if self._sure(one):
                break
            if not self._out(one):
                found.append(one)
                if len(found) == AT_ONCE or self._looks_sure(one):
                    break
        return found

    def _sure(self, one: Standing) -> bool:
        return is_sure(one, self._wanted)

    def _out(self, one: Standing) -> bool:
        return is_out(one, self._wanted, self._all)

    def _looks_sure(self, one: Standing) -> bool:
        enough = one.replications >= first_block(self._wanted, self._all)
        return enough and one.successes * self._all >= self._wanted * one.replications

    def _next(self, one: Standing) -> int:
        return max(first_block(self._wanted, self._all), 2 * one.replications)

    def _find_likeliest(self) -> None:
        """All that can still be the likeliest, in growing blocks. Where there are many sets and none comes near, a few
        replications of each must do."""
        contenders = [one for one in self.standings if not one.ruled_out]
        few = len(self.standings) * self._all <= FEW
        while True:
            leader = max(contenders, key=lambda one: (one.successes, one.replications), default=self.nothing)
            enough = self._all if few or leader.successes else NONE_NEAR
            behind = [one for one in contenders if one.replications < enough and can_catch_up(one, leader, self._all)]
            if not behind:
                return
            behind.sort(key=lambda one: -one.probability)
            self.replicate((one, self._next(one)) for one in behind[:AT_ONCE])

    def _fill_in(self) -> None:
        best = self.ranking()[0]
        self.replicate([(best, self._all)])
        self.replicate((one, SCREENING) for one in self.standings[:PICTURED])
        self.replicate((one, SHOWN) for one in front(self.standings))
        self.replicate((one, SHOWN) for one in self.ranking()[: NEXT_BEST + 1])

    def ranking(self) -> list[Standing]:
        """The best first."""
        return ranked(self.standings, self._setting.question)

    def _tell(self) -> None:
        if self._progress:
            sets = len(self.standings)
            settled = sum(one.replications == self._all or self._out(one) for one in self.standings)
            pictured = sum(one.replications >= SCREENING for one in self.standings[:PICTURED])
            self._progress(settled + pictured, sets + min(sets, PICTURED))
