"""The made-up population depends only on its seed and has every kind of visit; the judge finds wrong answers."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bench.population import truth as truths
from bench.population.__main__ import DAYS_MAX, population
from bench.population.check import BOUNDS, COMMON, Answers, judge
from bench.population.people import OFFICE_PEOPLE
from bench.population.send import make
from bench.population.service import CannotGoOn
from bench.population.truth import KnownSession, Population, Truth
from graph.rules.addresses import proves
from graph.rules.placeholders import PLACEHOLDERS
from graph.rules.policy import Policy

UNTIL = datetime(2026, 3, 4, tzinfo=UTC)
DEFAULT = Population(seed=1, people=120, days=21, until=UNTIL, tenant="demo", complete=False)


def test_a_seed_always_gives_the_same_population_and_another_seed_gives_other_people() -> None:
    assert make(DEFAULT) == make(DEFAULT)
    truth, story = make(DEFAULT)
    other_truth, other_story = make(replace(DEFAULT, seed=2))
    users = {person.user for person in truth.people} & {person.user for person in other_truth.people}
    assert users <= {None}
    prints = [{visit.fingerprint["visitorId"] for visit in each.visits} for each in (story, other_story)]
    assert not prints[0] & prints[1]
    assert not {visit.message_id for visit in story.visits} & {visit.message_id for visit in other_story.visits}


def test_a_population_has_offices_households_a_kiosk_and_all_kinds_of_difficult_visits() -> None:
    truth, story = make(DEFAULT)
    assert len(truth.people) == 120
    assert Counter(person.office for person in truth.people)["office-1"] == OFFICE_PEOPLE
    assert sum(person.kiosk_guest for person in truth.people) == 25
    assert set(Counter(Counter(person.household for person in truth.people).values())) == {1, 2, 3, 4, 5}
    notes = Counter(note for visit in story.visits for note in visit.notes)
    assert set(notes) == {"private window", "cookies cleared", "says null", "lent", "kiosk", "crawler"}
    assert sum(visit.reset for visit in story.visits) > 10
    prints: dict[str, set[object]] = {}
    for visit in story.visits:
        prints.setdefault(visit.device.name, set()).add(visit.fingerprint["visitorId"])
    assert any(len(found) > 1 for found in prints.values()), "browsers drift"
    machines = Counter(device.machine for device in truth.devices)
    assert max(machines.values()) > 1, "machines are alike"
    office = {visit.headers["User-Agent"].split("Chrome")[0] for visit in story.visits if visit.device.kind == "office"}
    assert len(office) == 1
    assert any(person.user is None for person in truth.people)


def test_the_service_accepts_the_times_addresses_and_ids_of_all_visits() -> None:
    policy = Policy()
    for days in (3, 21, DAYS_MAX):
        _, story = make(replace(DEFAULT, days=days))
        for visit in story.visits:
            times = [visit.at, *(step.at for step in visit.steps)]
            assert times == sorted(times)
            assert UNTIL - timedelta(days=days + 1, hours=2) <= visit.at
            assert times[-1] < UNTIL
            assert max(later - earlier for earlier, later in pairwise(times)) < policy.session_idle
            assert proves(visit.address)
    ids = [call for visit in story.visits for call in (visit.message_id, *(step.message_id for step in visit.steps))]
    assert len(ids) == len(set(ids))
    named = {step.said["userProperties"]["userId"] for v in story.visits for step in v.steps if step.call == "identify"}
    assert named - PLACEHOLDERS == set(story.logins.values())


def test_a_browser_is_used_by_one_person_at_a_time_and_changes_hands_only_by_logins() -> None:
    _, story = make(DEFAULT)
    ends: dict[str, datetime] = {}
    for visit in story.visits:
        assert visit.at > ends.get(visit.device.name, visit.at - timedelta(1))
        ends[visit.device.name] = visit.steps[-1].at
        owners = [story.logins.get(visit.tenure)]
        for step in visit.steps:
            if step.call == "identify" and step.said["userProperties"]["userId"] != "null":
                assert visit.person is not None
                assert step.said["userProperties"]["userId"] == visit.person.user_id == story.logins[step.tenure]
            owners.append(story.logins.get(step.tenure))
        assert len(set(owners)) <= 2


def test_too_few_people_are_refused() -> None:
    with pytest.raises(ValueError, match="12"):
        make(replace(DEFAULT, people=11))


def test_the_truth_file_is_read_as_it_was_written_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "demo-data" / "truth.jsonl"
    assert truths.read(file) is None
    truths.write(file, known())
    assert truths.read(file) == known()
    assert file.stat().st_mode & 0o77 == 0


def test_a_file_of_another_kind_is_refused_as_a_truth_file(tmp_path: Path) -> None:
    file = tmp_path / "truth.jsonl"
    for text in ("{}", "[]", "words", '{"kind": "population", "seed": 1}', ""):
        file.write_text(text)
        with pytest.raises(ValueError, match="no truth file"):
            truths.read(file)


def test_a_population_is_sent_again_unchanged_until_its_events_are_too_old_to_be_accepted() -> None:
    kept = replace(known(), population=replace(DEFAULT, complete=True))
    asked = {"seed": 1, "people": 120, "days": 21, "tenant": "demo"}
    now = UNTIL + timedelta(hours=30)
    tomorrow = UNTIL + timedelta(days=1)
    assert population(kept, **asked, now=now) == DEFAULT  # type: ignore[arg-type]
    assert population(None, **asked, now=now) == replace(DEFAULT, until=tomorrow)  # type: ignore[arg-type]
    assert population(kept, **{**asked, "seed": 2}, now=now) == replace(DEFAULT, seed=2, until=tomorrow)  # type: ignore[arg-type]
    with pytest.raises(CannotGoOn, match="--check-only"):
        population(kept, **asked, now=UNTIL + timedelta(days=8))  # type: ignore[arg-type]


def session(name: str, person: str, login: str | None, **other: object) -> KnownSession:
    return replace(
        KnownSession(
            name, f"v-{name}", person, login, login is not None, f"d-{name}", "j", name, "p", "h", "a", UNTIL, 2, (), ()
        ),
        **other,  # type: ignore[arg-type]
    )


def known() -> Truth:
    """Anna on two devices, Ben on one, and a session of Ben's without a login."""
    people = (
        truths.KnownPerson("anna", "u-anna", "h", None, kiosk_guest=False),
        truths.KnownPerson("ben", "u-ben", "h", "office-1", kiosk_guest=False),
    )
    sessions = (
        session("s1", "anna", "u-anna"),
        session("s2", "anna", "u-anna"),
        session("s3", "ben", "u-ben"),
        session("s4", "ben", None),
    )
    return Truth(DEFAULT, people, (), sessions)


