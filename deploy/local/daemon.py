"""supervisord, looking after its processes four times a second: `python -m deploy.local.daemon <configuration>`.

Left to itself it looks once a second, and needs two looks from a death to the new start: up to two seconds,
which is all the time a process may be away.
"""

import sys
from typing import Any, Final

from supervisor.options import ServerOptions
from supervisor.supervisord import go

LONGEST_WAIT_SECONDS: Final = 0.25


def run_supervisord(configuration: str) -> None:
    """Runs supervisord with this configuration file; becomes a daemon on the way."""
    options = ServerOptions()
    options.realize(["-c", configuration], doc=__doc__)
    options.first, options.test = True, False
    poll = options.poller.poll

    def poll_often(seconds: float) -> Any:
        return poll(min(seconds, LONGEST_WAIT_SECONDS))

    options.poller.poll = poll_often
    go(options)


if __name__ == "__main__":
    run_supervisord(sys.argv[1])
