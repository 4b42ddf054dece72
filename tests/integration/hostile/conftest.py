"""A stack whose topics hold what no other reader may meet."""

from collections.abc import Iterator

import pytest

from deploy.local.services import scaled_services
from deploy.local.stack import Stack
from tests.stacks import whole_stack


@pytest.fixture(scope="package")
def hostile_stack() -> Iterator[Stack]:
    """Everything that `make up` starts, for tests that put onto its topics what no other reader may meet."""
    with whole_stack("hostile", scaled_services("")) as stack:
        yield stack
