"""``python -m tests.chaos --seed 1``: the tables on standard output, what happens meanwhile on standard error."""

import argparse
import json
import math
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos.faults import ALL, BY_NAME
from tests.chaos.plan import plan
from tests.chaos.report import as_json, as_markdown, as_text, rows
from tests.chaos.run import run


def main() -> int:
    """0 when every invariant holds, 1 when one is broken, 2 for words that mean nothing."""
    wanted = _arguments()
    kinds = [BY_NAME[name] for name in wanted.only] or [fault for fault in ALL if fault.quick or not wanted.quick]
    steps = plan(wanted.seed, wanted.faults, kinds)
    told = f"--seed {wanted.seed} --faults {wanted.faults} --contacts {wanted.contacts} --rate {wanted.rate:g}"
    told += f" --minutes {wanted.minutes:g}" * math.isfinite(wanted.minutes)
    told += " --quick" * wanted.quick + "".join(f" --only {name!r}" for name in wanted.only)
    print(f"python -m tests.chaos {told}", file=sys.stderr)
    if wanted.plan:
        print("\n".join(map(str, steps)))
        return 0
    root = Path(tempfile.mkdtemp(prefix="kefu-chaos-"))
    kept = True
    try:
        outcome = run(root, wanted.seed, steps, contacts=wanted.contacts, rate=wanted.rate, minutes=wanted.minutes)
        kept = not outcome.holds or wanted.keep
    except KeyboardInterrupt:
        kept = wanted.keep
        return 130
    finally:
        if kept:
            print(f"the logs of the run are in {root}/stack/log", file=sys.stderr)
        else:
            shutil.rmtree(root, ignore_errors=True)
    table = rows(outcome.standstills)
    if wanted.json:
        print(json.dumps(as_json(outcome.verdicts, table, outcome.standstills), ensure_ascii=False, indent=1))
    else:
        print((as_markdown if wanted.markdown else as_text)(outcome.verdicts, table))
    minutes = outcome.seconds / 60
    ending = "every invariant holds" if outcome.holds else "an invariant is BROKEN"
    print(
        f"\n{outcome.contacts:,} contacts, {len(outcome.standstills)} faults, {minutes:.1f} minutes: {ending}",
        file=sys.stderr,
    )
    print(f"again: python -m tests.chaos {told}", file=sys.stderr)
    return 0 if outcome.holds else 1


def _arguments() -> argparse.Namespace:
    only = f"only this kind; repeatable: {' · '.join(BY_NAME)}"
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="Breaks the running system on purpose.")
    parser.add_argument("--seed", type=int, default=1, help="the run: who is struck by what, who writes about what")
    parser.add_argument("--faults", type=int, default=300)
    parser.add_argument("--contacts", type=int, default=50_000, help="at least so many")
    parser.add_argument("--rate", type=float, default=12.0, help="contacts a second; two cores carry about 14")
    parser.add_argument("--minutes", type=float, default=math.inf, help="judge what there is after so long")
    parser.add_argument("--quick", action="store_true", help="only faults that are over soon")
    parser.add_argument("--only", action="append", default=[], choices=list(BY_NAME), metavar="KIND", help=only)
    parser.add_argument("--plan", action="store_true", help="only print the plan")
    parser.add_argument("--keep", action="store_true", help="keep data and logs in any case")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true")
    form.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
