"""What an analyst does in Neo4j Browser, which the embedded server serves."""

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page

_FILE = """([name, text]) => {
  const files = new DataTransfer();
  files.items.add(new File([text], name, { type: "text/plain" }));
  return files;
}"""


@dataclass
class Analyst:
    """An analyst at Neo4j Browser, which is open and connected."""

    page: Page

    @classmethod
    def sit_down(cls, chromium: Browser, url: str, *, user: str, password: str) -> "Analyst":
        """Open Neo4j Browser in a window of its own and connect."""
        context = chromium.new_context(
            viewport={"width": 1280, "height": 860}, permissions=["clipboard-read", "clipboard-write"]
        )
        # Neo4j Browser loads fonts from another site, and works without them.
        context.route(lambda url: "127.0.0.1" not in url, lambda route: route.abort())
        page = context.new_page()
        page.goto(url)
        page.get_by_test_id("username").fill(user)
        page.get_by_test_id("password").fill(password)
        page.get_by_test_id("connect").click()
        page.get_by_text(f"You are connected as user {user}").wait_for()
        return cls(page)

    def drop(self, file: Path) -> None:
        """Drag a file onto the page and drop it."""
        files = self.page.evaluate_handle(_FILE, [file.name, file.read_text(encoding="utf-8")])
        for event in ("dragenter", "dragover", "drop"):
            self.page.dispatch_event("#monaco-main-editor", event, {"dataTransfer": files})

    def paste(self, text: str) -> Locator:
        """Paste a text into the editor and run it; return the frame of the result."""
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        self.page.locator("#monaco-main-editor").click()
        # The editor takes 8 s for the longest text if it is typed.
        self.page.keyboard.press("Control+v")
        self.page.keyboard.press("Control+Enter")
        return self.page.get_by_test_id("frame").first

    def leave(self) -> None:
        self.page.context.close()
