"""Print what a replayed population shows: how often each confidence is right, by method and by situation, beside naive rules."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bench.accuracy import honesty, seeds
from bench.accuracy.honesty import BOUNDS, Part
from bench.accuracy.replay import Replayed, Said, pairs, situation_of
from bench.population.visits import Story

Pairs = Sequence[tuple[float, bool]]
#: The name of the service among the rules.
SERVICE = "the service"


@dataclass(frozen=True)
class Summary:
    """What is shown of a population, as tables and pictures have it."""

    visits: int
    people: int
    users: int
    statements: Pairs
    by_bound: Mapping[str, Mapping[float, Part]]
    by_method: Mapping[str, Pairs]
    by_situation: Mapping[str, Pairs]
    diagram: Mapping[float, Part]
    recall: Mapping[float, float]
    merged: Mapping[str, Mapping[str, int]]
    ids: Mapping[str, Mapping[int, float]]
    naive: Mapping[str, Pairs] = field(default_factory=dict)
    claimed_by_another: int = 0


def summarise(story: Story, replayed: Replayed) -> Summary:
    """Return what a replay shows, with what the naive rules say of the same visits."""
    users = [said for said in replayed.said if said.is_user]
    kinds = {
        "a user, as the visit begins": [said for said in users if said.asked == "at once"],
        "a user, at the end of its week": [said for said in users if said.asked == "later"],
        "a user": users,
        "a user or a known browser": replayed.said,
    }
    naive = {f"seeds: {name}": seeds.follow(story, number + 1) for number, (name, _) in enumerate(seeds.RULES)}
    knowable = sum(replayed.knowable.values())
    return Summary(
        visits=len(story.visits),
        people=len({visit.person.name for visit in story.visits if visit.person}),
        users=len({user for _, user in logins(story)}),
        statements=_pairs(users),
        by_bound={
            name: {bound: honesty.at_least(_pairs(said), bound) for bound in BOUNDS} for name, said in kinds.items()
        },
        by_method={name: _pairs(said) for name, said in honesty.grouped(users, lambda said: said.method).items()},
        by_situation={name: _pairs(said) for name, said in honesty.grouped(users, _situation).items()},
        diagram=honesty.diagram(_pairs(replayed.said)),
        recall={
            bound: honesty.at_least(_pairs(users), bound).right / knowable if knowable else 1.0
            for bound in (tenth / 20 for tenth in range(2, 20))
        },
        merged={
            SERVICE: _by_crowd(story, replayed.merged),
            **{name: _by_crowd(story, found.merged) for name, found in naive.items()},
        },
        ids={
            SERVICE: _ids_by_day(story, [visitor_id for _, visitor_id, _ in replayed.visitors]),
            **{name: _ids_by_day(story, [str(number) for _, number in found.ids]) for name, found in naive.items()},
        },
        naive={name: found.said for name, found in naive.items()},
        claimed_by_another=len(replayed.claimed_by_another),
    )


def report(found: Summary) -> Iterator[str]:
    """Yield the lines of a report."""
    yield f"{found.visits} visits, {found.people} people, {found.users} users who logged in"
    yield f"sessions of a login that are said to be another user's: {found.claimed_by_another}"
    yield from _table("who is it", found.by_bound)
    yield from _table("by method", {name: _bounds(said) for name, said in found.by_method.items()})
    yield from _table("by situation", {name: _bounds(said) for name, said in found.by_situation.items()})
    yield from _table("naive rules", {name: _bounds(said) for name, said in found.naive.items()})
    yield "\nsaid with a confidence of: right"
    for least, part in found.diagram.items():
        low, high = part.interval
        yield (
            f"{least:.1f} to {least + honesty.WIDTH:.1f}: {part.right} of {part.of}, {part.precision:.3f} "
            f"({low:.3f} to {high:.3f}), said {part.confidence:.3f}"
        )
    yield "\npairs of users who have one identity, by crowd"
    for name, merged in found.merged.items():
        yield f"{name:24}" + ", ".join(f"{crowd} {count}" for crowd, count in merged.items())
    yield "\nids a browser, on the last day"
    for name, ids in found.ids.items():
        yield f"{name:24}{ids[max(ids)]:.3f}"


def is_honest(found: Summary) -> bool:
    """Whether each bound that a read can ask for is right at least that often, and no two users are one."""
    parts = found.by_bound["a user"]
    return (
        not sum(found.merged[SERVICE].values())
        and not found.claimed_by_another
        and all(part.precision >= bound for bound, part in parts.items())
    )


def _table(title: str, rows: Mapping[str, Mapping[float, Part]]) -> Iterator[str]:
    yield f"\n{title:34}" + "".join(f"{f'≥ {bound:g}':>18}" for bound in BOUNDS)
    for name, parts in rows.items():
        cells = (f"{part.right}/{part.of} {part.precision:.3f}" if part.of else "" for part in parts.values())
        yield f"{name:34}" + "".join(f"{cell:>18}" for cell in cells)


def _bounds(said: Pairs) -> dict[float, Part]:
    return {bound: honesty.at_least(said, bound) for bound in BOUNDS}


def _pairs(said: Iterable[Said]) -> list[tuple[float, bool]]:
    return [(each.confidence, each.is_right) for each in said]


def _situation(said: Said) -> str:
    """Return the situation of a statement, with the size of an office at its end filled up so that sizes are in order."""
    name, _, size = said.situation.rpartition(" ")
    return f"{name} {size:>3}" if size.isdecimal() else said.situation


def logins(story: Story) -> Iterator[tuple[str, str]]:
    """Yield the situation and user id of each login."""
    for visit in story.visits:
        for step in visit.steps:
            if step.call == "identify" and (user := str(step.said["userProperties"]["userId"])) != "null":
                yield situation_of(visit), user


def _by_crowd(story: Story, merged: set[tuple[str, str]]) -> dict[str, int]:
    """Return how many pairs of the users of each situation are one."""
    users: dict[str, set[str]] = defaultdict(set)
    for situation, user in logins(story):
        users[situation].add(user)
    return {
        situation: sum(pair in merged for pair in pairs(names))
        for situation, names in sorted(users.items(), key=lambda item: len(item[1]))
    }


def _ids_by_day(story: Story, ids: Sequence[str]) -> dict[int, float]:
    """Return, for each day, how many ids a browser of a person had been given by then, on average."""
    given: dict[str, set[str]] = defaultdict(set)
    total = 0
    by_day: dict[int, float] = {}
    first = story.visits[0].at
    for visit, id_ in zip(story.visits, ids, strict=True):
        if visit.person is None or visit.device.kind == "kiosk":
            continue
        total += id_ not in given[visit.device.name]
        given[visit.device.name].add(id_)
        by_day[(visit.at - first).days] = total / len(given)
    return by_day
