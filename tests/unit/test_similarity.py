"""Fingerprints compared by their components: what agrees, what contradicts, and which of several candidates it is."""

import json
import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import CHECKOUT
from graph.rules import similarity
from graph.rules.similarity import BrowserLook, KnownBrowser, buckets, compare, digests, judge, strength
from tests.given import NOON, POLICY

FONTS = [f"Font {number}" for number in range(40)]
LAPTOP: dict[str, Any] = {
    "canvas": {"winding": True, "text": "data:text"},
    "audio": 124.04,
    "colorDepth": 24,
    "deviceMemory": 8,
    "fonts": FONTS,
    "hardwareConcurrency": 8,
    "languages": [["en-GB"]],
    "platform": "Linux x86_64",
    "plugins": [{"name": "PDF Viewer"}],
    "vendor": "Google Inc.",
    "screenResolution": [1920, 1080],
    "timezone": "Europe/Stockholm",
    "webGlBasics": {"rendererUnmasked": "Intel", "vendorUnmasked": "Google"},
}


def looks(**changed: Any) -> BrowserLook:
    values = {name: {"value": value} for name, value in {**LAPTOP, **changed}.items()}
    return BrowserLook(digests(json.dumps(values)), "Chrome", 131, "Linux", NOON)


def known(name: str = "known", *, keeps_tokens: bool = False, **changed: Any) -> KnownBrowser:
    look = replace(looks(**changed), at=NOON - timedelta(days=1))
    return KnownBrowser(name, look, f"group of {name}", keeps_tokens=keeps_tokens)


def log_odds(shown: BrowserLook, other: KnownBrowser, confidence: float | None = None) -> float:
    return sum(compare(shown, confidence, other, POLICY))


def test_names_of_other_collectors_are_the_same_components() -> None:
    ours = digests(
        json.dumps(
            {"screenResolution": {"value": "x"}, "languages": {"value": "y"}, "videoCard": {"value": {"renderer": "z"}}}
        )
    )
    theirs = digests(json.dumps({"screen_resolution": "x", "language": "y", "WebGL-Renderer": "z"}))

    assert ours == theirs
    assert set(ours) == {"resolution", "languages", "renderer"}


def test_a_component_may_be_an_object_without_a_wrap() -> None:
    bare = digests(json.dumps({"canvas": {"winding": True, "text": "drawn"}, "webGlBasics": {"rendererUnmasked": "z"}}))
    wrapped = {"canvas": {"value": {"winding": True, "text": "drawn"}}, "videoCard": {"value": {"renderer": "z"}}}
    assert bare == digests(json.dumps(wrapped))


def test_what_failed_or_is_empty_is_not_compared() -> None:
    assert digests(json.dumps({"canvas": {"error": "no"}, "audio": {"value": None}, "vendor": {"value": ""}})) == {}


def test_digests_are_the_same_after_they_were_kept() -> None:
    found = dict(looks().components)
    assert similarity.recalled(similarity.kept(found)) == found
    assert isinstance(found["fonts"], tuple)


def test_a_change_leaves_a_fingerprint_in_some_of_its_buckets() -> None:
    before = set(buckets(looks().components))
    assert [bucket.band for bucket in buckets(looks().components)] == ["graphics", "fonts", "hardware"]
    for changed in (
        {"canvas": "x"},
        {"fonts": FONTS[1:]},
        {"timezone": "x"},
        {"webGlBasics": {"rendererUnmasked": "x"}},
    ):
        assert before & set(buckets(looks(**changed).components)), changed


def test_a_band_without_its_main_component_has_no_bucket() -> None:
    assert buckets(digests(json.dumps({"platform": "Linux x86_64", "languages": [["en"]]}))) == []


