"""A stack whose topics hold what no other reader may meet."""

from collections.abc import Iterator

import pytest

from deploy.local.services import PREPARATION, scaled_services
from deploy.local.stack import Stack
from tests.stacks import owned_by_this_run


@pytest.fixture(scope="package")
def hostile_stack() -> Iterator[Stack]:
    """Everything that `make up` starts, for tests that put onto its topics what no other reader may meet."""
    with owned_by_this_run("hostile", services=scaled_services(""), preparation=PREPARATION) as stack:
        yield stack
        stack.down()  # idle, it would cost the tests that follow half a core
