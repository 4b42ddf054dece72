"""The words of a version stay its words over restarts and replicas, on a real database."""

import asyncio
import base64
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.notify.rules.known_texts import learn_or_refuse
from services.notify.rules.rule_files import TEMPLATES, load_rules
from shared.config.files import ConfigError
from shared.database.pool import open_pool
from tests.integration.notify.conftest import CARRIER_SECRET, RECEIPT_SECRET, Notify
from tests.integration.own_database import own_database, own_transactions
from tests.shipped import CONFIG

SECONDS = 60.0
WORDS = "您的工单{ticket_no}已受理。"


def config(folder: Path, words: str = WORDS, *, version: int = 1, signature: str = "卡汇网") -> Path:
    """The shipped rule files, with other words for a ticket that was opened."""
    made = folder / f"config-{len(list(folder.iterdir()))}"
    shutil.copytree(CONFIG, made)
    chinese = made / TEMPLATES / "zh-CN.yaml"
    text = (
        chinese.read_text(encoding="utf-8")
        .replace(WORDS, words)
        .replace("signature: 卡汇网", f"signature: {signature}")
    )
    chinese.write_text(text.replace("version: 1", f"version: {version}", 1), encoding="utf-8")
    return made


async def start(pool: Any, folder: Path) -> None:
    """What a process does before it handles anything."""
    async with pool.acquire() as connection:
        await learn_or_refuse(connection, load_rules(folder).policy.catalogues, folder / TEMPLATES)


async def test_other_words_under_the_same_version(servers: dict[str, str], tmp_path: Path) -> None:
    """They are refused at every start until they get a version of their own; the words of before stay good."""
    changed, signed = config(tmp_path, "您的单据{ticket_no}已受理。"), config(tmp_path, signature="卡汇宝")
    async with own_transactions(servers["DATABASE_URL"], "notify") as (transactions, _):
        await start(transactions.pool, CONFIG)
        for _ in range(2):
            with pytest.raises(ConfigError, match=r"zh-CN.yaml: the words of opened .* give it a new version: 2"):
                await start(transactions.pool, changed)
        with pytest.raises(ConfigError, match="signature"):
            await start(transactions.pool, signed)
        await start(transactions.pool, config(tmp_path, "您的单据{ticket_no}已受理。", version=2))
        await start(transactions.pool, CONFIG)
        with pytest.raises(ConfigError, match="give it a new version: 3"):
            await start(transactions.pool, config(tmp_path, "您的单子{ticket_no}已受理。", version=2))


async def test_of_replicas_that_differ_one_starts(servers: dict[str, str], tmp_path: Path) -> None:
    """Whatever the order in which they start at once, one version never stands for two texts."""
    folders = [config(tmp_path, f"您的第{count}张工单{{ticket_no}}已受理。") for count in range(6)]
    async with own_transactions(servers["DATABASE_URL"], "notify") as (transactions, _):
        ends = await asyncio.gather(*(start(transactions.pool, folder) for folder in folders), return_exceptions=True)
        assert sum(end is None for end in ends) == 1
        assert all(end is None or isinstance(end, ConfigError) for end in ends), ends
        (winner,) = [folder for folder, end in zip(folders, ends, strict=True) if end is None]
        await start(transactions.pool, winner)


async def test_the_process_does_not_start(servers: dict[str, str], tmp_path: Path) -> None:
    """A process with other words under a known version ends at once, and says what is to be done."""
    async with own_database(servers["DATABASE_URL"], "notify") as url:
        async with await open_pool(url, schema="notify", connections=2, application="test") as pool:
            await start(pool, CONFIG)
        ended = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "services.notify"],
            env={
                **os.environ,
                **servers,
                "DATABASE_URL": url,
                "KEFU_CONFIG_DIR": str(config(tmp_path, "您的单据{ticket_no}已受理。")),
                "KEFU_HTTP_PORT": "0",
                "KEFU_DATA_KEY": base64.b64encode(os.urandom(32)).decode(),
                "KEFU_TOKEN_KEY": base64.b64encode(os.urandom(32)).decode(),
                "KEFU_RECEIPT_SECRET": RECEIPT_SECRET,
                "KEFU_CARRIER_URL": "http://127.0.0.1:9",
                "KEFU_CARRIER_SECRET": CARRIER_SECRET,
            },
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    assert ended.returncode != 0
    assert "give it a new version: 2" in ended.stdout + ended.stderr


async def test_the_hash_stands_with_the_notice(notify: Notify) -> None:
    """What was sent can be told years later: the notice holds the hash of its words, and the version has the same."""
    await notify.member(phone="+8613900009900")
    ticket = await notify.open()
    await notify.settle(notify.dispatcher(), ticket, "planned", "accepted", "delivered")
    row = await notify.row(ticket)
    known = await notify.transactions.pool.fetchval(
        "select text_hash from template_text where (locale, kind, version) = ('zh-CN', $1, $2)",
        row["kind"],
        row["template_version"],
    )
    assert row["text_hash"] == known is not None


async def test_words_changed_behind_the_back_of_a_process(notify: Notify) -> None:
    """A process whose words are not those that are known sends nothing, whatever else it holds for right."""
    await notify.transactions.pool.execute("update template_text set text_hash = 'other' where kind = 'opened'")
    await notify.member(phone="+8613900009900")
    ticket = await notify.open()
    await notify.settle(notify.dispatcher(), ticket, "planned", "blocked")
    assert notify.reasons(ticket)[-1] == "not_the_template"
    assert (await notify.handset())["total"] == 0
