"""Visitor tokens, signatures of user ids, keys as they are stored, and the origins that may call."""

import hashlib
import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from app import visitor_tokens
from app.config import Settings
from app.context import Service
from app.enrichment.geo import Geo
from app.grouped import Grouped
from app.key_ring import KeyRing
from app.rate_limits import RateLimits
from app.readiness import Readiness
from graph.acts.tenants import TenantSettings, key_hash, tenant_id
from graph.database import Database
from graph.rules.keys import derived_key


def service_with(secret_key: str, previous: str = "") -> Flask:
    """Make a service that can issue and read tokens; its database is closed."""
    database = Database.connect("bolt://127.0.0.1:1", "neo4j", "unused")
    database.close()
    app = Flask(__name__)
    settings = Settings.from_environment({"SECRET_KEY_PREVIOUS": previous})
    app.extensions["whograph"] = Service(
        settings=settings,
        database=database,
        secret_key=secret_key,
        clock=lambda: datetime(2026, 1, 1, tzinfo=UTC),
        new_id=lambda: "id",
        key_ring=KeyRing(database, lambda: datetime(2026, 1, 1, tzinfo=UTC)),
        readiness=Readiness(lambda: None),
        rate_limits=RateLimits(settings, secret_key),
        geo=Geo((), ()),
        grouped=Grouped.of(1),
    )
    return app


@pytest.fixture(autouse=True)
def service() -> Iterator[Flask]:
    app = service_with("k" * 40)
    with app.app_context():
        yield app


def test_a_token_names_its_jar_for_its_own_tenant() -> None:
    token = visitor_tokens.issue("shop", "jar_1")
    assert visitor_tokens.read(token, "shop") == "jar_1"


def test_a_token_can_say_that_its_jar_was_only_named() -> None:
    held, named = (visitor_tokens.issue("shop", "caller:a", is_named=is_named) for is_named in (False, True))
    assert visitor_tokens.read(named, "shop") == "caller:a"
    assert (visitor_tokens.is_named(held), visitor_tokens.is_named(named)) == (False, True)
    assert visitor_tokens.read(named, "rival") is None


def test_the_token_of_a_jar_is_always_the_same() -> None:
    assert visitor_tokens.issue("shop", "jar_1") == visitor_tokens.issue("shop", "jar_1")


def test_a_token_of_another_tenant_is_ignored() -> None:
    assert visitor_tokens.read(visitor_tokens.issue("rival", "jar_1"), "shop") is None


def test_a_token_of_another_signing_key_is_ignored() -> None:
    with service_with("another-key" * 4).app_context():
        foreign = visitor_tokens.issue("shop", "jar_1")
    assert visitor_tokens.read(foreign, "shop") is None


def test_a_token_of_a_previous_signing_key_is_read_and_signed_again_with_the_current_key() -> None:
    old = visitor_tokens.issue("shop", "jar_1")
    oldest, present = "o" * 40, "n" * 40
    with service_with(oldest).app_context():
        older = visitor_tokens.issue("shop", "jar_2")
    with service_with(present, previous=f"{'k' * 40}, {oldest}").app_context():
        assert visitor_tokens.read(old, "shop") == "jar_1"
        assert visitor_tokens.read(older, "shop") == "jar_2"
        new = visitor_tokens.issue("shop", "jar_1")
    with service_with(present).app_context():
        assert visitor_tokens.read(new, "shop") == "jar_1"
        assert visitor_tokens.read(old, "shop") is None


def test_a_token_with_any_character_changed_is_ignored() -> None:
    token = visitor_tokens.issue("shop", "jar_1")
    for place, letter in enumerate(token):
        other = "A" if letter != "A" else "B"
        changed = token[:place] + other + token[place + 1 :]
        # Some bits of the last base64 digit are not used, so another digit there may mean the same.
        assert place == len(token) - 1 or visitor_tokens.read(changed, "shop") is None, place


@given(st.none() | st.text())
def test_a_text_that_is_no_token_is_ignored(junk: str | None) -> None:
    assert visitor_tokens.read(junk, "shop") is None


def test_a_text_longer_than_any_token_is_ignored() -> None:
    long = visitor_tokens.issue("shop", random_text(10_000))
    assert len(long) > visitor_tokens.CHARACTERS_MAX
    assert visitor_tokens.read(long, "shop") is None


def test_the_token_of_the_longest_id_can_be_read() -> None:
    tenant, jar_id = "t" * 64, f"caller:{random_text(256)}"
    assert visitor_tokens.read(visitor_tokens.issue(tenant, jar_id), tenant) == jar_id


def random_text(characters: int) -> str:
    """Return a text that compression does not shorten."""
    chance = random.Random(1)  # noqa: S311 - nothing is to be kept secret
    return "".join(chr(chance.randrange(0x10000, 0x20000)) for _ in range(characters))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("shop", "shop"),
        ("Shop_2.eu-west", "Shop_2.eu-west"),
        ("My Shop & Söhne", "my-shop-sohne"),
        ("  a/b  ", "a-b"),
        ("-dash", "dash"),
        ("x" * 65, "x" * 64),
    ],
)
def test_a_tenants_id_is_its_name_as_far_as_urls_allow(name: str, expected: str) -> None:
    assert tenant_id(name) == expected


def test_a_tenants_name_without_latin_letters_has_an_id_too() -> None:
    assert tenant_id("商店").startswith("tenant-")


@given(st.text())
def test_any_text_can_be_hashed_as_a_key(key: str) -> None:
    assert len(key_hash(key)) == 64


def test_pages_of_listed_origins_may_call_and_any_page_if_none_is_listed() -> None:
    assert TenantSettings().allows("https://anywhere.example")
    listed = TenantSettings(allowed_origins=("https://shop.example",))
    assert listed.allows("https://SHOP.example")
    for other in ("http://shop.example", "https://shop.example.evil.example", "https://shop.example:444", "null", ""):
        assert not listed.allows(other)


def test_a_token_is_what_itsdangerous_makes_with_keys_that_it_derives_itself() -> None:
    with service_with("k" * 40).app_context():
        token = visitor_tokens.issue("shop", "jar_1")
    plain = URLSafeSerializer(
        derived_key("k" * 40, "visitor-token"),
        salt="visitor-token",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )
    assert token == plain.dumps(["shop", "jar_1"])
