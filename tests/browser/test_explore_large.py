"""An identity of 5,000 nodes in the explorer: all are drawn, the slider hides, and a click explains."""

import re

from flask import Flask
from playwright.sync_api import expect

from tests.browser.device import Shop
from tests.browser.explorer import Explorer
from tests.world import Api, Graph

#: More devices like the one that logged in. Two of five are the user's only by a tie of 60 %.
MORE_DEVICES = """
    MATCH (user:User)<-[claimed:RESOLVES_TO]-(first:Tenure)<-[:DURING]-(visit:Session)
    UNWIND range(1, $count) AS number
    WITH *, toString(number) AS name
    CREATE
      (visitor:Visitor {tenant: $tenant, visitor_id: 'vis_' + name, root_id: 'vis_' + name, kind: 'browser'}),
      (jar:Jar {tenant: $tenant, jar_id: 'jar_' + name, kind: 'browser', created_at: first.since}),
      (tenure:Tenure:Identity {
        tenant: $tenant,
        identity_id: 'ten_' + name,
        since: first.since,
        first_seen: first.first_seen,
        last_seen: first.first_seen,
        sessions: 1,
        events: 0
      }),
      (session:Session),
      (fingerprint:Fingerprint {tenant: $tenant, hash: 'print ' + name}),
      (session)-[:DURING]->(tenure)-[:ON]->(jar),
      (jar)-[:IN {method: 'new', confidence: 1.0, since: first.since}]->(visitor),
      (visitor)-[:HAS_FINGERPRINT {first_seen: first.first_seen, last_seen: first.first_seen, weight: 1.0, count: 1}]->(fingerprint)
    SET session = visit {.*, session_id: 'ses_' + name}
    FOREACH (_ IN CASE WHEN number % 5 > 1 THEN [1] ELSE [] END |
      CREATE (tenure)-[resolves:RESOLVES_TO]->(user)
      SET resolves = properties(claimed)
    )
    FOREACH (_ IN CASE WHEN number % 5 > 1 THEN [] ELSE [1] END |
      CREATE (tenure)-[:TIED_TO {method: 'fingerprint', confidence: 0.6, since: first.since}]->(first)
    )
"""
DEVICES = 1000
#: Of each device: its visitor, jar, tenure, session and fingerprint.
PER_DEVICE = 5
TIED = 399


def test_five_thousand_nodes_are_drawn_hidden_and_explained(
    explorer: Explorer, shop: Shop, app: Flask, graph: Graph
) -> None:
    api = Api(app, shop.keys)
    api.identify(api.init("laptop"), "anna")
    graph.rows(MORE_DEVICES, tenant=shop.keys.tenant_id, count=DEVICES - 1)
    explorer.open("#id=anna")
    explorer.sign_in()
    page = explorer.page
    # Beside the devices there are the user and the address of the first device.
    nodes = PER_DEVICE * DEVICES + 2
    picture = page.get_by_role("img", name=re.compile(rf"^Picture of the graph: {nodes} nodes and "))
    expect(picture.locator("canvas")).to_have_count(3)

    # The address is less sure than 70 %, too.
    gone = PER_DEVICE * TIED + 1
    hidden = page.get_by_text(f"Hidden below 70 %: {gone} nodes and {gone} edges.")
    explorer.bound(70)
    expect(hidden).to_be_visible()
    explorer.bound(50)
    expect(hidden).to_have_count(0)

    explorer.press("Table")
    expect(page.get_by_text("The first 500 of each are listed.")).to_be_visible()
    expect(explorer.rows("Nodes")).to_have_count(500)
    page.get_by_role("button", name="anna", exact=True).click()
    expect(explorer.panel.get_by_role("heading", name="User")).to_be_visible()
    explorer.press("List all")
    expect(explorer.rows("Nodes")).to_have_count(nodes)
