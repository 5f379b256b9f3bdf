"""Compare the labels of clusters with the truth about a made-up population, after its visits were replayed."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bench.accuracy.replay import Replayed
from bench.population.visits import Story, Visit
from graph.acts import clusters
from graph.acts.clusters import FoundCluster, WantedClusters
from graph.database import Database
from graph.rules.clusters import HOUSEHOLD, KIOSK, SEVERAL_DEVICES, SHARED_DEVICE
from graph.rules.policy import Policy

#: How many clusters one transaction reads.
PAGE = 100


@dataclass(frozen=True)
class Judged:
    """How right a label is: of how many things that have it, and of how many that should have it.

    `wrong` and `missed` name those that have it and should not, and those that should have it and do not.
    """

    label: str
    labelled: int
    wrong: tuple[str, ...]
    expected: int
    missed: tuple[str, ...]

    @property
    def precision(self) -> float:
        return 1 - len(self.wrong) / self.labelled if self.labelled else 1.0

    @property
    def recall(self) -> float:
        return 1 - len(self.missed) / self.expected if self.expected else 1.0


@dataclass(frozen=True)
class _Browsers:
    """What is true of browsers: whose visits each visitor has, on which devices, and who logged in on a device."""

    visits: Mapping[str, Sequence[Visit]]
    logins: Mapping[str, frozenset[str]]
    homes: Mapping[str, str]
    kind: Mapping[str, str]

    @classmethod
    def of(cls, story: Story, replayed: Replayed) -> "_Browsers":
        visits: dict[str, list[Visit]] = defaultdict(list)
        logins: dict[str, set[str]] = defaultdict(set)
        homes: dict[str, str] = {}
        for visit, (_, visitor_id, _) in zip(story.visits, replayed.visitors, strict=True):
            visits[f"visitor:{visitor_id}"].append(visit)
            user_id = visit.person.user_id if visit.person else None
            if (
                visit.person is not None
                and user_id is not None
                and any(step.call == "identify" for step in visit.steps)
            ):
                logins[visit.device.name].add(f"user:{user_id}")
                homes[f"user:{user_id}"] = visit.person.household.name
        kind = {visit.device.name: str(visit.device.kind) for visit in story.visits}
        return cls(visits, {device: frozenset(users) for device, users in logins.items()}, homes, kind)

    def devices(self, visitors: Iterable[str]) -> set[str]:
        return {visit.device.name for visitor in visitors for visit in self.visits.get(visitor, ())}

    def people(self, visitors: Iterable[str]) -> set[str]:
        """The people who used visitors; those who share an account are one."""
        there = [visit.person for visitor in visitors for visit in self.visits.get(visitor, ()) if visit.person]
        return {person.user_id or person.name for person in there}

    def accounts(self, visitor: str) -> set[str]:
        """The accounts that logged in on the devices of a visitor."""
        return {user for device in self.devices([visitor]) for user in self.logins.get(device, ())}


def judge(database: Database, story: Story, replayed: Replayed, policy: Policy) -> list[Judged]:
    """Find the clusters of a population right after its last visit, and judge each label.

    - `household`: a cluster, right if all its users live in one home. Expected are homes where two accounts logged in on
      one browser, and one of them on another one, too; without this nothing sure joins two browsers.
    - `shared_device`: a visitor, right if two people used it. Expected are browsers on which two accounts logged in, and no
      more than a household has.
    - `kiosk`: a visitor, right if more accounts than a household has logged in there, on one machine or on identical ones
      that are taken for one. Expected are browsers on which so many logged in.
    - `several_devices`: a cluster, right if one person used the visitors that the label names, or people who share an
      account. Expected are accounts that logged in on two browsers on which nobody else did.
    """
    at = max(visit.at for visit in story.visits) + timedelta(hours=2)
    clusters.act(database, policy, at)
    found = list(_all(database, policy, at))
    truth = _Browsers.of(story, replayed)
    most = policy.cluster_household_max
    shared = [device for device, users in truth.logins.items() if 2 <= len(users) <= most]
    own: dict[str, set[str]] = defaultdict(set)
    used: dict[str, set[str]] = defaultdict(set)
    for device, users in truth.logins.items():
        for user in users:
            used[user].add(device)
            if len(users) == 1:
                own[user].add(device)
    several = list(_with(found, SEVERAL_DEVICES))
    homes = {
        cluster.cluster_id: {truth.homes.get(user, user) for user in _of("user", cluster.members)}
        for cluster, _ in _with(found, HOUSEHOLD)
    }
    return [
        _judged(
            HOUSEHOLD,
            homes,
            expected={
                truth.homes[user]
                for device in shared
                for user in truth.logins[device]
                if len(used[user]) > 1 and truth.kind[device] != "kiosk"
            },
            named=set().union(*homes.values()),
        ),
        _judged_browsers(
            SHARED_DEVICE, found, truth, lambda visitor: len(truth.people([visitor])) > 1, expected=shared
        ),
        _judged_browsers(
            KIOSK,
            found,
            truth,
            lambda visitor: len(truth.accounts(visitor)) > most,
            expected=[device for device, users in truth.logins.items() if len(users) > most],
        ),
        _judged(
            SEVERAL_DEVICES,
            {cluster.cluster_id: truth.people(_of("visitor", subjects)) for cluster, subjects in several},
            expected={user for user, devices in own.items() if len(devices) > 1},
            named={user for _, subjects in several for user in _of("user", subjects)},
        ),
    ]


def report(judged: Sequence[Judged]) -> Iterator[str]:
    """Yield the lines of a table."""
    yield f"{'label':18}{'labelled':>9}{'precision':>11}{'expected':>10}{'recall':>8}"
    for each in judged:
        yield f"{each.label:18}{each.labelled:9}{each.precision:11.3f}{each.expected:10}{each.recall:8.3f}"


def _judged(label: str, labelled: Mapping[str, set[str]], *, expected: set[str], named: set[str]) -> Judged:
    """Judge clusters: one is right if all in it are one. `named` are those of the expected that have the label."""
    wrong = tuple(sorted(f"{name}: {', '.join(sorted(whose))}" for name, whose in labelled.items() if len(whose) > 1))
    return Judged(label, len(labelled), wrong, len(expected), tuple(sorted(expected - named)))


def _judged_browsers(
    label: str,
    found: Sequence[FoundCluster],
    truth: _Browsers,
    is_right: Callable[[str], bool],
    *,
    expected: Sequence[str],
) -> Judged:
    visitors = sorted({visitor for _, subjects in _with(found, label) for visitor in subjects})
    devices = truth.devices(visitors)
    return Judged(
        label,
        len(visitors),
        tuple(visitor for visitor in visitors if not is_right(visitor)),
        len(expected),
        tuple(sorted(each for each in expected if each not in devices)),
    )


def _all(database: Database, policy: Policy, at: datetime) -> Iterator[FoundCluster]:
    wanted = WantedClusters(label=None, members_min=1, after=None, limit=PAGE)
    while page := database.read(clusters.page, wanted, policy):
        for each in page:
            yield database.read(clusters.get, each.cluster_id, policy, at)
        wanted = replace(wanted, after=(page[-1].doubt, page[-1].members, page[-1].cluster_id))


def _with(found: Iterable[FoundCluster], label: str) -> Iterator[tuple[FoundCluster, tuple[str, ...]]]:
    for cluster in found:
        yield from ((cluster, tuple(each.subjects)) for each in cluster.labels if each.name == label)


def _of(kind: str, subjects: Iterable[str]) -> list[str]:
    return [subject for subject in subjects if subject.startswith(f"{kind}:")]