@pytest.mark.parametrize(
    ("changed", "weight"),
    [
        ({"timezone": "Asia/Tokyo"}, -2.8 - 1.6),
        ({"platform": "Win32"}, -9.0),
        ({"languages": [["fr"]]}, -5.0 - 1.5),
        ({"fonts": [f"Other {number}" for number in range(40)]}, -5.0 - 4.3),
    ],
)
def test_a_change_costs_what_the_table_says(changed: dict[str, Any], weight: float) -> None:
    assert log_odds(looks(**changed), known()) - log_odds(looks(), known()) == pytest.approx(weight)


def kept_with(**changed: Any) -> str:
    return similarity.kept(looks(**changed).components)


def test_another_canvas_is_no_other_machine_and_other_processors_and_fonts_are() -> None:
    def are_two(**changed: Any) -> bool:
        return similarity.are_of_two_machines(kept_with(**changed), kept_with(), POLICY)

    assert not are_two()
    assert not are_two(canvas={"text": "another"}, timezone="Asia/Tokyo", screenResolution=[1280, 720])
    other = {"canvas": {"text": "another"}, "fonts": FONTS[:20], "hardwareConcurrency": 4, "deviceMemory": 4}
    assert are_two(**other, audio=1.0, webGlBasics={"rendererUnmasked": "NVIDIA", "vendorUnmasked": "Google"})


def test_too_few_components_tell_no_two_machines_apart() -> None:
    shown, known = ({"platform": name, "canvas": name, "audio": name} for name in ("a", "b"))

    assert not similarity.are_of_two_machines(similarity.kept(shown), similarity.kept(known), POLICY)
    assert not similarity.are_of_two_machines(None, kept_with(), POLICY)


def test_the_more_fonts_are_the_same_the_liker_they_are() -> None:
    found = [log_odds(looks(fonts=FONTS[missing:]), known()) for missing in range(0, 30, 3)]
    assert found == sorted(found, reverse=True)
    assert found[0] - found[-1] > 8


@pytest.mark.parametrize(
    "other",
    [{"browser": "Firefox"}, {"os": "Windows"}, {"version": 132}],
    ids=["another browser", "another system", "a version that fell"],
)
def test_a_contradiction_outweighs_all_agreement(other: dict[str, Any]) -> None:
    first = known()
    contradicting = replace(first, look=replace(first.look, **other))

    assert log_odds(looks(), contradicting) == pytest.approx(log_odds(looks(), first) - 12.0)
    assert judge(looks(), None, [contradicting], POLICY)[0].likelihood < 0.4


def test_a_version_that_rose_or_a_visit_that_arrives_late_contradicts_nothing() -> None:
    newer = known()
    assert log_odds(replace(looks(), version=140), newer) == log_odds(looks(), newer)
    late = replace(looks(), at=newer.look.at - timedelta(days=3), version=120)
    assert log_odds(late, newer) == log_odds(looks(), newer)


def test_a_browser_that_keeps_its_token_and_a_doubtful_collector_make_it_less_likely() -> None:
    plain = log_odds(looks(), known())
    assert log_odds(looks(), known(keeps_tokens=True)) == plain - 5.0
    usual = log_odds(looks(), known(), 0.6)
    # Linux' usual confidence is 0.7, and adds 1 at most.
    assert plain == log_odds(looks(), known(), 0.7) == pytest.approx(usual + 1.0)
    assert log_odds(looks(), known(), 0.4) == pytest.approx(usual - 3.2437, abs=1e-4)


def test_phones_of_one_model_with_other_settings_are_only_probably_one() -> None:
    phone = replace(looks(), os="iOS", browser="Mobile Safari", version=17)
    first = replace(known(), look=replace(phone, at=NOON - timedelta(days=1)))
    second = replace(phone, components={**phone.components, "contrast": "more"})
    changed = replace(second, components={**second.components, "timezone": "other"})

    assert judge(changed, None, [first], POLICY)[0].likelihood < POLICY.fuzzy_min
    assert (
        judge(replace(changed, os="Windows"), None, [replace(first, look=replace(first.look, os="Windows"))], POLICY)[
            0
        ].likelihood
        >= POLICY.fuzzy_min
    )


