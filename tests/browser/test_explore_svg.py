"""The picture of the graph as an SVG document, which browsers and drawing programs open."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

from flask import Flask
from playwright.sync_api import expect

from tests.browser.device import Shop
from tests.browser.explorer import USER, Explorer, Told
from tests.world import Api

SVG = "{http://www.w3.org/2000/svg}"
DARK_GROUND, DARK_USER = "#12181b", "rgb(96,165,250)"


def save(explorer: Explorer, ending: str, path: Path) -> str:
    """Save what is shown, and return its text."""
    with explorer.page.expect_download() as saved:
        explorer.press(f"Save {ending}")
    saved.value.save_as(path)
    return path.read_text(encoding="utf-8")


def parts(svg: ET.Element, kind: str) -> list[ET.Element]:
    return svg.findall(f"{SVG}g[@class='{kind}']")


def titles(svg: ET.Element, kind: str) -> set[str | None]:
    return {part.findtext(f"{SVG}title") for part in parts(svg, kind)}


def test_the_picture_is_saved_as_svg_with_all_that_it_shows(
    explorer: Explorer, told: Told, shop: Shop, tmp_path: Path
) -> None:
    explorer.look_at("anna")
    path = tmp_path / "picture.svg"
    svg = ET.fromstring(save(explorer, "SVG", path))  # noqa: S314 - our own document
    graph = json.loads(save(explorer, "JSON", tmp_path / "graph.json"))
    assert titles(svg, "node") == {node["id"] for node in graph["nodes"]}
    assert titles(svg, "edge") == {f"{edge['source']} {edge['kind']} {edge['target']}" for edge in graph["edges"]}
    texts = [text.text for text in svg.findall(f"{SVG}text")]
    unsure = [edge for edge in graph["edges"] if edge["confidence"] < 1]
    assert len(texts) == len(graph["nodes"]) + len(unsure)
    assert {"anna", "60 %"} <= set(texts)
    dashed = svg.findall(f"{SVG}g/{SVG}path[@stroke-dasharray]")
    assert len(dashed) == len([edge for edge in graph["edges"] if edge["kind"] == "probably"])

    page = shop.chromium.new_page()
    page.goto(path.as_uri())
    user = page.locator(f"g.node circle[fill='rgb({','.join(map(str, USER))})']")
    expect(user).to_have_count(1)
    box = user.bounding_box()
    assert box is not None
    assert box["width"] > 0
    expect(page.locator("g.node")).to_have_count(len(graph["nodes"]))
    inside = page.evaluate(
        """() => {
          const { width, height } = document.documentElement.getBoundingClientRect();
          return [...document.querySelectorAll("g.node, g.edge, text")].every((part) => {
            const { left, top, right, bottom } = part.getBoundingClientRect();
            return right > left && bottom > top && left >= 0 && top >= 0 && right <= width && bottom <= height;
          });
        }"""
    )
    assert inside, "something is outside the picture"
    page.close()


def test_the_svg_has_what_the_slider_leaves_and_the_colours_of_the_page(
    explorer: Explorer, told: Told, tmp_path: Path
) -> None:
    explorer.page.emulate_media(color_scheme="dark")
    explorer.look_at("anna")
    explorer.bound(70)
    expect(explorer.rows("Edges", "probably")).to_have_count(0)
    text = save(explorer, "SVG", tmp_path / "picture.svg")
    svg = ET.fromstring(text)  # noqa: S314 - our own document
    assert len(parts(svg, "node")) == explorer.rows("Nodes").count()
    assert len(parts(svg, "edge")) == explorer.rows("Edges").count()
    ground = svg.find(f"{SVG}rect[@class='ground']")
    assert ground is not None
    assert ground.get("fill") == DARK_GROUND
    assert DARK_USER in text
    assert "60 %" not in text


def test_an_id_with_markup_is_text_in_the_svg(explorer: Explorer, shop: Shop, app: Flask, tmp_path: Path) -> None:
    api = Api(app, shop.keys)
    user_id = '<b onclick="x">&amp;'
    api.identify(api.init("laptop"), user_id)
    explorer.look_at(f"user:{user_id}")
    svg = ET.fromstring(save(explorer, "SVG", tmp_path / "picture.svg"))  # noqa: S314 - our own document
    assert f"user:{user_id}" in titles(svg, "node")
    assert user_id in [text.text for text in svg.findall(f"{SVG}text")]
    assert svg.findall(f".//{SVG}b") == []
