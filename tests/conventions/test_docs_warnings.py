"""The page of the API says which warnings are about a user: an erasure finds a user by exactly these."""

import re

from app.config import CHECKOUT
from graph.acts.warnings import ABOUT_USERS

PAGE = (CHECKOUT / "docs" / "api.md").read_text(encoding="utf-8")


def test_the_warnings_about_users_are_those_whose_subject_is_a_user_id() -> None:
    [section] = re.findall(r"^### Warnings\n(.*?)^### ", PAGE, re.MULTILINE | re.DOTALL)
    subjects: dict[str, str] = dict(re.findall(r"^\| `(\w+)` \| ([^|]*) \|", section, re.MULTILINE))
    assert {code for code, subject in subjects.items() if "user id" in subject} == ABOUT_USERS
