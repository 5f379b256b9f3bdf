"""Changes that an analyst makes in the explorer: each with a reason, and with a way back where there is one."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Locator, Route, expect

from tests.browser.device import Shop
from tests.browser.explorer import HOME, Explorer, Told
from tests.patience import wait_until
from tests.world import IPHONE, Answer, Api, Clock


@pytest.fixture
def api(app: Flask, shop: Shop) -> Api:
    return Api(app, shop.keys)


def dialog(explorer: Explorer) -> Locator:
    return explorer.page.get_by_role("dialog")


def outcome(explorer: Explorer) -> Locator:
    return explorer.page.locator("#outcome")


def do(explorer: Explorer, name: str, reason: str | None = None) -> None:
    """Type a reason into the dialog, unless it has one, and confirm."""
    if reason is not None:
        dialog(explorer).get_by_role("textbox").fill(reason)
    dialog(explorer).get_by_role("button", name=name, exact=True).click()


def reasons(api: Api, about: str, act: str) -> list[str | None]:
    return [entry["reason"] for entry in api.pages("audit", about=about) if entry["act"] == act]


def test_two_visitors_are_merged_and_split_again_with_the_keyboard(explorer: Explorer, told: Told, api: Api) -> None:
    explorer.look_at("anna")
    laptop, phone = told.laptop["visitorId"], told.phone["visitorId"]
    explorer.compare(f"visitor {laptop}", f"visitor {phone}")
    merge = explorer.panel.get_by_role("button", name="Merge…")
    keyboard = explorer.page.keyboard
    merge.focus()
    keyboard.press("Enter")
    expect(dialog(explorer)).to_have_accessible_name("Merge two visitors")
    reason = dialog(explorer).get_by_role("textbox", name="Why?")
    expect(reason).to_be_focused()
    keyboard.press("Escape")
    expect(dialog(explorer)).to_have_count(0)
    expect(merge).to_be_focused()

    keyboard.press("Enter")
    do(explorer, "Merge")
    expect(reason).to_be_focused()
    keyboard.press("Shift+Tab")
    expect(dialog(explorer).get_by_role("radio", checked=True)).to_be_focused()
    expect(dialog(explorer)).to_contain_text(f"Visitor vis_…{laptop[-6:]} counts as visitor vis_…{phone[-6:]}")
    keyboard.press("ArrowDown")
    expect(dialog(explorer)).to_contain_text(f"Visitor vis_…{phone[-6:]} counts as visitor vis_…{laptop[-6:]}")
    keyboard.press("Tab")
    keyboard.type("one machine")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(outcome(explorer)).to_contain_text(f"Visitor vis_…{phone[-6:]} was merged into vis_…{laptop[-6:]}.")
    expect(outcome(explorer).get_by_role("group")).to_be_focused()
    expect(explorer.rows("Edges", "merged into")).to_have_count(1)
    assert api.get("visitors", phone)["visitorId"] == laptop
    assert reasons(api, f"visitor:{laptop}", "merge") == ["one machine"]

    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(dialog(explorer)).to_contain_text("From then on no evidence joins the two.")
    expect(reason).to_have_value("Undo")
    do(explorer, "Split", "it was another machine")
    expect(outcome(explorer)).to_contain_text("is a visitor of its own again.")
    expect(explorer.rows("Edges", "merged into")).to_have_count(0)
    assert reasons(api, f"visitor:{phone}", "split") == ["it was another machine"]
    explorer.press("Dismiss")
    expect(outcome(explorer)).to_be_empty()


def test_visitors_of_different_users_are_merged_only_by_force(explorer: Explorer, told: Told, api: Api) -> None:
    other = api.init("kiosk", address=HOME)
    api.identify(other, "kim", address=HOME)
    explorer.look_at("anna")
    explorer.page.get_by_label("Depth").select_option("3")
    explorer.compare(f"visitor {told.laptop['visitorId']}", f"visitor {other['visitorId']}")
    explorer.press("Merge…")
    do(explorer, "Merge", "one browser")
    expect(dialog(explorer).get_by_role("alert")).to_contain_text("The two are different users'")
    explorer.forgive()
    expect(dialog(explorer)).to_contain_text("Each user keeps what they did")
    do(explorer, "Merge all the same")
    expect(outcome(explorer)).to_contain_text("was merged into")
    assert api.get("visitors", told.laptop["visitorId"])["visitorId"] == other["visitorId"]


def test_a_change_whose_answer_was_lost_is_made_once(explorer: Explorer, told: Told, api: Api) -> None:
    explorer.look_at("anna")
    explorer.press("anna")
    explorer.panel.get_by_role("button", name="Hide…").click()
    page = explorer.page

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/visibility*", lose)
    do(explorer, "Hide", "she asked")
    expect(dialog(explorer).get_by_role("alert")).to_contain_text("The service does not answer.")
    wait_until(lambda: explorer.complaints, "no call failed", pause=lambda: page.wait_for_timeout(20))
    explorer.complaints.clear()
    page.unroute_all()
    do(explorer, "Hide")
    expect(outcome(explorer)).to_contain_text("User anna is hidden now.")
    explorer.forgive()
    assert len(reasons(api, "user:anna", "visibility")) == 1


def test_a_hidden_user_is_shown_again(explorer: Explorer, told: Told, api: Api) -> None:
    explorer.look_at("anna")
    explorer.press("anna")
    explorer.panel.get_by_role("button", name="Hide…").click()
    do(explorer, "Hide", "she asked")
    expect(outcome(explorer)).to_contain_text("User anna is hidden now.")
    alert = explorer.page.get_by_role("alert")
    expect(alert).to_contain_text("There is no such user.")
    assert told.phone["visitorId"] not in explorer.page.content()
    explorer.press("Undo…")
    do(explorer, "Show")
    expect(outcome(explorer)).to_contain_text("User anna is shown now.")
    expect(explorer.rows("Nodes", told.phone["visitorId"])).to_have_count(1)
    explorer.forgive()

    # Days later there is no Undo.
    api.put("users", "anna", "visibility", visible=False)
    explorer.search("anna")
    explorer.press("Show a hidden user…")
    do(explorer, "Show", "it was a mistake")
    expect(explorer.rows("Nodes", told.phone["visitorId"])).to_have_count(1)
    assert reasons(api, "user:anna", "visibility") == ["it was a mistake", None, "Undo", "she asked"]
    explorer.forgive()


def test_only_who_was_searched_for_is_offered_to_be_shown(explorer: Explorer, told: Told, api: Api) -> None:
    api.identify(told.phone, "ms-a", agent=IPHONE)
    explorer.look_at("anna")
    api.put("users", "ms-a", "visibility", visible=False)
    explorer.press("Expand user ms-a")
    expect(explorer.page.get_by_role("alert")).to_contain_text("There is no such user.")
    expect(explorer.page.get_by_role("button", name="Show a hidden user…")).to_have_count(0)
    explorer.forgive()


def test_who_was_hidden_already_is_not_offered_to_be_shown_as_an_undo(explorer: Explorer, told: Told, api: Api) -> None:
    explorer.look_at("anna")
    explorer.press("anna")
    api.put("users", "anna", "visibility", visible=False)
    explorer.panel.get_by_role("button", name="Hide…").click()
    do(explorer, "Hide", "she asked")
    expect(outcome(explorer)).to_contain_text("User anna was hidden before. Nothing was changed.")
    expect(outcome(explorer).get_by_role("button", name="Undo…")).to_have_count(0)
    expect(explorer.page.get_by_role("alert")).to_be_visible()
    explorer.forgive()


def test_who_used_a_visitor_is_hidden_and_shown(explorer: Explorer, told: Told, api: Api) -> None:
    phone = told.phone["visitorId"]
    explorer.look_at("anna")
    explorer.page.get_by_role(
        "button", name=re.compile(f"^Why: visitor .*{phone[-6:]} identified as user anna")
    ).click()
    # Its question of why would find nobody once the user is hidden.
    expect(explorer.panel.get_by_text("Asking…")).to_have_count(0)
    explorer.panel.get_by_role("button", name="Hide…").click()
    do(explorer, "Hide", "her sister's")
    expect(outcome(explorer)).to_contain_text(f"That user anna used visitor vis_…{phone[-6:]} is hidden now.")
    expect(explorer.rows("Nodes", phone)).to_have_count(0)
    expect(explorer.panel).to_contain_text("Choose an edge")
    assert api.get("users", "anna")["visitors"] == 1
    explorer.press("Undo…")
    do(explorer, "Show")
    expect(explorer.rows("Nodes", phone)).to_have_count(1)


def test_a_jar_is_taken_out_and_merged_back(explorer: Explorer, told: Told, api: Api) -> None:
    explorer.look_at("anna")
    laptop = told.laptop["visitorId"]
    jar = api.get("sessions", told.again["sessionId"])["jarId"]
    explorer.press(jar)
    explorer.panel.get_by_role("button", name="Take the jar out…").click()
    do(explorer, "Take out", "her brother's profile")
    expect(outcome(explorer)).to_contain_text("What was taken out is visitor vis_…")
    split_off = api.get("sessions", told.again["sessionId"])["visitorId"]
    assert split_off != laptop
    explorer.press("Undo…")
    do(explorer, "Merge")
    expect(outcome(explorer)).to_contain_text(f"Visitor vis_…{split_off[-6:]} was merged into")
    assert api.get("visitors", split_off)["visitorId"] == laptop

    # The phone has one jar.
    explorer.press(api.get("sessions", told.phone["sessionId"])["jarId"])
    explorer.panel.get_by_role("button", name="Take the jar out…").click()
    do(explorer, "Take out", "a try")
    expect(dialog(explorer).get_by_role("alert")).to_contain_text("nothing_to_split")
    explorer.forgive()
    dialog(explorer).get_by_role("button", name="Cancel").click()


def test_a_tenure_is_untied_for_good(explorer: Explorer, told: Told, api: Api) -> None:
    explorer.look_at("anna")
    explorer.page.get_by_role("button", name=re.compile("^Why: tenure .* tied to")).click()
    explorer.panel.get_by_role("button", name="Untie…").click()
    expect(dialog(explorer)).to_contain_text("This cannot be undone.")
    do(explorer, "Untie", "a guest")
    expect(outcome(explorer)).to_contain_text("This cannot be undone.")
    expect(outcome(explorer).get_by_role("button", name="Undo…")).to_have_count(0)
    expect(explorer.rows("Edges", "tied to")).to_have_count(0)
    assert api.get("sessions", told.laptop["sessionId"])["userId"] is None


def test_two_users_are_linked_and_apart_again(explorer: Explorer, told: Told, api: Api) -> None:
    api.identify(told.phone, "ms-a", agent=IPHONE)
    explorer.look_at("anna")
    explorer.compare("user anna", "user ms-a")
    explorer.press("Link…")
    do(explorer, "Link", "she told us")
    expect(outcome(explorer)).to_contain_text("Users anna and ms-a are linked now.")
    expect(explorer.rows("Edges", "linked to")).to_have_count(1)
    explorer.press("Undo…")
    # The reason of a DELETE stands in the address.
    expect(dialog(explorer)).to_contain_text("At most 500 characters.")
    expect(dialog(explorer).get_by_role("textbox")).to_have_attribute("maxlength", "500")
    do(explorer, "Undo the link", "é" * 500)
    expect(explorer.rows("Edges", "linked to")).to_have_count(0)
    assert api.get("users", "anna")["linkedUserIds"] == []


def test_a_candidate_is_accepted_and_the_merge_undone(
    explorer: Explorer, api: Api, candidate: Callable[[], tuple[Answer, Answer]]
) -> None:
    laptop, phone = candidate()
    explorer.open("#view=candidates")
    explorer.sign_in()
    page = explorer.page
    expect(page.get_by_text("1 candidate.")).to_be_visible()
    expect(
        page.get_by_text("Both were at 203.0.113.20 on 3 days, in 3 hours of these; nobody else was there.")
    ).to_be_visible()
    explorer.bound(95)
    expect(page.get_by_text("No candidate is open at this confidence.")).to_be_visible()
    explorer.bound(50)
    page.get_by_role("button", name="Accept visitor").click()
    do(explorer, "Accept", "she told us")
    expect(outcome(explorer)).to_contain_text(re.compile("Visitor vis_….* was merged into"))
    expect(page.get_by_text("No candidate is open at this confidence.")).to_be_visible()
    assert len({api.get("visitors", each["visitorId"])["visitorId"] for each in (laptop, phone)}) == 1
    page.get_by_label("State").select_option("accepted")
    expect(page.get_by_text("1 candidate.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"#view=candidates&state=accepted$"))
    explorer.press("Undo…")
    do(explorer, "Split")
    expect(outcome(explorer)).to_contain_text("is a visitor of its own again.")
    assert len({api.get("visitors", each["visitorId"])["visitorId"] for each in (laptop, phone)}) == 2


def test_a_candidate_of_two_that_were_merged_meanwhile_has_no_undo(
    explorer: Explorer, api: Api, candidate: Callable[[], tuple[Answer, Answer]]
) -> None:
    laptop, phone = (each["visitorId"] for each in candidate())
    explorer.open("#view=candidates")
    explorer.sign_in()
    accept = explorer.page.get_by_role("button", name="Accept visitor")
    expect(accept).to_be_visible()
    api.change("visitors", laptop, "merge", into=phone)
    accept.click()
    do(explorer, "Accept", "she told us")
    expect(outcome(explorer)).to_contain_text("The two were merged or linked before.")
    expect(outcome(explorer).get_by_role("button", name="Undo…")).to_have_count(0)
    assert api.get("visitors", laptop)["visitorId"] == phone


def test_a_candidate_of_two_nodes_is_refused_for_good(
    explorer: Explorer, api: Api, candidate: Callable[[], tuple[Answer, Answer]]
) -> None:
    laptop, phone = candidate()
    explorer.look_at(laptop["visitorId"])
    explorer.page.get_by_label("Depth").select_option("3")
    explorer.compare(f"visitor {laptop['visitorId']}", f"visitor {phone['visitorId']}")
    explorer.panel.get_by_role("button", name="Candidates of the two").click()
    explorer.panel.get_by_role("button", name="Refuse visitor").click()
    expect(dialog(explorer)).to_contain_text("A refusal cannot be taken back.")
    do(explorer, "Refuse", "her brother's")
    expect(outcome(explorer)).to_contain_text("This cannot be taken back")
    expect(outcome(explorer).get_by_role("button", name="Undo…")).to_have_count(0)
    [refused] = api.pages("candidates", state="refused")
    assert refused["visitorIds"] == sorted([laptop["visitorId"], phone["visitorId"]])
    explorer.panel.get_by_role("button", name="Candidates of the two").click()
    expect(explorer.panel).to_contain_text("No open candidate is about them.")


def test_the_past_cannot_be_changed(explorer: Explorer, told: Told, clock: Clock) -> None:
    explorer.open(f"#id=anna&at={clock.forward(minutes=1):%Y-%m-%dT%H:%M:%SZ}")
    explorer.sign_in()
    explorer.press("Table")
    explorer.press(told.phone["visitorId"])
    expect(explorer.panel.get_by_role("button", name="Expand visitor")).to_be_visible()
    explorer.press("anna")
    expect(explorer.panel.get_by_role("button", name="Hide…")).to_have_count(0)
    explorer.press("Now")
    expect(explorer.panel.get_by_role("button", name="Hide…")).to_be_visible()
