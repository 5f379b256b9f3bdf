class _Family:
    family: str
    version: tuple[int | str, ...]

class UserAgent:
    browser: _Family
    os: _Family
    is_bot: bool
    is_mobile: bool
    is_pc: bool
    is_tablet: bool

def parse(user_agent_string: str) -> UserAgent: ...
