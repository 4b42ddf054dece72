"""`kefu reseal`."""

import asyncio
from dataclasses import asdict, fields
from typing import Annotated

import typer

from cli.app import AsJson, command_app, json_keys
from cli.errors import CommandError
from cli.output import counted, write_json
from cli.resealing.walking import Walked, reseal_service
from shared.contracts.services import SEALING

app = command_app()


@app.command(epilog=json_keys(field.name for field in fields(Walked)))
def reseal(
    service: Annotated[
        list[str] | None, typer.Option("--service", metavar="NAME", help=f"One of {', '.join(SEALING)}; else all.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Only count what is under older keys.")] = False,
    as_json: AsJson = False,
) -> None:
    """Seal and index everything anew under the first data key.

    It is done while the services run. KEFU_DATA_KEY (or INTAKE_DATA_KEY and its like) and DATABASE_URL (or
    INTAKE_DATABASE_URL and its like) have to be those of the services.

    Ended half-way it goes on when it is called again. Exit 0 means that nothing is left under any other key:
    only then may those be taken out.

    \b
    Example:
      kefu reseal --check
    """
    if unknown := sorted({*(service or ())} - {*SEALING}):
        raise typer.BadParameter(f"{unknown[0]} seals nothing; there are {', '.join(SEALING)}")
    left: list[Walked] = []
    for name in service or SEALING:
        for outcome in asyncio.run(reseal_service(name, check=check)):
            if as_json:
                write_json(asdict(outcome))
            else:
                anew = "" if check else f"{counted(outcome.renewed, 'row')} made anew, "
                print(f"{name}.{outcome.table}: {anew}{outcome.left:,} left under older keys")
            if outcome.left:
                left.append(outcome)
    if left:
        raise CommandError(f"the older keys are still needed: {_told(left)}", hint=_what_to_do(left, check=check))


def _told(left: list[Walked]) -> str:
    return "; ".join(f"{one.service}.{one.table} {one.left:,}{f' ({one.why})' if one.why else ''}" for one in left)


def _what_to_do(left: list[Walked], *, check: bool) -> str:
    if any(one.why for one in left):
        return "Have every key they were sealed with in KEFU_DATA_KEY, then call `kefu reseal` again."
    return "Call `kefu reseal`." if check else "Call it again in a few minutes: rows in use are passed over."
