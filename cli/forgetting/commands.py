"""`kefu forget`."""

import asyncio
import os
import sys
from typing import Annotated, Final

import typer

from cli.app import AsJson, command_app, json_keys
from cli.environment import kafka_servers
from cli.errors import CommandError
from cli.forgetting.ordering import order_to_forget
from cli.forgetting.report import erased_by_service, left_on_topics
from cli.output import counted, say, write_json

app = command_app()

_KEYS: Final = ("member_id", "request_id", "orders", "erased", "left")


@app.command(epilog=json_keys(_KEYS))
def forget(
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="The member's id, exactly.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    wait: Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait for the services' reports.")] = 60.0,
    as_json: AsJson = False,
) -> None:
    """Erase everything of a member, in every service. There is no way back.

    Their open tickets go on without a person. What has to lie on the topics for a while is named, with the day it is
    gone. The services report through DATABASE_URL; without it, each says `member.forgotten` in its log.

    \b
    Example:
      kefu forget M1
    """
    servers, database = kafka_servers(), os.environ.get("DATABASE_URL", "")
    if not yes:
        _ask(member)
    request, orders = asyncio.run(order_to_forget(servers, member))
    erased = asyncio.run(erased_by_service(database, request, seconds=wait)) if database else {}
    left = asyncio.run(left_on_topics(servers))
    if as_json:
        told = {"member_id": member, "request_id": request, "orders": orders, "erased": erased, "left": left}
        write_json(told)
    else:
        print(f"request {request}: {counted(orders, 'order')} deleted")
        for service, tables in erased.items():
            rows = ", ".join(f"{table} {count:,}" for table, count in (tables or {}).items() if count)
            print(f"{service:<8} {'has not reported yet' if tables is None else rows or 'held nothing'}")
        for one in left:
            print(f"stays    {one['topic']} until {one['gone_by'] or 'you set a retention'}: {one['holds']}")
    if silent := [service for service, tables in erased.items() if tables is None]:
        raise CommandError(
            f"no report yet from {', '.join(silent)}", hint="The order stands: it is carried out when they run again."
        )


def _ask(member: str) -> None:
    if not sys.stdin.isatty():
        raise CommandError(f"everything of {member} would be erased, and nobody can be asked", hint="Add --yes.")
    if not typer.confirm(f"Erase everything of {member} for good?", err=True):
        say("Nothing was erased.")
        raise typer.Exit(1)
