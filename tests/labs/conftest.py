"""What real packets need of the machine."""

import pytest

from drilllib.labs.netns.sandbox import why_not


@pytest.fixture(scope="session")
def needs_namespaces() -> None:
    """Skip where namespaces and nftables do not work, and say what is missing; found by trying."""
    missing = why_not()
    if missing:
        pytest.skip(f"no real packets here: {missing}")
