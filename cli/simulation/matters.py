"""One matter: somebody's trouble, all they will write about it, and how it will be treated."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from cli.simulation.chance import pick
from cli.simulation.channels import CHANNELS, Way
from cli.simulation.people import Person
from cli.simulation.texts import CHINESE, Goods, MatterTexts, Words, cast, texts
from cli.simulation.treatment import Treatment, treatment
from shared.contracts.contacts import Call, ContactReceived
from shared.contracts.reference import CardKey, OrderChanged, Product, Topup
from shared.contracts.vocabulary import Channel, OrderStatus, is_weaker

_ORDER: Final = "{order}"
_LINE: Final = "4005550100"
_SUBJECTS: Final = {CHINESE: "客服您好", "zh-Hant": "客服您好", "en": "Hello"}
_NUDGED: Final = 0.22
_OTHER_CHANNEL: Final = 0.6
_FORM: Final = 0.5
_COPIED: Final = 0.04


@dataclass(frozen=True, slots=True)
class Letter:
    """A contact before it is sent. ``copies``: how often the channel hands it over."""

    contact_id: str
    channel: Channel
    way: Way
    person: Person
    text: str
    order_no: str | None = None
    copies: int = 1

    def as_contact(self, now: datetime) -> ContactReceived:
        """As the channel hands it over."""
        person, played = self.person, CHANNELS[self.channel]
        return ContactReceived(
            contact_id=self.contact_id,
            channel=self.channel,
            received_at=now,
            sender=person.sender(self.channel),
            member_id=person.member_id if played.session else None,
            authenticated=played.session and person.member_id is not None,
            text=self.text,
            subject=_SUBJECTS[person.language] if played.subject else None,
            order_no=self.order_no,
            call=Call(call_id=f"call-{self.contact_id}", line=_LINE) if played.call else None,
        )


@dataclass(frozen=True, slots=True)
class Matter:
    """``further``: what is written soon after, in minutes of the day after the ticket is open; ``reply`` when asked."""

    no: int
    kind: str
    person: Person
    order: OrderChanged | None
    first: Letter
    further: tuple[tuple[float, Letter], ...]
    reply: Letter | None
    thanks: Letter | None
    answer: str
    ask: str | None
    solution: str
    treatment: Treatment

    @property
    def names_order(self) -> bool:
        """Whether the first contact says which order it is about."""
        order = self.order.order_no if self.order else None
        return order is not None and (self.first.order_no == order or order in self.first.text)

    @property
    def letters(self) -> tuple[Letter, ...]:
        """All that may be written about it."""
        later = (letter for letter in (self.reply, self.thanks) if letter)
        return (self.first, *(letter for _, letter in self.further), *later)


class Writer:
    """Makes matters. ``run`` stands before their ids and keeps them apart from those of other runs."""

    def __init__(self, run: str, random: Random) -> None:
        self._run = run
        self._random = random

    def matter(self, no: int, kind: str, person: Person, now: datetime, *, channel: Channel | None = None) -> Matter:
        """A matter of that kind; its order was placed some time before ``now``. ``channel``: where it has to begin."""
        random, said = self._random, texts().matters[kind]
        order = self._order(no, said.category, person, now) if said.category else None
        slots = self._slots(order)
        channel = channel or pick(random, said.channels)
        words = random.choice(_words(said.first, person.language))
        form = CHANNELS[channel].session and order is not None and _ORDER not in words and random.random() < _FORM
        told = _ORDER in words or form
        first = self._letter(no, 0, channel, person, words.format(**slots), order if form else None)
        return Matter(
            no=no,
            kind=kind,
            person=person,
            order=order,
            first=first,
            further=tuple(self._further(no, person, channel, said, slots, told=told or order is None)),
            reply=self._maybe(no, 8, channel, person, said.reply, slots),
            thanks=self._maybe(no, 9, channel, person, said.thanks, slots),
            answer=random.choice(said.answer),
            ask=random.choice(said.ask) if said.ask else None,
            solution=random.choice(said.solution),
            treatment=treatment(
                random,
                asks=bool(said.ask),
                supplier=said.category == "game_topup",
                thanks=bool(said.thanks),
                member=person.known_on(channel),
            ),
        )

    def way(self, channel: Channel) -> Way:
        """How the next contact on this channel comes."""
        return pick(self._random, CHANNELS[channel].ways)

    def _further(
        self, no: int, person: Person, first: Channel, said: MatterTexts, slots: dict[str, str], *, told: bool
    ) -> list[tuple[float, Letter]]:
        random, further = self._random, []
        if not told and said.details and random.random() < 0.85:
            channel = self._again(person, first)
            words = random.choice(_words(said.details, person.language)).format(**slots)
            further.append((random.uniform(3, 10), self._letter(no, 1, channel, person, words)))
        if said.nudge and random.random() < _NUDGED:
            channel = self._again(person, first)
            words = random.choice(_words(said.nudge, person.language)).format(**slots)
            further.append((random.uniform(6, 20), self._letter(no, 2, channel, person, words)))
        return further

    def _again(self, person: Person, first: Channel) -> Channel:
        """The channel of a further contact: another one only where both tell that it is the same member, and none that
        proves it better, for what comes by the first would count for less from then on."""
        proof = CHANNELS[first].proof
        others = [
            channel
            for channel, played in CHANNELS.items()
            if channel is not first and person.known_on(channel) and not is_weaker(proof, played.proof)
        ]
        if others and person.known_on(first) and self._random.random() < _OTHER_CHANNEL:
            return self._random.choice(others)
        return first

    def _maybe(
        self, no: int, part: int, channel: Channel, person: Person, said: dict[str, Words], slots: dict[str, str]
    ) -> Letter | None:
        words = _words(said, person.language) if said else ()
        return self._letter(no, part, channel, person, self._random.choice(words).format(**slots)) if words else None

    def _letter(
        self, no: int, part: int, channel: Channel, person: Person, text: str, order: OrderChanged | None = None
    ) -> Letter:
        random = self._random
        return Letter(
            contact_id=f"{self._run}C-{no:05}-{part}",
            channel=channel,
            way=self.way(channel),
            person=person,
            text=text,
            order_no=order.order_no if order else None,
            copies=random.randint(2, 3) if random.random() < _COPIED else 1,
        )

    def _slots(self, order: OrderChanged | None) -> dict[str, str]:
        bought = f"昨天{self._random.randint(9, 20)}点{self._random.randint(1, 59)}分"
        if order is None or order.product is None:
            return {"bought": bought}
        name = order.product.name or ""
        return {"order": order.order_no, "product": name, "amount": f"{order.amount}", "bought": bought}

    def _order(self, no: int, category: str, person: Person, now: datetime) -> OrderChanged:
        random = self._random
        goods: Goods = random.choice(cast().products[category])
        placed = now - timedelta(hours=random.uniform(2, 30))
        topup = Topup(account_masked="13****88", state=random.choice(["submitted", "failed"]), updated_at=placed)
        key = CardKey(key_id=f"K-{no}", masked="****-****-7Q2X", state=random.choice(["unused", "used", "void"]))
        status = {"game_topup": OrderStatus.DELIVERING, "software_licence": OrderStatus.PAID}
        return OrderChanged(
            order_no=_order_no(self._run, no, goods),
            # What somebody unknown has bought was bought by a guest.
            member_id=person.member_id or f"{self._run}guest",
            product=Product(sku=goods.sku, name=goods.name, category=category),
            amount=Decimal(random.choice(goods.amounts)),
            currency="CNY",
            placed_at=placed,
            paid_at=placed + timedelta(seconds=40),
            supplier=goods.supplier,
            status=status.get(category, OrderStatus.DELIVERED),
            topup=topup if category == "game_topup" else None,
            card_keys=(key,) if category in ("card_key", "software_licence") else (),
            version=1,
        )


def _order_no(run: str, no: int, goods: Goods) -> str:
    of_run = sum(ord(letter) * 31**place for place, letter in enumerate(run)) % 10_000
    return f"{goods.sku[:2]}{of_run:04}{no:06}"


def _words(said: dict[str, Words], language: str) -> Words:
    return said.get(language) or said[CHINESE]
