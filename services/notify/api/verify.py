"""``POST /v1/verify``: is this number, address or account really ours?"""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, StringConstraints

from services.notify.api.bearer import member_asking
from services.notify.api.directory_index import DirectoryIndex
from services.notify.domain.verifying import LONGEST, Answer, Verdict
from services.notify.rules.rule_files import NotifyRules
from services.notify.store.members import find_member
from shared.database.now import database_now
from shared.http.rate_limit import Allowance, RateLimit, network_of, too_often
from shared.security.sealing import Sealer
from shared.security.tokens import Tokens


class Question(BaseModel):
    """What somebody called, wrote or showed."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    value: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]


def verify_routes(rules: NotifyRules, sealer: Sealer, tokens: Tokens) -> APIRouter:
    """Anybody may ask; who has logged in is also told what is their tier's alone."""
    router = APIRouter(tags=["verify"])
    policy = rules.policy
    verification = DirectoryIndex(policy.directory, sealer)
    limit = RateLimit(Allowance.per_minute(rules.verify_per_minute), Allowance.per_day(rules.verify_per_day))

    @router.post("/v1/verify", responses={401: {}, 413: {}, 429: {}})
    async def verify(question: Question, request: Request) -> dict[str, Any]:
        member_id = member_asking(request, tokens)
        asker = f"member/{member_id}" if member_id else network_of(request.client.host if request.client else None)
        if seconds := limit.wait(asker):
            raise too_often(seconds, f"ask again in {seconds} s")
        pool = request.app.state.running.transactions.pool
        now = await database_now(pool)
        member = await find_member(pool, member_id) if member_id else None
        locale = member.locale if member else request.headers.get("accept-language", "").split(",")[0].split(";")[0]
        verdict = verification.ask(question.value, tier=member.tier if member else None, now=now)
        if verdict.answer is Answer.OFFICIAL:
            limit.forgive(asker)  # who checks what is ours shall not be stopped by neighbours who guess
        return _answer(verdict, rules, locale)

    return router


def _answer(verdict: Verdict, rules: NotifyRules, locale: str | None) -> dict[str, Any]:
    catalogue = rules.policy.catalogues.of(locale)
    answer: dict[str, Any] = {"answer": verdict.answer.value, "note": catalogue.verify[verdict.note]}
    if verdict.entry is not None:
        entry = verdict.entry
        answer["entry"] = {
            "id": entry.id,
            "kind": entry.kind.value,
            "label": entry.label(catalogue.locale),
            "hours": entry.hours,
        }
    return answer
