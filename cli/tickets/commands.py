"""`kefu ticket show | list | watch | explain | act`."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from cli.app import AsJson, command_app, json_keys
from cli.environment import kafka_servers
from cli.output import counted, say, write_json
from cli.table import Column, write_table
from cli.tickets.acting import actor_from, publish_action
from cli.tickets.as_json import ENTRY_KEYS, TicketJson, TicketSummaryJson, entry_json, summary_json, ticket_json
from cli.tickets.possible import possible_actions
from cli.tickets.reading import read_ticket, read_tickets, ticket_id_of, watch_tickets
from cli.tickets.screens import WatchScreen, print_list, print_ticket
from cli.tickets.telling import why
from cli.tickets.view import Entry, TicketView
from shared.contracts.actions import ActionRequested
from shared.contracts.ids import new_id
from shared.contracts.tickets import TicketAssigned
from shared.contracts.vocabulary import ActionKind, WaitingOn, taken_with

app = command_app("Tickets: their story, why they went where, acting on them.")

Named = Annotated[str, typer.Argument(metavar="TICKET", help="Its number, or its id: quicker where the log is long.")]

_WHY: Final = (Column("WHEN", rank=2), Column("AGENT"), Column("QUEUE", rank=1), Column("WHY", is_text=True))
_MAY: Final = (Column("ACTION"), Column("NEEDS", rank=1), Column("BY", is_text=True))
_EVENT_KEYS: Final = json_keys(ENTRY_KEYS, more=", and the fields that the event has on support.ticket.v1")


@app.command(epilog=json_keys(TicketJson.__annotations__))
def show(ticket: Named, as_json: AsJson = False) -> None:
    """One ticket: its facts, its promises, its whole story in order.

    \b
    Example:
      kefu ticket show T261015-0000012
    """
    found = asyncio.run(read_ticket(kafka_servers(), ticket))
    if as_json:
        write_json(ticket_json(found))
    else:
        print_ticket(found)


@app.command("list", epilog=json_keys(TicketSummaryJson.__annotations__))
def list_tickets(
    open_only: Annotated[bool, typer.Option("--open", help="Only those somebody still has to work on.")] = False,
    member: Annotated[str, typer.Option(metavar="ID", help="Only those of this member.")] = "",
    tier: Annotated[str, typer.Option(metavar="NAME", help="Only those of this tier.")] = "",
    problem_type: Annotated[str, typer.Option("--type", metavar="NAME", help="Only those of this type.")] = "",
    limit: Annotated[int, typer.Option(min=1, metavar="COUNT", help="The newest so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """The newest tickets, oldest of them first.

    Reads the whole log of tickets, so it takes longer the longer that is; a terminal shows how far it has come.

    \b
    Example:
      kefu ticket list --open --type refund
    """
    conditions: list[Callable[[TicketView], bool]] = [
        lambda ticket: ticket.is_open or not open_only,
        lambda ticket: not member or ticket.member_id == member,
        lambda ticket: not tier or ticket.tier == tier,
        lambda ticket: not problem_type or ticket.problem_type == problem_type,
    ]
    tickets = asyncio.run(read_tickets(kafka_servers()))
    chosen = [ticket for ticket in tickets if all(condition(ticket) for condition in conditions)]
    latest = chosen[-limit:]
    if as_json:
        for ticket in latest:
            write_json(summary_json(ticket))
    elif latest:
        print_list(latest)
    if len(chosen) > len(latest):
        say(f"The newest {len(latest)} of {counted(len(chosen), 'ticket')}; --limit {len(chosen)} shows all.")
    elif not as_json:
        say(_how_many(len(chosen), of=len(tickets)))


@app.command(epilog=_EVENT_KEYS)
def watch(
    ticket: Annotated[str | None, typer.Argument(metavar="TICKET", help="Only this one, from its first event.")] = None,
    as_json: AsJson = False,
) -> None:
    """What happens to tickets, as it happens, until Ctrl-C.

    An event that its writer published twice, as after a crash, is shown once.

    \b
    Examples:
      kefu ticket watch
      kefu ticket watch T261015-0000012
    """

    async def run() -> None:
        screen = WatchScreen()
        async for one in watch_tickets(kafka_servers(), ticket):
            entry = Entry.of(one.envelope, one.event, one.offset)
            if as_json:
                write_json(entry_json(entry))
            else:
                screen.print(entry)

    say(f"Watching {ticket or 'all tickets'}. Ctrl-C ends it.", style="dim")
    # Ctrl-C is how it is meant to end.
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())


@app.command(epilog=_EVENT_KEYS)
def explain(ticket: Named, as_json: AsJson = False) -> None:
    """Why a ticket went to whom, and what may be done with it now.

    \b
    Example:
      kefu ticket explain T261015-0000012
    """
    found = asyncio.run(read_ticket(kafka_servers(), ticket))
    assigned = [entry for entry in found.story if isinstance(entry.event, TicketAssigned)]
    if as_json:
        for entry in assigned:
            write_json(entry_json(entry))
        return
    rows = [
        (entry.event.at, entry.event.agent_id, entry.event.queue, why(entry.event))
        for entry in assigned
        if isinstance(entry.event, TicketAssigned)
    ]
    if rows:
        write_table(_WHY, rows)
    else:
        say(f"{found.ticket_no} was never assigned to anybody; it is {found.state}.")
    if possible := possible_actions(found.state):
        say(f"What may be done while it is {found.state}:")
        write_table(_MAY, possible)


@app.command()
def act(
    ticket: Named,
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"What to do: {', '.join(ActionKind)}.")],
    actor: Annotated[str, typer.Option(metavar="KIND:ID", help="Who does it, for example agent:A1.")],
    text: Annotated[str | None, typer.Option(metavar="TEXT", help=taken_with("text"))] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help=taken_with("reason"))] = None,
    on: Annotated[str | None, typer.Option(metavar="WHOM", help=taken_with("on", ", ".join(WaitingOn)))] = None,
    to: Annotated[
        str | None, typer.Option(metavar="WHERE", help=taken_with("to", "an agent or a queue; a problem type"))
    ] = None,
) -> None:
    """Publish an action on a ticket as a desk would, for trying.

    Prints its action_id. Routing decides whether it is allowed; a refusal becomes a dead letter.

    \b
    Examples:
      kefu ticket act T261015-0000012 accept --actor agent:A1
      kefu ticket act T261015-0000012 answer --actor agent:A1 --text '已为您补发'
    """
    if kind not in tuple(ActionKind):
        raise typer.BadParameter(f"{kind!r} is none of {', '.join(ActionKind)}", param_hint="KIND")
    try:
        who = actor_from(actor)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--actor") from None
    servers = kafka_servers()
    action = ActionRequested(
        action_id=str(new_id()),
        ticket_id=ticket_id_of(ticket) or asyncio.run(read_ticket(servers, ticket)).ticket_id,
        actor=who,
        kind=ActionKind(kind),
        text=text,
        reason=reason,
        on=on,
        to=to,
        at=datetime.now(UTC),
    )
    asyncio.run(publish_action(servers, action))
    typer.echo(action.action_id)
    say(
        f"Published. `kefu ticket show {ticket}` shows what came of it, "
        "`kefu dead-letters list --topic support.action.v1` a refusal."
    )


def _how_many(count: int, *, of: int) -> str:
    if count == of:
        return f"{counted(count, 'ticket')}." if count else "There are no tickets yet. `kefu simulate` plays some."
    return f"{counted(count, 'ticket')} of {of:,} are such."
