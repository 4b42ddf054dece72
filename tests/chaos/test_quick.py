"""The quick form of ``make chaos``: each fault that is over soon strikes once while contacts flow."""

import subprocess
import sys

import pytest

from deploy.local.layout import CHECKOUT
from tests.chaos.faults import ALL

QUICK = [fault for fault in ALL if fault.quick]

RATE = "5"
"""Contacts a second: two cores carry some 14 with two processes of each service, and other tests run beside."""

MINUTES = "6"
"""A machine so slow that it cannot take every fault in that time is judged by those it took."""


@pytest.mark.timeout(900)
def test_every_quick_fault_once() -> None:
    """Nothing is lost, nothing happens twice, and everything flows again, whatever strikes."""
    command = [sys.executable, "-m", "tests.chaos", "--quick", "--faults", str(len(QUICK))]
    done = subprocess.run(
        [*command, "--contacts", "500", "--rate", RATE, "--minutes", MINUTES],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
