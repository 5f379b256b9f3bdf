"""An analyst looks at the graph in Neo4j Browser, which the embedded server serves."""

from collections.abc import Iterator
from datetime import timedelta

import neo4j
import pytest
from playwright.sync_api import Browser, expect

import migrations
from graph.acts import analytics, clusters, init, link, track
from graph.database import Database
from graph.queries import CYPHER
from graph.store import analysis
from tests import given
from tests.browser.analyst import Analyst
from tests.neo4j_server import Server, embedded_server
from tests.patience import PATIENCE_SECONDS
from tests.world import Graph


@pytest.fixture
def with_browser(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server of the tests if it is an embedded one; else start an embedded one beside it."""
    if server.browser_url is not None:
        yield server
    else:
        with embedded_server(tmp_path_factory.mktemp("neo4j")) as running:
            yield running


def test_an_analyst_opens_neo4j_browser_and_sees_the_graph(with_browser: Server, chromium: Browser) -> None:
    with neo4j.GraphDatabase.driver(with_browser.uri, auth=(with_browser.user, with_browser.password)) as driver:
        driver.execute_query("MERGE (:Probe {name: 'seen in Neo4j Browser'})")
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    # Neo4j Browser loads fonts from another site, and works without them.
    context.route(lambda url: "127.0.0.1" not in url, lambda route: route.abort())
    page = context.new_page()
    assert with_browser.browser_url is not None
    page.goto(with_browser.browser_url)

    page.get_by_test_id("username").fill(with_browser.user)
    page.get_by_test_id("password").fill(with_browser.password)
    page.get_by_test_id("connect").click()
    expect(page.get_by_text(f"You are connected as user {with_browser.user}")).to_be_visible()

    page.locator("#monaco-main-editor").click()
    page.keyboard.insert_text("MATCH (probe:Probe) RETURN probe.name AS name")
    page.keyboard.press("Control+Enter")
    newest = page.get_by_test_id("frame").first
    expect(newest).to_contain_text("seen in Neo4j Browser")

    page.locator("#monaco-main-editor").click()
    page.keyboard.insert_text("MATCH (probe:Probe) DETACH DELETE probe RETURN count(*) AS removed")
    page.keyboard.press("Control+Enter")
    expect(newest).to_contain_text("Deleted 1 node")
    context.close()


@pytest.fixture
def with_a_story(with_browser: Server) -> Iterator[Server]:
    """A server whose graph has two users on one laptop, which came back, and on another one two linked users."""
    database = Database.connect(with_browser.uri, with_browser.user, with_browser.password).of("demo")
    with neo4j.GraphDatabase.driver(with_browser.uri, auth=(with_browser.user, with_browser.password)) as driver:
        migrations.migrate(database)
        Graph(driver).empty()
        visit = given.visit(fingerprint="laptop", address="203.0.113.8")
        database.write_within(PATIENCE_SECONDS, init.act, [visit])
        event = given.event(visit.arrival.ids.session, name="buy")
        database.write_within(PATIENCE_SECONDS, track.act, [event])
        for minutes, user in enumerate(("anna", "ben"), 1):
            login = given.login(visit.arrival.ids.session, user, at=given.NOON + timedelta(minutes=minutes))
            database.write_within(PATIENCE_SECONDS, given.log_in, login)
        again = given.visit(jar=visit.jar_id, at=given.NOON + timedelta(days=1))
        database.write_within(PATIENCE_SECONDS, init.act, [again])
        other = given.visit(fingerprint="other laptop")
        database.write_within(PATIENCE_SECONDS, init.act, [other])
        for minutes, user in enumerate(("dee", "dee@work"), 1):
            login = given.login(other.arrival.ids.session, user, at=given.NOON + timedelta(minutes=minutes))
            database.write_within(PATIENCE_SECONDS, given.log_in, login)
        accounts = link.LinkUsers("dee@work", "dee", **given.by_whom(given.NOON + timedelta(hours=1)))
        database.write_within(PATIENCE_SECONDS, link.act, accounts)
        clusters.act(database, given.POLICY, given.NOON + timedelta(hours=1))
        analytics.act(database, given.POLICY, given.NOON + timedelta(hours=1))
        yield with_browser
        Graph(driver).empty()
    database.close()


def test_an_analyst_drops_the_style_sheet_and_pastes_each_analysis_unchanged(
    with_a_story: Server, chromium: Browser
) -> None:
    assert with_a_story.browser_url is not None
    analyst = Analyst.sit_down(
        chromium, with_a_story.browser_url, user=with_a_story.user, password=with_a_story.password
    )

    analyst.drop(CYPHER / "analysis" / "whograph.grass")
    shown = analyst.page.get_by_test_id("frame").first
    expect(shown).to_contain_text("relationship.PROBABLY")

    # `weakest_links` finds nothing here: the graph has no weak links.
    for name in sorted(set(analysis.names()) - {"weakest_links"}):
        asked = analysis.find(name)
        expect(analyst.paste(asked.paste)).to_contain_text('"tenant": "demo"')
        frame = analyst.paste(asked.text)
        if asked.columns == ("way",):
            drawn = "LINKED_TO (" if name == "explanation_picture" else "RESOLVES_TO ("
            expect(frame.get_by_text(drawn, exact=False)).to_be_visible()
        else:
            expect(frame).to_contain_text("Started streaming")
            expect(frame).to_contain_text(asked.columns[0])
    analyst.leave()
