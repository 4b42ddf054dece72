"""``GET /v1/me/contact-card`` and ``GET /v1/card-keys``: the official contacts of the member who asks, signed."""

from typing import Any

import asyncpg
from fastapi import APIRouter, Request

from services.notify.api.bearer import member_required
from services.notify.api.card_signer import GOOD_FOR, CardSigner, channel
from services.notify.domain.member import Member
from services.notify.rules.rule_files import NotifyRules
from services.notify.store.members import find_member
from services.notify.store.tickets import find_ticket
from shared.contracts.ids import as_uuid
from shared.contracts.model import Identifier
from shared.database.now import database_now
from shared.http.problems import Problem
from shared.security.sealing import Sealer
from shared.security.tokens import Tokens


def card_routes(rules: NotifyRules, sealer: Sealer, tokens: Tokens, signer: CardSigner | None) -> APIRouter:
    """Tier and problem type are what we know, never what the request says. Without a key there are no cards."""
    router = APIRouter(tags=["contact card"])
    directory, catalogues = rules.policy.directory, rules.policy.catalogues

    def required_signer() -> CardSigner:
        if signer is None:
            raise Problem(503, "Service Unavailable", "this installation signs no cards: KEFU_CARD_KEY is not set")
        return signer

    @router.get("/v1/me/contact-card", responses={401: {}, 404: {}, 422: {}, 503: {}})
    async def contact_card(request: Request, ticket_id: Identifier | None = None) -> dict[str, Any]:
        member_id = member_required(request, tokens)
        pool = request.app.state.running.transactions.pool
        now = await database_now(pool)
        # somebody whose data have not arrived is told what everybody may know
        member = await find_member(pool, member_id) or Member(member_id)
        problem_type = None if ticket_id is None else await _problem_type(pool, ticket_id, member_id)
        entries = directory.pick(tier=member.tier, problem_type=problem_type or "", now=now)
        locale = catalogues.of(member.locale).locale
        card = required_signer().sign(
            subject=sealer.blind("card subject", member_id).hex()[-32:],
            tier=member.tier,
            problem_type=problem_type,
            entries=entries,
            locale=locale,
            now=now,
        )
        return {
            "card": card,
            "expires_at": (now + GOOD_FOR).isoformat(),
            "channels": [channel(entry, locale) for entry in entries],
        }

    @router.get("/v1/card-keys", responses={503: {}})
    async def card_keys() -> dict[str, Any]:
        return required_signer().public_keys()

    return router


async def _problem_type(pool: asyncpg.Pool, ticket_id: str, member_id: str) -> str:
    """What a ticket of this member is about; nobody learns whether there is one of somebody else."""
    uuid = as_uuid(ticket_id)
    ticket = await find_ticket(pool, uuid) if uuid else None
    if ticket is None or ticket.member_id != member_id or not ticket.recognised:
        raise Problem(404, "Not Found", "you have no such ticket")
    return ticket.problem_type
