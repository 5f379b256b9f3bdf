"""docs/identity-resolution.md has every field of the policy with its default, and examples that the code computes."""

import dataclasses
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from app.config import CHECKOUT
from graph.rules import confidence, decay, kiosk, relationships, times
from graph.rules.policy import Policy
from graph.rules.relationships import Record, Source

PAGE = (CHECKOUT / "docs" / "identity-resolution.md").read_text(encoding="utf-8")
POLICY = Policy()
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def row(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |\n"


def numbers_after(label: str) -> list[int]:
    """Return the numbers that follow this label in a table's heading."""
    return [int(number) for number in re.findall(r"\d+", PAGE.partition(f"| {label} |")[2].partition("\n")[0])]


def test_the_page_has_exactly_the_fields_of_the_policy_with_their_defaults() -> None:
    table = PAGE.partition("| field | default |")[2].partition("\n\n")[0]
    written = dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", table, re.MULTILINE))

    assert written == {field.name: str(field.default) for field in dataclasses.fields(Policy)}


def test_the_table_of_strengths_is_what_the_code_computes() -> None:
    for days, label in ((0, "just now"), (2, "2 days ago"), (30, "30 days ago"), (90, "90 days ago")):
        assert row(label, *(strength(days, a, b) for a, b in ((0, 0), (0, 1), (1, 0), (1, 1)))) in PAGE
    young = (strength(0, a, b, is_doubtful=True) for a, b in ((0, 0), (0, 1), (1, 0), (1, 1)))
    assert row("just now, young or with several users", *young) in PAGE


def strength(days: int, same_address: int, same_browser: int, *, is_doubtful: bool = False) -> float:
    arithmetic = confidence.of_fingerprint(
        same_address=bool(same_address),
        same_browser=bool(same_browser),
        last_seen=NOON - timedelta(days=days),
        at=NOON,
        policy=POLICY,
        is_doubtful=is_doubtful,
    )
    return confidence.added(arithmetic)


def test_the_worked_example_is_what_the_code_computes() -> None:
    tuesday, wednesday = (strength(1, at_home, 1, is_doubtful=True) for at_home in (1, 0))
    assert f"`fingerprint` {tuesday} =" in PAGE
    assert f"`fingerprint` {wednesday} =" in PAGE
    assert f"RESOLVES_TO adopted {min(tuesday, wednesday)}" in PAGE


def test_the_example_of_a_doubted_fingerprint_is_what_the_code_computes() -> None:
    terms = confidence.of_fingerprint(
        same_address=False,
        same_browser=True,
        last_seen=NOON - timedelta(days=1),
        at=NOON,
        policy=POLICY,
        is_doubtful=True,
    )
    doubted = confidence.doubted(terms, POLICY)
    match, follows = confidence.added(terms), confidence.added(doubted)
    assert f"Its session is Anna's at {follows} = {match} \N{MINUS SIGN} {-round(doubted['collector'], 4)}." in PAGE


def test_the_table_of_sharing_is_what_the_code_computes() -> None:
    others = numbers_after("other visitors")
    assert len(others) > 5
    shared = {
        "`fingerprint`": [confidence.of_shared_fingerprint(n, POLICY) for n in others],
        "`ip_browser`": [confidence.of_ip_browser(n, 0, POLICY) for n in others],
        "`ip`": [confidence.of_ip(n, 0, POLICY) for n in others],
    }
    for label, factors in shared.items():
        assert row(label, *map(confidence.multiplied, factors)) in PAGE


def test_the_table_of_relationships_is_what_the_code_computes() -> None:
    counts = numbers_after("associations")
    assert len(counts) > 3
    for source in (Source.VERIFIED, Source.CLAIMED, Source.COLLECTED):
        assert row(f"`{source}`", *figures(source, counts)) in PAGE


def figures(source: Source, counts: Iterable[int]) -> list[float]:
    return [round(relationships.figure(source, Record(n, NOON, NOON), POLICY), 2) for n in counts]


def test_the_table_of_ages_is_what_the_code_computes() -> None:
    [first] = figures(Source.CLAIMED, [1])
    ages = numbers_after("since last seen")
    assert len(ages) > 3
    shares = [decay.halved(days * decay.DAY, POLICY.relationship_half_life_days) for days in ages]
    assert row("claimed once", *(round(first * share, 2) for share in shares)) in PAGE


def test_the_example_of_ranks_is_what_the_code_computes() -> None:
    june = datetime(2026, 6, 4, 12, tzinfo=UTC)
    half_life = POLICY.relationship_half_life_days
    claimed, collected = decay.rank(95, NOON, half_life), decay.rank(70, june, half_life)
    assert collected > claimed
    for number in (f"{claimed:.4f}", f"{collected:.4f}", f"{decay.confidence_now(claimed, june, half_life):.2f}"):
        assert number in PAGE


def test_the_example_of_a_kiosk_is_what_the_code_decides() -> None:
    recent: tuple[str, ...] = ()
    for user, hour in (("anna", 0), ("ben", 2), ("carol", 5)):
        recent = kiosk.remember(recent, user, NOON + timedelta(hours=hour), POLICY)
    seen = {hours: kiosk.is_kiosk(recent, NOON + timedelta(hours=hours), POLICY) for hours in (6, 24, 24.5)}
    assert seen == {6: True, 24: True, 24.5: False}


def test_the_example_of_a_clock_is_what_the_code_computes() -> None:
    happened, sent = datetime(2026, 3, 4, 12, 59, 50, tzinfo=UTC), datetime(2026, 3, 4, 13, tzinfo=UTC)
    assert f"it happened at {times.corrected(happened, sent, NOON):%H:%M:%S}" in PAGE
