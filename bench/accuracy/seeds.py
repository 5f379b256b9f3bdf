"""The naive rules of the project's first documents: a fingerprint is a person, and so is a browser at an address.

Whoever has a known fingerprint is its identity; else whoever has a known browser at a known address; else whoever is at a
known address. A login names its identity's user, and that of all identities with the same browser at the address.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.accuracy.replay import pairs
from bench.population.visits import Story, Visit

#: The rules, in their order, with the confidence that each is said to have.
RULES = (("fingerprint", 0.8), ("IP + browser", 0.6), ("IP", 0.4))


@dataclass
class Naive:
    """What the rules say: each statement's confidence and whether it is right, the users of each identity, and the ids."""

    said: list[tuple[float, bool]] = field(default_factory=list)
    users: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    ids: list[tuple[str, int]] = field(default_factory=list)

    @property
    def merged(self) -> set[tuple[str, str]]:
        """The pairs of users who have one identity."""
        return {pair for users in self.users.values() for pair in pairs(users)}


def follow(story: Story, rules: int) -> Naive:
    """Apply the first of the rules to a population; what is said of a visit is said as it begins."""
    found = Naive()
    known: dict[tuple[str, ...], int] = {}
    user_of: dict[int, str] = {}
    for visit in story.visits:
        keys = _keys(visit)[:rules]
        matches = [(number, known[key]) for number, key in enumerate(keys) if key in known]
        number, identity = matches[0] if matches else (None, len(found.ids))
        if number is not None and identity in user_of:
            account = visit.person.user_id if visit.person else None
            found.said.append((RULES[number][1], user_of[identity] == account))
        found.ids.append((visit.device.name, identity))
        for key in keys:
            known.setdefault(key, identity)
        for user_id in _logins(visit):
            related = {identity, *(known[key] for key in keys[1:2])}
            for each in related:
                user_of[each] = user_id
                found.users[each].add(user_id)
    return found


def _logins(visit: Visit) -> Sequence[str]:
    said = [str(step.said["userProperties"]["userId"]) for step in visit.steps if step.call == "identify"]
    return [user_id for user_id in said if user_id != "null"]


def _keys(visit: Visit) -> list[tuple[str, ...]]:
    return [
        (str(visit.fingerprint["visitorId"]),),
        (visit.address, visit.headers["User-Agent"]),
        (visit.address,),
    ]