def test_the_same_user_makes_it_likelier() -> None:
    assert log_odds(looks(), replace(known(), is_of_user=True)) == log_odds(looks(), known()) + 3.0


def test_candidates_are_rivals() -> None:
    alone = judge(looks(timezone="x"), None, [known("a")], POLICY)
    both = judge(looks(timezone="x"), None, [known("a"), known("b", timezone="y")], POLICY)

    assert alone[0].likelihood > 0.9
    assert [each.likelihood for each in both] == [pytest.approx(0.5, abs=0.01)] * 2
    assert math.isclose(sum(each.likelihood for each in both), 1.0, abs_tol=0.01)


def test_a_group_counts_by_what_is_most_like_the_visit() -> None:
    near, far = known("near"), replace(known("far", timezone="y"), group_id="group of near")
    [found] = judge(looks(), None, [far, near], POLICY)
    assert found.fingerprint == "near"


def test_a_browser_that_was_not_seen_for_long_is_no_candidate() -> None:
    old = replace(known(), look=replace(looks(), at=NOON - timedelta(days=91)))
    assert judge(looks(), None, [old], POLICY) == []


@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=2, unique=True))
def test_the_likelier_the_stronger_and_never_beyond_the_cap(likelihoods: list[float]) -> None:
    less, more = sorted(likelihoods)
    assert strength(less, POLICY) <= strength(more, POLICY) <= POLICY.fuzzy_cap
    assert (strength(more, POLICY) >= POLICY.fuzzy_base) == (more >= POLICY.fuzzy_min)


@given(st.permutations(["canvas", "fonts", "timezone", "screenResolution"]), st.integers(0, 4))
def test_more_agreement_never_lowers_a_likelihood_and_order_makes_no_difference(
    names: list[str], agreeing: int
) -> None:
    def likelihood(changed: list[str]) -> float:
        return judge(looks(**dict.fromkeys(changed, "changed")), None, [known()], POLICY)[0].likelihood

    assert likelihood(names[agreeing:]) <= likelihood(names[agreeing + 1 :])
    assert likelihood(names[agreeing:]) == likelihood(list(reversed(names[agreeing:])))


def test_the_example_of_the_page_is_what_the_code_computes() -> None:
    first = known()
    windows = replace(first, look=replace(first.look, os="Windows"))
    [found] = judge(replace(looks(timezone="x"), os="Windows"), None, [windows], POLICY)
    arithmetic = found.arithmetic(POLICY)
    odds = math.exp(sum(arithmetic.values()))

    assert found.likelihood == pytest.approx(odds / (1 + odds), abs=1e-4)
    page = " ".join((CHECKOUT / "docs" / "identity-resolution.md").read_text(encoding="utf-8").split())
    assert f"which adds {arithmetic['agreement']:.1f}; the time zone takes off {-arithmetic['change']}." in page
    assert f"that is {sum(arithmetic.values()):.1f}, a likelihood of {found.likelihood}:" in page


@pytest.mark.parametrize(
    "weight", ["canvas", "canvas 3", "canvas 3 four", "canvas nan 1", "canvas 3 -2.9 1", "canvas 300 1", ""]
)
def test_a_weight_that_is_none_is_refused(weight: str) -> None:
    with pytest.raises(ValueError, match=r"texts such as 'canvas 3\.0 -2\.9'"):
        POLICY.with_overrides({"fuzzy_weights": [weight]})


def test_a_tenants_own_weights_count_and_the_largest_make_a_number() -> None:
    own = POLICY.with_overrides({"fuzzy_weights": ["canvas 1 -1", "* 99 -99"]})
    [found] = judge(looks(), None, [known()], own)
    assert (found.likelihood, found.agreement) == (1.0, 99 * (len(looks().components) - 1) + 2)
    assert judge(looks(**dict.fromkeys(LAPTOP, "x")), None, [known()], own)[0].likelihood == 0.0
