"""Neo4j Browser, as the embedded server brings it along: where an analyst looks at the graph."""

from collections.abc import Iterator

import neo4j
import pytest
from playwright.sync_api import Browser, expect

from tests.neo4j_server import Server, embedded_server


@pytest.fixture
def with_browser(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The tests' own server where it is an embedded one, else an embedded one beside it."""
    if server.browser_url is not None:
        yield server
    else:
        with embedded_server(tmp_path_factory.mktemp("neo4j")) as running:
            yield running


def test_an_analyst_opens_neo4j_browser_and_sees_the_graph(with_browser: Server, chromium: Browser) -> None:
    with neo4j.GraphDatabase.driver(with_browser.uri, auth=(with_browser.user, with_browser.password)) as driver:
        driver.execute_query("MERGE (:Probe {name: 'seen in Neo4j Browser'})")
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    # It asks another site for fonts and does without them.
    context.route(lambda url: "127.0.0.1" not in url, lambda route: route.abort())
    page = context.new_page()
    assert with_browser.browser_url is not None
    page.goto(with_browser.browser_url)

    page.get_by_test_id("username").fill(with_browser.user)
    page.get_by_test_id("password").fill(with_browser.password)
    page.get_by_test_id("connect").click()
    expect(page.get_by_text(f"You are connected as user {with_browser.user}")).to_be_visible(timeout=30_000)

    page.locator("#monaco-main-editor").click()
    page.keyboard.insert_text("MATCH (probe:Probe) RETURN probe.name AS name")
    page.keyboard.press("Control+Enter")
    newest = page.get_by_test_id("frame").first
    expect(newest).to_contain_text("seen in Neo4j Browser", timeout=30_000)

    page.locator("#monaco-main-editor").click()
    page.keyboard.insert_text("MATCH (probe:Probe) DETACH DELETE probe RETURN count(*) AS removed")
    page.keyboard.press("Control+Enter")
    expect(newest).to_contain_text("Deleted 1 node", timeout=30_000)
    context.close()
