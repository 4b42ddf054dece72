"""Who is asking over HTTP: the bearer of a member's token."""

from fastapi import Request

from shared.http.problems import Problem
from shared.security.tokens import Role, TokenError, Tokens


def member_asking(request: Request, tokens: Tokens) -> str | None:
    """The member's id; None without a token. A token that is not valid, or not a member's, is refused."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise _refusal("the Authorization header is not a bearer token")
    try:
        principal = tokens.verify(token.strip())
    except TokenError as error:
        raise _refusal(str(error)) from None
    if principal.role is not Role.MEMBER:
        raise Problem(403, "Forbidden", "this is for members; the token is of another role")
    return principal.subject


def member_required(request: Request, tokens: Tokens) -> str:
    """The member's id; refuses who has not logged in."""
    member_id = member_asking(request, tokens)
    if member_id is None:
        raise _refusal("log in: send a member's token as Authorization: Bearer …")
    return member_id


def _refusal(detail: str) -> Problem:
    return Problem(401, "Unauthorized", detail, headers={"www-authenticate": "Bearer"})
