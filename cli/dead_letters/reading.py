"""Dead letters from their topics, with what became of them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from cli.dead_letters.letter import DeadLetter, LetterId, ReplayMarker, ShownMarker, parse_letter
from cli.errors import CommandError
from cli.kafka_log import kafka_answers, log_tail, read_to_end
from cli.scanning import ScanProgress
from shared.contracts.services import DEAD_LETTERS

LIST_THEM: Final = "`kefu dead-letters list` shows the ids there are."
ID_FORM: Final = "<dead-letter topic>/<partition>/<offset>, or only the last two"

Wanted = Callable[[DeadLetter], bool]


async def read_letters(servers: str, wanted: Wanted, *, topics: Sequence[str] = DEAD_LETTERS) -> list[DeadLetter]:
    """The letters that are wanted, oldest first, each with when it was last replayed, and who saw it in clear."""
    letters: list[DeadLetter] = []
    replayed: dict[LetterId, ReplayMarker] = {}
    shown: dict[LetterId, list[ShownMarker]] = {}
    async with kafka_answers(servers), log_tail(servers) as tail:
        places = [place for found in (await tail.partitions(topics)).values() for place in found]
        with ScanProgress("the dead letters") as progress:
            async for record in read_to_end(tail, places, progress=progress):
                place = LetterId(record.topic, record.partition, record.offset)
                told = parse_letter(place, record.key, record.value, record.headers, record.timestamp)
                if isinstance(told, ReplayMarker):
                    replayed[told.of] = max(told, replayed.get(told.of, told), key=lambda marker: marker.at)
                elif isinstance(told, ShownMarker):
                    shown.setdefault(told.of, []).append(told)
                elif told is not None and wanted(told):
                    letters.append(told)
    known = [_with_markers(letter, replayed.get(letter.id), shown.get(letter.id, ())) for letter in letters]
    return sorted(known, key=lambda letter: (letter.failed_at, letter.id))


def _with_markers(letter: DeadLetter, again: ReplayMarker | None, shown: Sequence[ShownMarker]) -> DeadLetter:
    seen = tuple(sorted(shown))
    return replace(letter, replayed_at=again.at if again else None, replayed_by=again.by if again else "", shown=seen)


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
