"""`kefu token`: a token for trying the HTTP sides of a local stack."""

import os
from typing import Annotated

import typer

from cli.app import command_app
from cli.environment import needed
from cli.errors import CommandError
from shared.security.tokens import ISSUER, Role, TokenKeyError, Tokens

app = command_app()

_STAFF = (Role.SUPERVISOR, Role.OPERATOR, Role.AUDITOR)


@app.command()
def token(
    member: Annotated[str, typer.Option(metavar="ID", help="Speak as this member.")] = "",
    agent: Annotated[str, typer.Option(metavar="ID", help="Speak as this agent.")] = "",
    role: Annotated[str, typer.Option(metavar="NAME", help=f"Speak in this role: {', '.join(_STAFF)}.")] = "",
    name: Annotated[str, typer.Option(metavar="ID", help="With --role: who it is; by default the role's name.")] = "",
) -> None:
    """A token for the HTTP sides of the services.

    Valid for twelve hours. For local development: it is signed with KEFU_TOKEN_KEY, which `make up` has made. Give
    exactly one of --member, --agent and --role.

    \b
    Example:
      curl -H "Authorization: Bearer $(kefu token --member M1)" "$NOTIFY_URL/v1/me/contact-card"
    """
    if [bool(member), bool(agent), bool(role)].count(True) != 1:
        raise typer.BadParameter("give exactly one of --member ID, --agent ID and --role NAME")
    if role and role not in _STAFF:
        raise typer.BadParameter(f"{role!r} is none of {', '.join(_STAFF)}", param_hint="--role")
    subject = member or agent or name or role
    given = Role.MEMBER if member else Role.AGENT if agent else Role(role)
    try:
        tokens = Tokens(needed("KEFU_TOKEN_KEY"), issuer=os.environ.get("KEFU_TOKEN_ISSUER") or ISSUER)
    except TokenKeyError as error:
        raise CommandError(str(error), hint="It is base64 of at least 32 bytes: openssl rand -base64 32.") from None
    print(tokens.issue(subject, given))
