"""`kefu settings`."""

import os
from typing import Final, TypedDict

from cli.app import AsJson, command_app, json_keys
from cli.output import say, write_json
from cli.settings.catalogue import Setting, all_settings
from cli.table import Column, write_table

app = command_app()

_TABLE: Final = (
    Column("SETTING"),
    Column("VALUE", rank=1),
    Column("DEFAULT", rank=3),
    Column("USED BY", rank=2),
    Column("MEANING", is_text=True),
)


class SettingJson(TypedDict):
    """What `kefu settings --json` says of a setting; ``default`` None when it must be set."""

    name: str
    used_by: str
    description: str
    default: str | None
    secret: bool
    value: str | None


@app.command(epilog=json_keys(SettingJson.__annotations__))
def settings(
    as_json: AsJson = False,
) -> None:
    """Every setting: its meaning, its default, its value now.

    Of a secret only whether it is set. A setting is an environment variable. One that several services read differently
    has a line for each.

    \b
    Example:
      kefu settings --json | jq 'select(.value != .default)'
    """
    found = all_settings()
    if as_json:
        for setting in found:
            write_json(_setting_json(setting))
        return
    write_table(
        _TABLE,
        [
            (
                setting.name,
                setting.present(os.environ),
                "(must be set)" if setting.default is None else setting.default,
                setting.used_by,
                setting.description,
            )
            for setting in found
        ],
    )
    say("Values are those of this shell and of .local/env; a running service has those it was started with.")


def _setting_json(setting: Setting) -> SettingJson:
    return {
        "name": setting.name,
        "used_by": setting.used_by,
        "description": setting.description,
        "default": setting.default,
        "secret": setting.secret,
        "value": setting.present(os.environ),
    }
