"""Under which conditions something was measured, as one sentence."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from deploy.local.jars import KAFKA_VERSION
from deploy.local.layout import CHECKOUT
from deploy.local.postgres import VERSION as POSTGRES_VERSION


def conditions() -> str:
    """Machine, load before it began, versions, commit and time."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {_commit()}: {cores} cores ({_processor()}), load before "
        f"{load}; everything on this one machine: Apache Kafka {KAFKA_VERSION}, PostgreSQL {POSTGRES_VERSION}, "
        f"Python {platform.python_version()}, aiokafka {version('aiokafka')}, asyncpg {version('asyncpg')}."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _commit() -> str:
    command = ["git", "-C", str(CHECKOUT), "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - asks git
        return done.stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
