"""The explorer's "What if": numbers of the policy to try, the visitors that would change, and applying them with Undo."""

import re

import pytest
from playwright.sync_api import Locator, expect

from app import key_ring
from tests.browser.explorer import Explorer, Told


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service goes by each change of the policy at once."""
    monkeypatch.setattr(key_ring, "KNOWN_SECONDS", 0.0)


def figure(explorer: Explorer, name: str) -> Locator:
    region = explorer.page.get_by_role("region", name="What if", exact=True)
    return region.locator(".figures > div").filter(has_text=re.compile(f"^{name}")).locator("dd")


def test_numbers_are_tried_applied_and_taken_back(explorer: Explorer, told: Told) -> None:
    page = explorer.page
    explorer.open()
    explorer.sign_in()
    explorer.press("What if")
    expect(page).to_have_title("What if · Whograph explorer")
    bound = page.get_by_label("confidence_min", exact=True)
    expect(bound).to_have_value("0.5")
    expect(bound).to_have_accessible_description(
        "Now 0.5; from 0 to 1. Confidence that reads demand, unless they name another."
    )
    bound.fill("0.95")
    explorer.press("Preview")
    expect(page.get_by_text("Looked at 4 of 4 visitors.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"#view=what-if&set=confidence_min%3A0\.95$"))
    expect(figure(explorer, "join a person")).to_have_text("0")
    parted = explorer.rows("Visitors that would change")
    expect(figure(explorer, "leave a person")).to_have_text("1")
    expect(parted).to_have_count(1)
    expect(parted.get_by_role("button", name=f"graph of visitor {told.tablet['visitorId']}").first).to_be_visible()
    expect(parted.get_by_role("button", name="anna: graph of user anna")).to_be_visible()

    # The address keeps the fields: back from the graph, they are there again.
    parted.get_by_role("button", name="anna: graph of user anna").click()
    expect(page.get_by_role("region", name="Graph", exact=True)).to_be_visible()
    page.go_back()
    expect(bound).to_have_value("0.95")
    expect(figure(explorer, "leave a person")).to_have_text("1")

    explorer.press("Apply…")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("confidence_min = 0.95")
    dialog.get_by_role("textbox").fill("too many strangers")
    dialog.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("The policy was changed: confidence_min = 0.95.")).to_be_visible()
    expect(page.get_by_text("Now 0.95, by default 0.5; from 0 to 1.")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("These numbers are in force.")

    explorer.press("Undo…")
    expect(dialog).to_contain_text("confidence_min = its default")
    dialog.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Now 0.5; from 0 to 1.", exact=False)).to_be_visible()


@pytest.mark.usefixtures("told")
def test_another_field_is_added_and_a_number_out_of_range_is_not_sent(explorer: Explorer) -> None:
    page = explorer.page
    explorer.open("#view=what-if")
    explorer.sign_in()
    page.get_by_label("Another field").select_option("propagation_hops")
    explorer.press("Add the field")
    hops = page.get_by_label("propagation_hops", exact=True)
    expect(hops).to_be_focused()
    expect(page.get_by_label("Another field").locator("option[value=propagation_hops]")).to_have_count(0)
    # What deletes data is for commands.
    expect(page.get_by_label("Another field").locator("option[value=event_retention_days]")).to_have_count(0)
    hops.fill("11")
    explorer.press("Preview")
    expect(hops).to_be_focused()
    assert [url for url in explorer.asked if "/policy/preview" in url] == []
    hops.fill("1.5")
    explorer.press("Preview")
    expect(page.get_by_role("alert")).to_contain_text("propagation_hops is a int, not 1.5")
    explorer.forgive()
    explorer.press("As it is now")
    expect(hops).to_have_value("2")
    expect(page.get_by_role("alert")).to_have_count(0)