def right() -> Answers:
    answered: dict[str, Mapping[str, Any]] = {
        "s1": {"userId": "u-anna", "identityId": "i-anna", "events": 2},
        "s2": {"userId": "u-anna", "identityId": "i-anna", "events": 2},
        "s3": {"userId": "u-ben", "identityId": "i-ben", "events": 2},
        "s4": {"userId": None, "identityId": "i-4", "events": 2},
    }
    return Answers(
        sessions=dict.fromkeys(BOUNDS, answered),
        explained=dict.fromkeys(BOUNDS, explained(answered)),
        users={"u-anna": {"identityId": "i-anna"}, "u-ben": {"identityId": "i-ben"}},
        visitors={"u-anna": frozenset({"v-s1", "v-s2"}), "u-ben": frozenset({"v-s3"})},
        journeys={"u-anna": {"s1": 2, "s2": 2}, "u-ben": {"s3": 2}},
        has_nobody=False,
    )


def explained(answered: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {
        (one, other): {"identities": [of_one, of_other], "same": of_one == of_other}
        for one, other in pairwise(answered)
        for of_one, of_other in [(answered[one]["identityId"], answered[other]["identityId"])]
    }


def saying(**fields: object) -> Callable[[Answers], Answers]:
    """Change fields of sessions in the answers: `s1__userId="…"` changes the `userId` of session `s1`."""

    def change(answers: Answers) -> Answers:
        sessions = {name: dict(answer) for name, answer in answers.sessions[BOUNDS[0]].items()}
        for which, value in fields.items():
            name, _, field = which.partition("__")
            sessions[name][field] = value
        return replace(
            answers,
            sessions=dict.fromkeys(BOUNDS, sessions),
            explained=dict.fromkeys(BOUNDS, explained(sessions)),
        )

    return change


def explaining(**wrong: object) -> Callable[[Answers], Answers]:
    """Change how the answers explain the first two sessions."""

    def change(answers: Answers) -> Answers:
        whys = {
            pair: {**why, **wrong} if pair == ("s1", "s2") else why
            for pair, why in answers.explained[BOUNDS[0]].items()
        }
        return replace(answers, explained=dict.fromkeys(BOUNDS, whys))

    return change


FAULTS: dict[str, tuple[Callable[[Answers], Answers], str]] = {
    "a login that is somebody else's": (saying(s3__userId="u-anna"), "sessions of a login: userId"),
    "a login that is nobody's": (saying(s3__userId=None), "sessions of a login: userId"),
    "an event too many": (saying(s4__events=3), "sessions: events, each once"),
    "devices apart": (saying(s2__identityId="i-2"), "users on several devices: one identity"),
    "users joined": (
        lambda answers: replace(answers, users={user: {"identityId": "i-anna"} for user in answers.users}),
        "users: an identity each",
    ),
    "a visitor too many": (
        lambda answers: replace(answers, visitors={**answers.visitors, "u-ben": frozenset({"v-s3", "v-s1"})}),
        "users: their visitors",
    ),
    "an event that lacks": (
        lambda answers: replace(answers, journeys={**answers.journeys, "u-ben": {}}),
        "users: their journeys",
    ),
    "somebody else's event": (
        lambda answers: replace(answers, journeys={**answers.journeys, "u-ben": {"s3": 2, "s1": 2}}),
        "users: their journeys",
    ),
    "an explanation of two as if they were apart": (
        explaining(same=False),
        "two sessions explained: the identities that reads say",
    ),
    "an explanation with another identity": (
        explaining(identities=["i-anna", "i-2"]),
        "two sessions explained: the identities that reads say",
    ),
    "nobody": (lambda answers: replace(answers, has_nobody=True), '"null" is no user'),
}


def test_right_answers_pass_the_check() -> None:
    report = judge(known(), right())
    assert report.holds
    assert report["sessions without a login: userId"].open == 1
    assert [(pairs.sessions, pairs.precision, pairs.recall) for pairs in report.pairs] == [(4, 1.0, 0.5)] * 4


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_answer_is_found(fault: str) -> None:
    change, question = FAULTS[fault]
    report = judge(known(), change(right()))
    assert not report.holds
    assert not report[question].holds


def test_a_page_that_was_answered_another_persons_user_id_is_found() -> None:
    truth = known()
    leaked = replace(truth.sessions[3], told=("u-anna",))
    report = judge(replace(truth, sessions=(*truth.sessions[:3], leaked)), right())
    assert report["pages: the userId they were told"].wrong_about == ("s4",)
    assert not report.holds


def test_a_wrong_inference_is_counted_but_is_not_a_fault() -> None:
    report = judge(known(), saying(s4__userId="u-anna", s4__identityId="i-anna")(right()))
    assert report.holds
    assert report["sessions without a login: userId"].wrong_about == ("s4 of ben on d-s4, said to be u-anna's",)
    assert [round(pairs.precision, 3) for pairs in report.pairs] == [0.333] * 4


def test_a_session_on_another_persons_login_does_not_count_among_knowable_pairs() -> None:
    truth = known()
    lent = session("s5", "ben", "u-anna", tenure="s1", logged_in=False)
    answers = saying(s4__userId="u-ben", s4__identityId="i-ben")(right())
    answered: dict[str, Mapping[str, Any]] = {
        **answers.sessions[BOUNDS[0]],
        "s5": {"userId": "u-anna", "identityId": "i-anna", "events": 2},
    }
    report = judge(
        replace(truth, sessions=(*truth.sessions, lent)), replace(answers, sessions=dict.fromkeys(BOUNDS, answered))
    )
    assert [(pairs.sessions, round(pairs.precision, 3)) for pairs in report.pairs] == [(5, 0.5)] * 2 + [(4, 1.0)] * 2


@pytest.mark.parametrize(
    ("changed", "common"),
    [
        ({"device": "d-s1"}, "on one browser"),
        ({}, "of one household"),
        ({"household": "another"}, "at one address"),
        ({"household": "another", "address": "another"}, "elsewhere"),
    ],
)
def test_two_people_who_are_taken_for_one_are_counted_by_what_they_have_in_common(
    changed: dict[str, object], common: str
) -> None:
    truth = known()
    sessions = (truth.sessions[0], replace(truth.sessions[3], **changed))  # type: ignore[arg-type]
    report = judge(replace(truth, sessions=sessions), saying(s4__identityId="i-anna")(right()))
    counted = {(false.bound, false.common): (false.pairs, false.of) for false in report.false_pairs}
    assert counted == {(bound, each): (1, 1) if each == common else (0, 0) for bound in BOUNDS for each in COMMON}
    assert not any(false.pairs for false in judge(known(), right()).false_pairs)
