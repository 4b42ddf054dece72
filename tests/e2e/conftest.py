"""The whole system, started as `make up` does it, and an outsider for every test."""

import os
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import pytest

from deploy.local.layout import CHECKOUT
from deploy.local.services import scaled_services
from deploy.local.stack import Stack
from tests.e2e.outside import Outside, come_in, go_away
from tests.stacks import RUN_FOLDER, whole_stack

HURRIED_PROMISES: Final = """
  hurried:
    time: real
    rungs: [{team: supervisor, climb_after: 3s}, {team: technical, climb_after: 3s}, {team: operations}]

policies:
  - {name: hurried_silver, for: {tiers: [silver]}, calendar: always, first_answer: 6s, plan: 8s, next_answer: 5s,
     warn_before: 25%, max_member_pause: 72h, ladder: hurried}
  - {name: hurried_dispute, for: {tiers: [gold], problem_types: [dispute]}, calendar: always, first_answer: 1h,
     plan: 60s, next_answer: 2h, warn_before: 25%, max_member_pause: 72h, ladder: hurried}
  - {name: hurried_gold, for: {tiers: [gold], problem_types: [complaint]}, calendar: always, first_answer: 1h,
     plan: 12s, next_answer: 2h, warn_before: 25%, max_member_pause: 72h, ladder: hurried}
"""


@pytest.fixture(scope="package")
def running_stack() -> Iterator[Stack]:
    """Everything that `make up` starts, with two processes of routing, for the tests that look from outside.

    By the shipped rules, but that agents have all the time of a slow machine to accept, silver and gold members are
    promised things in seconds, and a greeting waits seconds for its matter.
    """
    rules = Path(os.environ[RUN_FOLDER]) / "config"
    shutil.copytree(CHECKOUT / "config", rules, dirs_exist_ok=True)
    queues = rules / "queues.yaml"
    queues.write_text(re.sub(r"accept_seconds: \d+", "accept_seconds: 3600", queues.read_text("utf-8")), "utf-8")
    promises = rules / "promises.yaml"
    promises.write_text(promises.read_text("utf-8").replace("\npolicies:\n", HURRIED_PROMISES), "utf-8")
    environment = {**os.environ, "KEFU_CONFIG_DIR": str(rules), "KEFU_GREETING_WAIT_SECONDS": "10"}
    with whole_stack("whole", scaled_services("routing=2"), environment=environment) as stack:
        yield stack


@pytest.fixture
async def outside(running_stack: Stack) -> AsyncIterator[Outside]:
    """An outsider who hears everything that is said from now on."""
    made = await come_in({**running_stack.environment(), **running_stack.contract()})
    yield made
    await go_away(made)
