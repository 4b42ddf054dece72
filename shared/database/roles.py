"""A role for each service that may read and write its own schema and do nothing else.

No superuser, no other schema, no program of the host, no table of its own making: whoever gets into one service has the
rows of that service.
"""

from typing import Final

import asyncpg

MAY_CREATE: Final = "select rolsuper or rolcreaterole from pg_roles where rolname = current_user"
EXISTS: Final = "select exists (select from pg_roles where rolname = $1)"

# Names are those of our services, and a password has no parameter either: quoted by the server itself.
QUOTED: Final = "select quote_ident($1), quote_ident($2), quote_literal($3), quote_ident(current_database())"
CREATE: Final = "create role {role}"
ALTER: Final = (
    "alter role {role} with login nosuperuser nocreatedb nocreaterole noreplication noinherit password {password}"
)
# A superuser alone may say whether a role is one, so a lesser administrator leaves that word out.
ALTER_AS_LESSER: Final = "alter role {role} with login nocreatedb nocreaterole noinherit password {password}"
GRANTS: Final = """
grant connect on database {database} to {role};
revoke create on schema public from public;
grant usage on schema {schema} to {role};
grant select, insert, update, delete on all tables in schema {schema} to {role};
grant usage, select, update on all sequences in schema {schema} to {role};
alter default privileges in schema {schema} grant select, insert, update, delete on tables to {role};
alter default privileges in schema {schema} grant usage, select, update on sequences to {role}
"""
IS_SUPERUSER: Final = "select rolsuper from pg_roles where rolname = current_user"


def role_of(service: str) -> str:
    """The name of a service's role."""
    return f"kefu_{service}"


async def may_create_roles(connection: asyncpg.Connection) -> bool:
    """Whether the user of this connection can make roles. On a managed server that may be somebody else."""
    return bool(await connection.fetchval(MAY_CREATE))


async def give_role(connection: asyncpg.Connection, service: str, password: str) -> None:
    """Makes the role of a service, or brings it up to date: its password, and its rights in its schema, which exists.

    Safe to repeat, and while the service runs.
    """
    row = await connection.fetchrow(QUOTED, role_of(service), service, password)
    assert row is not None
    role, schema, secret, database = row
    async with connection.transaction():
        if not await connection.fetchval(EXISTS, role_of(service)):
            await connection.execute(CREATE.format(role=role))
        alter = ALTER if await connection.fetchval(IS_SUPERUSER) else ALTER_AS_LESSER
        await connection.execute(alter.format(role=role, password=secret))
        await connection.execute(GRANTS.format(role=role, schema=schema, database=database))
