"""The page at `/` leads to all others."""

import re

from tests.world import Api


def test_the_first_page_says_what_this_is_and_leads_on(api: Api) -> None:
    client = api.app.test_client()
    page = client.get("/")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "says who a visitor is" in page.text
    links = re.findall(r'<a href="([^"]+)"', page.text)
    assert "/docs/" in links
    assert {client.get(link).status_code for link in links} == {200}
