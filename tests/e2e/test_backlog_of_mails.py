"""A backlog of long mails, as after an outage: it is worked off, while whoever writes meanwhile is answered."""

import asyncio

from tests.e2e.outside import CONTACT, CONTACT_LETTERS, CONTACT_TYPE, Outside

MAILS = 1000
QUOTED = "10月15日14点购买A游戏点卡,订单20261015123456,16点充值时提示卡密已过期,花了100元,请尽快处理。\n"


async def test_a_backlog_of_long_mails_is_worked_off_and_stops_nobody(outside: Outside) -> None:
    """A thousand mails of 6,000 characters become a thousand tickets, none is given up, and who comes next is heard."""
    thread = (QUOTED * (6000 // len(QUOTED) + 1))[:6000]
    mails = [
        outside.contact(
            contact_id=outside.name(f"mail{number}"),
            channel="email",
            sender={"kind": "email", "value": f"{outside.name(f'm{number}')}@example.com"},
            text=thread,
        )
        for number in range(MAILS)
    ]
    for first in range(0, MAILS, 100):
        await asyncio.gather(
            *(
                outside.tell(CONTACT, outside.name(f"email:{mail['contact_id']}"), mail, [CONTACT_TYPE])
                for mail in mails[first : first + 100]
            )
        )
    wanted = {mail["contact_id"] for mail in mails}

    def all_opened() -> bool:
        opened = {one.value.get("contact_id") for one in outside.heard if one.verb == "opened"}
        return wanted <= opened

    await outside.until(all_opened, "a thousand tickets", seconds=240)
    assert not [one for one in outside.heard if one.topic == CONTACT_LETTERS and outside.run in str(one.record.key)]
    short = outside.contact(sender={"kind": "x", "value": outside.name("short")})
    await outside.tell(CONTACT, outside.name("short"), short, [CONTACT_TYPE])
    await outside.opened(short)
