"""Statements counted from PostgreSQL's log."""

from pathlib import Path

from bench.statements import count

LOG = """\
2026-11-22 12:00:00.000 UTC [7] LOG:  statement: BEGIN;
2026-11-22 12:00:00.001 UTC [7] LOG:  execute __asyncpg_1__:
\tupdate consumer_offset o set next_off = v.new
\tfrom unnest($1::text[])
2026-11-22 12:00:00.002 UTC [9] LOG:  statement: BEGIN;
2026-11-22 12:00:00.003 UTC [9] LOG:  execute __asyncpg_2__: delete from outbox where (lane, id) in (select 1)
2026-11-22 12:00:00.004 UTC [7] LOG:  statement: COMMIT;
2026-11-22 12:00:00.005 UTC [9] LOG:  statement: COMMIT;
2026-11-22 12:00:00.006 UTC [9] LOG:  execute __asyncpg_3__: select 1
2026-11-22 12:00:00.007 UTC [5] LOG:  statement: select 'of the benchmark'
2026-11-22 12:00:00.008 UTC [4] LOG:  checkpoint starting: immediate
"""


def test_statements_belong_to_their_transactions(tmp_path: Path) -> None:
    """Interleaved transactions are told apart by their backend, and by what is in them."""
    log = tmp_path / "log"
    log.write_text("2026-11-22 11:00:00.000 UTC [7] LOG:  statement: select 'before'\n" + LOG, "utf-8")
    found = count(log, log.stat().st_size - len(LOG), without=5)
    assert (found.batches, found.in_batches) == (1, 3)
    assert (found.publications, found.in_publications) == (1, 3)
    assert (found.others, found.all) == (1, 7)
