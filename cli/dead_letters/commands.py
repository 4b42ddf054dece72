"""`kefu dead-letters list | show | replay`."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.app import AsJson, command_app, json_keys
from cli.asker import Why, asker
from cli.dead_letters.as_json import LetterJson, WholeLetterJson, letter_json, whole_letter_json
from cli.dead_letters.letter import DeadLetter
from cli.dead_letters.reading import ID_FORM, read_letter, read_letters
from cli.dead_letters.replaying import replay
from cli.dead_letters.screens import print_letter, print_list
from cli.dead_letters.showing import note_shown
from cli.environment import kafka_servers
from cli.errors import CommandError
from cli.moments import local_time
from cli.output import counted, say, write_json

app = command_app("What the services gave up on, why, and putting it back.")

Group = Annotated[str, typer.Option(metavar="NAME", help="Only those this service gave up on, for example intake.")]
Topic = Annotated[str, typer.Option(metavar="NAME", help="Only those that came from this topic.")]
Reason = Annotated[str, typer.Option(metavar="NAME", help="Only those with this reason, for example not_json.")]


@app.command("list", epilog=json_keys(LetterJson.__annotations__))
def list_letters(group: Group = "", topic: Topic = "", reason: Reason = "", as_json: AsJson = False) -> None:
    """Every dead letter, oldest first, and whether it was replayed.

    Reads all dead-letter topics, so it takes longer the more lies there; a terminal shows how far it has come.

    \b
    Example:
      kefu dead-letters list --group intake --reason not_json
    """
    letters = asyncio.run(_chosen(group, topic, reason))
    if as_json:
        for letter in letters:
            write_json(letter_json(letter))
        return
    if not letters:
        chosen = group or topic or reason
        say("There are no such dead letters." if chosen else "There are no dead letters: nothing was given up on.")
        return
    print_list(letters)
    waiting = sum(letter.replayed_at is None for letter in letters)
    say(f"{counted(len(letters), 'dead letter')}, {waiting} not replayed.")


@app.command(epilog=json_keys(WholeLetterJson.__annotations__))
def show(
    letter: Annotated[str, typer.Argument(metavar="ID", help=f"{ID_FORM}.")],
    clear: Annotated[
        bool, typer.Option("--clear", help="Nothing masked: whoever asks must be allowed to see it.")
    ] = False,
    raw: Annotated[bool, typer.Option("--raw", help="The exact bytes of the value, in clear, nothing else.")] = False,
    why: Why = "",
    as_json: AsJson = False,
) -> None:
    """One dead letter: the reason, its headers, its value.

    What is private in it is masked. --clear and --raw show it all, once it stands beside the letter who asked for it,
    when and why; `show` tells that of every time.

    \b
    Examples:
      kefu dead-letters show support.contact.v1.intake.dlq/3/17
      kefu dead-letters show 3/17 --clear --why "ticket T261122-00000421"
      kefu dead-letters show 3/17 --raw > value
    """
    if raw and as_json:
        raise typer.BadParameter("--raw and --json are two ways to show it; say one of them")
    if why and not (raw or clear):
        raise typer.BadParameter("--why is the reason for --clear or --raw")
    found = asyncio.run(read_letter(kafka_servers(), letter))
    if raw or clear:
        at = asyncio.run(note_shown(kafka_servers(), found, why=why))
        say(f"{found.id} shown in clear to {asker()} at {at.isoformat(timespec='seconds')}")
    if raw:
        sys.stdout.buffer.write(found.value or b"")
        sys.stdout.buffer.flush()
    elif as_json:
        write_json(whole_letter_json(found, clear=clear))
    else:
        print_letter(found, clear=clear)


@app.command("replay")
def replay_letters(
    letter: Annotated[str, typer.Argument(metavar="ID", help=f"{ID_FORM}; or --all.")] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="All not replayed yet, or those of the three below.")
    ] = False,
    group: Group = "",
    topic: Topic = "",
    reason: Reason = "",
    value: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Its mended value, in place of its own; one letter only.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Also what was replayed before.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be replayed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Put dead letters back onto their topic.

    Byte for byte, and for the group alone that gave up on them. Mend the cause first: a service that still cannot
    handle one puts it into the dead letters again. Prints the id of each letter that was replayed.

    \b
    Examples:
      kefu dead-letters replay support.contact.v1.intake.dlq/3/17
      kefu dead-letters replay --all --reason no_type --dry-run
    """
    if bool(letter) == everything:
        raise typer.BadParameter("name one letter, or say --all (with --group, --topic, --reason to choose)")
    if value and everything:
        raise typer.BadParameter("--value mends one letter; it cannot go with --all")
    if everything:
        found = asyncio.run(_chosen(group, topic, reason))
        chosen = [one for one in found if one.is_whole and (again or one.replayed_at is None)]
    else:
        chosen = [asyncio.run(read_letter(kafka_servers(), letter))]
        if chosen[0].replayed_at and not again:
            raise CommandError(
                f"{chosen[0].id} was replayed at {local_time(chosen[0].replayed_at)}", hint="--again does it again."
            )
        if not (chosen[0].is_whole or value):
            raise CommandError(
                f"{chosen[0].id} does not hold a whole record: one too large to be read, or a batch nobody can read",
                hint="--value says what the record is to be.",
            )
    if not chosen:
        say("Nothing to replay.")
        return
    if dry_run:
        print_list(chosen)
        say(f"{counted(len(chosen), 'dead letter')} would be replayed.")
        return
    if everything and not yes:
        _ask(len(chosen))
    asyncio.run(_replay(chosen, _content(value)))


async def _chosen(group: str, topic: str, reason: str) -> list[DeadLetter]:
    return await read_letters(
        kafka_servers(),
        lambda letter: (
            (not group or letter.group == group)
            and (not topic or letter.topic == topic)
            and (not reason or letter.reason == reason)
        ),
    )


async def _replay(letters: list[DeadLetter], value: bytes | None) -> None:
    count = 0
    async for letter in replay(kafka_servers(), letters, value=value):
        count += 1
        print(letter.id, flush=True)
    say(f"{counted(count, 'dead letter')} replayed.")


def _ask(count: int) -> None:
    what = counted(count, "dead letter")
    if not sys.stdin.isatty():
        raise CommandError(f"{what} would be replayed, and nobody can be asked", hint="Add --yes.")
    if not typer.confirm(f"Replay {what}?", err=True):
        say("Nothing was replayed.")
        raise typer.Exit(1)


def _content(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise CommandError(
            f"{path} cannot be read: {error.strerror}", hint="Name a file that holds the value."
        ) from None
