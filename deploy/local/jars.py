"""The broker's jars: fetched once per user, and only those whose hash stands in `kafka.lock`.

The lock names coordinates and SHA-256 and no address: where jars come from is the user's affair
(Maven Central, or the repositories of `~/.config/jgo.conf`). `python -m deploy.local.jars` writes it anew.
"""

import fcntl
import hashlib
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from deploy.local.errors import StackError
from deploy.local.progress import Progress

KAFKA_VERSION: Final = "4.3.1"
LOCK_FILE: Final = Path(__file__).with_name("kafka.lock")
BROKER: Final = f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}"
# The broker logs through slf4j 1.7 to log4j, and its own dependencies do not bring what joins the two.
LOGGING: Final = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"
ATTEMPTS: Final = 3


class Jar(NamedTuple):
    """One line of the lock: Maven coordinates, and the SHA-256 of the file in hex."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def path(self) -> Path:
        """Inside a Maven repository."""
        return Path(*self.group.split("."), self.artifact, self.version, f"{self.artifact}-{self.version}.jar")


def read_lock(path: Path = LOCK_FILE) -> list[Jar]:
    """The jars in class path order, from lines `group:artifact:version sha256`."""
    lines = (line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    return [Jar(*line.replace(" ", ":").split(":")) for line in lines]


def locate_jars(fallback: Path, progress: Progress) -> list[Path]:
    """Every jar on disk and verified; what is missing is downloaded, into `fallback` where the home is read-only."""
    repository = _repository(fallback)
    jars = read_lock()
    with _only_one(repository):
        missing = [jar for jar in jars if _hash(repository / jar.path) != jar.sha256]
        if missing:
            label = f"Kafka {KAFKA_VERSION} downloaded ({len(missing)} jars, once per user)"
            with progress.step(label) as step, ThreadPoolExecutor(max_workers=6) as pool:
                for number, _ in enumerate(pool.map(lambda jar: _fetch(jar, repository), missing), start=1):
                    step.detail(f"{number} of {len(missing)}")
    return [repository / jar.path for jar in jars]


def _fetch(jar: Jar, repository: Path) -> None:
    from jgo.config import GlobalSettings
    from jgo.constants import MAVEN_CENTRAL_URL
    from jgo.maven import MavenContext

    # The user's own repositories first: whoever names a mirror has a reason.
    remotes = {**GlobalSettings.load().repositories, "central": MAVEN_CENTRAL_URL}
    context = MavenContext(repo_cache=repository, remote_repos=remotes, timeout=30)
    target = repository / jar.path
    reason: object = "the file does not have the hash of kafka.lock"
    for _ in range(ATTEMPTS):
        target.unlink(missing_ok=True)
        try:
            context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
        except (OSError, RuntimeError) as error:  # a lost connection is an OSError, an unknown jar a RuntimeError
            reason = error
            continue
        if _hash(target) == jar.sha256:
            return
    target.unlink(missing_ok=True)
    raise StackError(
        f"{jar.artifact} {jar.version} could not be downloaded: {reason}",
        hint="check the connection or name a mirror in ~/.config/jgo.conf, section [repositories]; "
        "or name a running broker in KAFKA_BOOTSTRAP_SERVERS",
    )


def _repository(fallback: Path) -> Path:
    from jgo.config import GlobalSettings

    repository = Path(GlobalSettings.load().repo_cache)
    try:
        repository.mkdir(parents=True, exist_ok=True)
    except OSError:
        return fallback
    return repository if os.access(repository, os.W_OK) else fallback


def _hash(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None


@contextmanager
def _only_one(repository: Path) -> Iterator[None]:
    """Two checkouts that start at once share one repository; the second waits and finds everything there."""
    repository.mkdir(parents=True, exist_ok=True)
    with (repository / ".kefu-bus.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_lock(path: Path = LOCK_FILE) -> int:
    """Resolves the broker's dependencies afresh and writes coordinates and hashes; returns how many."""
    import jgo

    # Apart from each other: resolved together, the parent of one would choose the versions of the other.
    artifacts = [*jgo.resolve(BROKER), jgo.resolve(LOGGING)[0]]
    lines = sorted(f"{a.groupId}:{a.artifactId}:{a.version} {_hash(a.resolve())}" for a in artifacts)
    title = f"# Apache Kafka {KAFKA_VERSION}: coordinates and SHA-256, by `python -m deploy.local.jars`"
    path.write_text("\n".join([title, *lines]) + "\n", encoding="utf-8")
    return len(lines)


if __name__ == "__main__":
    sys.stdout.write(f"{write_lock()} jars in {LOCK_FILE.name}\n")
