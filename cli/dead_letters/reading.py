"""Dead letters from their topics, with what became of them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from cli.dead_letters.letter import DeadLetter, LetterId, ReplayMarker, parse_letter
from cli.errors import CommandError
from cli.kafka_log import kafka_answers, log_tail, read_to_end
from cli.scanning import ScanProgress
from shared.contracts.services import DEAD_LETTERS

LIST_THEM: Final = "`kefu dead-letters list` shows the ids there are."
ID_FORM: Final = "<dead-letter topic>/<partition>/<offset>, or only the last two"

Wanted = Callable[[DeadLetter], bool]


async def read_letters(servers: str, wanted: Wanted, *, topics: Sequence[str] = DEAD_LETTERS) -> list[DeadLetter]:
    """The letters that are wanted, oldest first, each with when it was last replayed."""
    letters: list[DeadLetter] = []
    replayed: dict[LetterId, datetime] = {}
    async with kafka_answers(servers), log_tail(servers) as tail:
        places = [place for found in (await tail.partitions(topics)).values() for place in found]
        with ScanProgress("the dead letters") as progress:
            async for record in read_to_end(tail, places, progress=progress):
                place = LetterId(record.topic, record.partition, record.offset)
                told = parse_letter(place, record.key, record.value, record.headers, record.timestamp)
                if isinstance(told, ReplayMarker):
                    replayed[told.of] = max(told.at, replayed.get(told.of, told.at))
                elif told is not None and wanted(told):
                    letters.append(told)
    known = [replace(letter, replayed_at=replayed.get(letter.id)) for letter in letters]
    return sorted(known, key=lambda letter: (letter.failed_at, letter.id))


async def read_letter(servers: str, written: str) -> DeadLetter:
    """The one letter an id names, in full or short. Raises CommandError when it names none, or several."""
    wanted = LetterId.parse(written)
    if wanted is None:
        raise CommandError(f"{written!r} is not the id of a dead letter", hint=f"Write {ID_FORM}; {LIST_THEM}")
    if wanted.topic and wanted.topic not in DEAD_LETTERS:
        raise CommandError(f"{wanted.topic} is no dead-letter topic", hint="`kefu topics` shows those there are.")
    topics = [wanted.topic] if wanted.topic else DEAD_LETTERS
    found = await read_letters(servers, lambda letter: wanted.means(letter.id), topics=topics)
    if not found:
        raise CommandError(f"there is no dead letter {written}", hint=LIST_THEM)
    if len(found) > 1:
        names = "\n  ".join(str(letter.id) for letter in found)
        raise CommandError(f"{written} could be any of\n  {names}", hint="Write the whole id.")
    return found[0]
