"""The explorer as an analyst has it open, and a small story that pages told."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page, expect

from tests.browser.device import Shop
from tests.patience import wait_until
from tests.world import IPHONE, Answer, Api, Clock

HOME, WORK = "203.0.113.7", "198.51.100.9"
#: The colour of users in the picture, in daylight.
USER = (29, 78, 216)
#: Looks for the pixels of a colour in the picture, and returns their middle.
_PLACE_OF = """colour => {
  const picture = document.querySelector("#picture");
  const box = picture.getBoundingClientRect();
  for (const canvas of picture.querySelectorAll("canvas")) {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const { data, width } = copy.getImageData(0, 0, canvas.width, canvas.height);
    let count = 0, x = 0, y = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (colour.every((part, index) => data[at + index] === part) && data[at + 3] === 255) {
        count += 1;
        x += (at / 4) % width;
        y += Math.floor(at / 4 / width);
      }
    }
    if (count > 50) {
      return { x: box.x + x / count * box.width / width, y: box.y + y / count * box.height / canvas.height };
    }
  }
  return null;
}"""


@dataclass
class Told:
    """What happened: Anna on a laptop and on a phone, somebody at her home, and Ben elsewhere."""

    laptop: Answer
    again: Answer
    phone: Answer
    tablet: Answer
    ben: Answer


@dataclass
class Explorer:
    """The page, opened by an analyst."""

    page: Page
    origin: str
    secret_key: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, fragment: str = "") -> None:
        """Open the page, at a view if there is a fragment."""
        self.page.goto(f"{self.origin}/explore/{fragment}")

    def sign_in(self, key: str | None = None) -> None:
        self.page.get_by_label("Secret key").fill(key or self.secret_key)
        self.page.get_by_role("button", name="Sign in").click()

    def search(self, id_: str) -> None:
        self.page.get_by_role("textbox", name="Id or address").fill(id_)
        self.page.get_by_role("button", name="Search").click()

    def look_at(self, id_: str) -> None:
        """Open the page, sign in, search, and show the tables."""
        self.open()
        self.sign_in()
        self.search(id_)
        self.press("Table")
        expect(self.rows("Nodes").first).to_be_visible()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def rows(self, table: str, text: str | re.Pattern[str] = "") -> Locator:
        """The rows of a table that have a text."""
        region = self.page.get_by_role("region", name=re.compile(rf"^{table} \("))
        return region.locator("tbody tr").filter(has_text=text)

    def forgive(self) -> None:
        """Accept the console's reports of calls that were refused, after waiting for one."""
        wait_until(lambda: self.complaints, "no call was refused", pause=lambda: self.page.wait_for_timeout(20))
        assert [text for text in self.complaints if "the server responded with a status of" not in text] == []
        self.complaints.clear()

    def compare(self, *nodes: str) -> None:
        """Check the boxes of nodes, each named by its kind and its id."""
        for node in nodes:
            self.page.get_by_role("checkbox", name=f"Compare {node}").check()

    def place_of(self, colour: tuple[int, int, int]) -> tuple[float, float]:
        """Where in the window the picture has a node of a colour, once it is drawn."""
        found = self.page.wait_for_function(_PLACE_OF, arg=list(colour)).json_value()
        return found["x"], found["y"]

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("complementary", name="Why")

    def bound(self, percent: int) -> None:
        """Move the slider and let it go."""
        self.page.get_by_role("slider", name="Confidence from").fill(str(percent))


def tell(api: Api, clock: Clock) -> Told:
    """Let it happen."""
    laptop = api.init("laptop", address=HOME, page={"title": "Shop"})
    api.track(laptop, "search")
    clock.forward(days=2)
    again = api.init("laptop", address=HOME)
    api.track(again, "add_to_cart")
    phone = api.init("phone", address=WORK, agent=IPHONE)
    api.identify(again, "anna")
    api.identify(phone, "anna", agent=IPHONE)
    tablet = api.init("tablet", address=HOME)
    ben = api.init("office", address="192.0.2.55")
    api.identify(ben, "ben")
    return Told(laptop, again, phone, tablet, ben)


@contextmanager
def opened(shop: Shop) -> Iterator[Explorer]:
    """Let an analyst open the page. It asks nothing of other sites, and its console has no errors that are not expected."""
    context = shop.chromium.new_context(viewport={"width": 1280, "height": 900}, timezone_id="Europe/Berlin")
    page = context.new_page()
    explorer = Explorer(page, shop.origin, shop.keys.secret_key)
    page.on("request", lambda request: explorer.asked.append(request.url))
    page.on(
        "console",
        lambda message: explorer.complaints.append(message.text) if message.type in {"error", "warning"} else None,
    )
    page.on("pageerror", lambda error: explorer.complaints.append(str(error)))
    yield explorer
    context.close()
    assert [url for url in explorer.asked if not url.startswith((f"{shop.origin}/", "data:", "blob:"))] == []
    assert [url for url in explorer.asked if shop.keys.secret_key in url] == []
    assert explorer.complaints == []
