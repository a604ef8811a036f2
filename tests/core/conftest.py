"""What the cases of the core share."""

import pytest
from builders import LISTENERS


@pytest.fixture(params=LISTENERS)
def listener(request: pytest.FixtureRequest) -> str:
    """A layer-7 and a layer-4 listener: most behaviour holds at both."""
    return request.param
