"""Runs a module on a host whose clock is wrong: ``python -m tests.chaos.skewed <seconds> <module>``."""

import runpy
import sys
import time

import time_machine


def main() -> None:
    """Shifts the clock of this process, which goes on ticking; what measures durations is left alone."""
    seconds, module = float(sys.argv[1]), sys.argv[2]
    sys.argv = [module]
    with time_machine.travel(time.time() + seconds, tick=True):
        runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
