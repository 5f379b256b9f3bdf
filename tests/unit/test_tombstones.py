"""Tombstones recognise erased ids by keyed hashes, also by earlier keys, and refuse what comes from before."""

from datetime import timedelta

from app.context import hashing_of
from graph.rules.tombstones import NO_HASHING, Hashing, Name, Tombstone, why_refused
from tests.given import NOON

BEFORE, AFTER = NOON - timedelta(minutes=1), NOON + timedelta(minutes=1)
HASHING = Hashing((b"key",))


def stone(name: Name, hashing: Hashing = HASHING) -> list[Tombstone]:
    return [Tombstone(hashing.of(name)[0], NOON)]


def test_only_a_message_stays_refused_after_the_erasure() -> None:
    for kind in ("message", "session", "jar", "user", "visitor"):
        name = Name(kind, "one")
        assert why_refused([name], stone(name), HASHING, BEFORE)
        assert why_refused([name], stone(name), HASHING, NOON)
        assert (why_refused([name], stone(name), HASHING, AFTER) is not None) == (kind == "message")


def test_a_hash_is_of_a_kind_of_id_of_one_tenant_under_one_key() -> None:
    name = Name("user", "anna")
    hashes = {
        *HASHING.of(name),
        *HASHING.of(Name("jar", "anna")),
        *hashing_of(["secret"], "shop").of(name),
        *hashing_of(["secret"], "other").of(name),
        *hashing_of(["another"], "shop").of(name),
    }
    assert len(hashes) == 5
    assert all(len(found) == 32 and "anna" not in found for found in hashes)


def test_tombstones_by_an_earlier_key_are_found() -> None:
    name = Name("user", "anna")
    earlier, now = hashing_of(["old"], "shop"), hashing_of(["new", "old"], "shop")
    assert why_refused([name], stone(name, earlier), now, BEFORE)
    assert not why_refused([name], stone(name, earlier), hashing_of(["new"], "shop"), BEFORE)
    assert NO_HASHING.all_of([name]) == []
