"""`kefu dead-letters list | show | replay`."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.dead_letters.letter import DeadLetter
from cli.dead_letters.reading import read_letter, read_letters
from cli.dead_letters.rendering import header_text, letter_json, masked, text_or_hex
from cli.dead_letters.replaying import replay
from cli.environment import kafka_servers
from cli.errors import CommandError
from cli.output import data_console, local_time, say, visible, write_json, write_table

app = typer.Typer(no_args_is_help=True, help="What the services gave up on, why, and back again.")

AsJson = Annotated[bool, typer.Option("--json", help="JSON lines, for programs.")]
Group = Annotated[str, typer.Option(help="Only those this consumer group gave up on.")]
Topic = Annotated[str, typer.Option(help="Only those of this topic (the original one).")]
Reason = Annotated[str, typer.Option(help="Only those with this reason.")]


@app.command("list")
def list_letters(group: Group = "", topic: Topic = "", reason: Reason = "", as_json: AsJson = False) -> None:
    """Every dead letter, oldest first, and whether it was replayed."""
    letters = asyncio.run(_chosen(group, topic, reason))
    if as_json:
        for letter in letters:
            write_json(letter_json(letter))
        return
    if letters:
        _print_list(letters)
    waiting = sum(letter.replayed_at is None for letter in letters)
    say(f"{len(letters)} dead letters, {waiting} of them not replayed.")


@app.command()
def show(
    letter: Annotated[str, typer.Argument(metavar="ID", help="<dlq topic>/<partition>/<offset>, or its short end.")],
    raw: Annotated[bool, typer.Option("--raw", help="The exact bytes of the value, unmasked, nothing else.")] = False,
    as_json: AsJson = False,
) -> None:
    """One dead letter: the reason, its headers, its value; phone numbers are masked."""
    found = asyncio.run(read_letter(kafka_servers(), letter))
    if raw:
        sys.stdout.buffer.write(found.value or b"")
        sys.stdout.buffer.flush()
    elif as_json:
        write_json(letter_json(found, with_content=True))
    else:
        _print_letter(found)


@app.command("replay")
def replay_letters(
    letter: Annotated[str, typer.Argument(metavar="ID", help="The letter; or --all.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="All that were not replayed yet.")] = False,
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
    """Put dead letters back onto their topic, byte for byte, for the group that gave up on them.

    Mend the cause first: a service that still cannot handle one puts it into the dead letters again.
    """
    if bool(letter) == everything:
        raise typer.BadParameter("name one letter, or say --all (with --group, --topic, --reason to choose)")
    if value and everything:
        raise typer.BadParameter("--value mends one letter; it cannot go with --all")
    if everything:
        chosen = [one for one in asyncio.run(_chosen(group, topic, reason)) if again or one.replayed_at is None]
    else:
        chosen = [asyncio.run(read_letter(kafka_servers(), letter))]
        if chosen[0].replayed_at and not again:
            raise CommandError(
                f"{chosen[0].id} was replayed at {local_time(chosen[0].replayed_at)}", hint="--again does it again."
            )
    if not chosen:
        say("Nothing to replay.")
        return
    if dry_run:
        _print_list(chosen)
        say(f"{len(chosen)} dead letters would be replayed.")
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
    say(f"{count} replayed.")


def _ask(count: int) -> None:
    if not sys.stdin.isatty():
        raise CommandError(f"{count} dead letters would be replayed, and nobody can be asked", hint="Add --yes.")
    typer.confirm(f"Replay {count} dead letters?", abort=True, err=True)


def _content(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise CommandError(
            f"{path} cannot be read: {error.strerror}", hint="Name a file that holds the value."
        ) from None


def _print_list(letters: list[DeadLetter]) -> None:
    write_table(
        ("WHEN", "ID", "KEY", "REASON", "BYTES", "REPLAYED", "MESSAGE"),
        [
            (
                letter.failed_at,
                letter.id,
                text_or_hex(letter.key, most=64),
                letter.reason,
                "null" if letter.value is None else f"{len(letter.value):,}",
                letter.replayed_at,
                masked(letter.message),
            )
            for letter in letters
        ],
        wide="MESSAGE",
    )


def _print_letter(letter: DeadLetter) -> None:
    out = data_console()
    out.print(str(letter.id), style="bold")
    for label, told in (
        ("from", f"{letter.topic}[{letter.partition}]@{letter.offset}"),
        ("group", letter.group),
        ("reason", letter.reason),
        ("message", masked(letter.message)),
        ("when", f"{local_time(letter.failed_at)}, attempts: {letter.attempts}"),
        ("replayed", local_time(letter.replayed_at) if letter.replayed_at else "no"),
        ("key", text_or_hex(letter.key)),
    ):
        out.print(f"  {label:<10}{visible(told)}")
    out.print("\nHeaders", style="bold")
    for header in letter.headers:
        out.print(f"  {header_text(header)}")
    size = "" if letter.value is None else f" ({len(letter.value):,} bytes)"
    out.print(f"\nValue{size}", style="bold")
    out.print(text_or_hex(letter.value))
