"""The explorer's views have no fault that axe-core finds, in light and in dark: https://github.com/dequelabs/axe-core."""

import re
import shutil
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import expect

from app import jobs, read_tokens
from app.config import CHECKOUT
from app.read_tokens import ReadToken
from graph.database import Database
from tests.browser.device import Shop
from tests.browser.explorer import Explorer, Told
from tests.browser.packages import npm
from tests.conftest import SECRET_KEY
from tests.world import Answer, Api, Clock


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, as explore/ pins it."""
    copy = tmp_path_factory.mktemp("axe")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(CHECKOUT / "explore" / name, copy)
    npm(copy, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    return (copy / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


def faults(explorer: Explorer, axe: str) -> list[str]:
    """What axe-core finds, each rule with the first element that breaks it."""
    explorer.page.evaluate(f"{axe};0")
    found = explorer.page.evaluate("() => axe.run()")
    return [f"{rule['id']}: {rule['nodes'][0]['html']}" for rule in found["violations"]]


@pytest.fixture
def clustered(told: Told, shop: Shop, database: Database, clock: Clock) -> Told:
    """What pages told, grouped."""
    jobs.run(database, shop.keys.tenant_id, "clusters", clock=clock, new_id=lambda: "000001")
    return told


@pytest.mark.usefixtures("clustered")
@pytest.mark.parametrize("width", [360, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_view_has_a_fault_that_axe_finds(explorer: Explorer, axe: str, scheme: str, width: int) -> None:
    page = explorer.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    seen: dict[str, list[str]] = {}
    explorer.open()
    seen["sign in"] = faults(explorer, axe)
    explorer.sign_in("sk_wrong key")
    expect(page.get_by_role("alert")).to_be_visible()
    seen["refused key"] = faults(explorer, axe)
    explorer.look_at("anna")
    page.get_by_role("button", name=re.compile("^Why: tenure .* probably tenure")).click()
    expect(explorer.panel).to_contain_text("Arithmetic")
    seen["graph and table"] = faults(explorer, axe)
    explorer.press("anna")
    explorer.panel.get_by_role("button", name="Hide…").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    seen["dialog"] = faults(explorer, axe)
    page.keyboard.press("Escape")
    explorer.press("Journey")
    expect(explorer.rows("Events")).not_to_have_count(0)
    seen["journey"] = faults(explorer, axe)
    explorer.press("Candidates")
    expect(page.get_by_text("No candidate is open at this confidence.")).to_be_visible()
    seen["candidates"] = faults(explorer, axe)
    explorer.press("Clusters")
    opening = page.get_by_role("button", name=re.compile("open cluster"))
    expect(opening).to_be_visible()
    seen["clusters"] = faults(explorer, axe)
    page.get_by_label("Of a user or visitor").fill("ses_1")
    explorer.press("Show")
    expect(page.get_by_role("alert")).to_be_visible()
    seen["wrong user or visitor"] = faults(explorer, axe)
    explorer.press("Show all")
    opening.click()
    expect(explorer.rows("Members")).not_to_have_count(0)
    seen["cluster"] = faults(explorer, axe)
    explorer.press("Overview")
    expect(page.get_by_role("heading", name="Latest warnings")).to_be_visible()
    seen["overview"] = faults(explorer, axe)
    explorer.press("What if")
    page.get_by_label("confidence_min", exact=True).fill("0.95")
    explorer.press("Preview")
    expect(explorer.rows("Visitors that would change")).to_have_count(1)
    seen["what if"] = faults(explorer, axe)
    explorer.search("nobody")
    expect(page.get_by_role("alert")).to_be_visible()
    seen["problem"] = faults(explorer, axe)
    explorer.forgive()
    assert {view: found for view, found in seen.items() if found} == {}


@pytest.mark.parametrize("width", [360, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_neither_a_candidate_nor_what_came_of_a_change_has_a_fault(
    explorer: Explorer,
    axe: str,
    *,
    candidate: Callable[[], tuple[Answer, Answer]],
    app: Flask,
    shop: Shop,
    scheme: str,
    width: int,
) -> None:
    laptop, phone = (each["visitorId"] for each in candidate())
    page = explorer.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    seen: dict[str, list[str]] = {}
    explorer.open("#view=candidates")
    explorer.sign_in()
    page.get_by_text("Arithmetic").click()
    seen["candidate"] = faults(explorer, axe)
    page.get_by_role("button", name="Accept visitor").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("she told us")
    dialog.get_by_role("button", name="Accept").click()
    undo = page.get_by_role("button", name="Undo…")
    expect(undo).to_be_visible()
    seen["outcome"] = faults(explorer, axe)
    # Somebody else undoes it first.
    api = Api(app, shop.keys)
    [merged] = {laptop, phone} - {api.get("visitors", laptop)["visitorId"]}
    api.change("visitors", merged, "split")
    undo.click()
    dialog.get_by_role("button", name="Split").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    seen["refusal"] = faults(explorer, axe)
    explorer.forgive()
    assert {what: found for what, found in seen.items() if found} == {}


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_a_link_shows_has_no_fault(explorer: Explorer, axe: str, clock: Clock, shop: Shop, scheme: str) -> None:
    page = explorer.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": 360, "height": 900})
    token = ReadToken(shop.keys.tenant_id, "lnk_1", clock() + timedelta(minutes=15), clock())
    explorer.open(f"#token={read_tokens.issue(token, [SECRET_KEY])}&id=anna")
    explorer.press("Table")
    explorer.press("anna")
    explorer.panel.get_by_role("button", name="Hide…").click()
    expect(page.get_by_role("alert")).to_contain_text("A link only reads.")
    assert faults(explorer, axe) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") == 360


@pytest.mark.usefixtures("clustered")
def test_nothing_is_wider_than_a_very_wide_window(explorer: Explorer) -> None:
    page = explorer.page
    page.set_viewport_size({"width": 3840, "height": 2160})
    explorer.look_at("anna")
    widths = {}
    for view in ("Graph", "Journey", "Candidates", "Clusters", "Overview", "What if"):
        explorer.press(view)
        expect(page.locator("#status")).not_to_have_text("Loading…")
        expect(page.get_by_role("region", name=view, exact=True)).to_be_visible()
        widths[view] = page.evaluate("() => document.documentElement.scrollWidth")
    assert set(widths.values()) == {3840}, widths
