"""`kefu ticket show | list | watch | explain | act`."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.environment import kafka_servers
from cli.output import local_time, say, visible, write_json, write_table
from cli.tickets.acting import actor_from, publish_action
from cli.tickets.as_json import entry_json, summary_json, ticket_json
from cli.tickets.reading import read_ticket, read_tickets, ticket_id_of, watch_tickets
from cli.tickets.screens import print_list, print_ticket
from cli.tickets.telling import told, why
from cli.tickets.view import Entry, TicketView
from shared.contracts.actions import ActionRequested
from shared.contracts.ids import new_id
from shared.contracts.tickets import TicketAssigned
from shared.contracts.vocabulary import ActionKind, WaitingOn, taken_with

app = typer.Typer(no_args_is_help=True, help="Tickets, as the log of their life tells them.")

AsJson = Annotated[bool, typer.Option("--json", help="JSON lines, for programs.")]
Named = Annotated[str, typer.Argument(metavar="TICKET", help="Its number or its id.")]


@app.command()
def show(ticket: Named, as_json: AsJson = False) -> None:
    """One ticket: its facts, its promises, its whole story in order."""
    found = asyncio.run(read_ticket(kafka_servers(), ticket))
    if as_json:
        write_json(ticket_json(found))
    else:
        print_ticket(found)


@app.command("list")
def list_tickets(
    open_only: Annotated[bool, typer.Option("--open", help="Only those somebody still has to work on.")] = False,
    member: Annotated[str, typer.Option(help="Only those of this member.")] = "",
    tier: Annotated[str, typer.Option(help="Only those of this tier.")] = "",
    problem_type: Annotated[str, typer.Option("--type", help="Only those of this problem type.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """The newest tickets, oldest of them first."""
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
        return
    if latest:
        print_list(latest)
    of_all = f" of {len(chosen)}; --limit shows more" if len(chosen) > len(latest) else ""
    say(f"{len(latest)} tickets{of_all}.")


@app.command()
def watch(
    ticket: Annotated[str | None, typer.Argument(metavar="TICKET", help="Only this one, from its first event.")] = None,
    as_json: AsJson = False,
) -> None:
    """What happens to tickets, as it happens, until Ctrl-C."""

    async def run() -> None:
        async for one in watch_tickets(kafka_servers(), ticket):
            entry = Entry(one.envelope.type.split(".")[-2], one.event, one.offset)
            if as_json:
                write_json(entry_json(entry))
            else:
                line = visible(told(entry.event, longest=200))
                print(f"{local_time(one.event.at)}  {one.event.ticket_no}  {entry.verb:<13}{line}", flush=True)

    asyncio.run(run())


@app.command()
def explain(ticket: Named, as_json: AsJson = False) -> None:
    """Why a ticket went to whom: every assignment with the rule that decided it."""
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
        write_table(("WHEN", "AGENT", "QUEUE", "WHY"), rows, wide="WHY")
    else:
        say(f"{found.ticket_no} was never assigned to anybody; it is {found.state}.")


@app.command()
def act(
    ticket: Named,
    kind: Annotated[ActionKind, typer.Argument(help="What is to be done.")],
    actor: Annotated[str, typer.Option(help="Who does it, as kind:id, for example agent:A1.")],
    text: Annotated[str | None, typer.Option(help=taken_with("text"))] = None,
    reason: Annotated[str | None, typer.Option(help=taken_with("reason"))] = None,
    on: Annotated[str | None, typer.Option(help=f"{taken_with('on')} {', '.join(WaitingOn)}.")] = None,
    to: Annotated[str | None, typer.Option(help=f"{taken_with('to')} An agent or a queue; a type.")] = None,
) -> None:
    """Publish an action on a ticket, for trying things. Prints its action_id; routing decides whether it is allowed."""
    servers = kafka_servers()
    action = ActionRequested(
        action_id=str(new_id()),
        ticket_id=ticket_id_of(ticket) or asyncio.run(read_ticket(servers, ticket)).ticket_id,
        actor=actor_from(actor),
        kind=kind,
        text=text,
        reason=reason,
        on=on,
        to=to,
        at=datetime.now(UTC),
    )
    asyncio.run(publish_action(servers, action))
    print(action.action_id)
    say("Published. A refusal would be in `kefu dead-letters list --topic support.action.v1`.")
