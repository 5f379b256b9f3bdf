"""docs/identity-resolution.md has every number of the policy, with its default, and none that is not."""

import dataclasses
import re

from app.config import CHECKOUT
from graph.rules.policy import Policy


def test_the_page_has_exactly_the_fields_of_the_policy_with_their_defaults() -> None:
    page = (CHECKOUT / "docs" / "identity-resolution.md").read_text(encoding="utf-8")
    written = dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", page, re.MULTILINE))
    there = {field.name: str(field.default) for field in dataclasses.fields(Policy)}

    assert {name: value for name, value in written.items() if name in there} == there
    assert set(written) - set(there) <= {"token", "anonymous_id", "new"}
