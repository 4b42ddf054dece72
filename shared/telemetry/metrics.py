"""Every metric: its meaning, and what to do when it looks wrong.

Names follow Prometheus: ``kefu_`` in front, base units (``_seconds``), ``_total`` for what only grows. Durations are in
seconds, sizes in records. Labels have few values and never an id.
"""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

_FAST: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SLOW: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def _told(meaning: str, remedy: str) -> str:
    """The help text: what is counted, then ``<what looks wrong>: <what to do>``."""
    return f"{meaning} {remedy}"


RECORDS: Final = Counter(
    "kefu_records_total",
    _told("Records whose effects are committed.", "Flat while kefu_lag_records is not 0: /readyz says what is wrong."),
    ["topic"],
)

BATCH_SECONDS: Final = Histogram(
    "kefu_batch_seconds", _told("From fetched to committed.", "Rising: look at the database first."), buckets=_FAST
)

BATCH_RECORDS: Final = Histogram(
    "kefu_batch_records", _told("Records of a batch.", "At the maximum all the time: add a replica."), buckets=_SIZES
)

EVENT_AGE_SECONDS: Final = Histogram(
    "kefu_event_age_seconds",
    _told(
        "From a record's own time to the commit of its effects.",
        "Rising with kefu_batch_seconds: the database is the limit; rising alone: add a replica.",
    ),
    ["topic"],
    buckets=_SLOW,
)

RETRIES: Final = Counter(
    "kefu_retries_total",
    _told("Transactions tried again.", "Steady growth: the database or Kafka is unwell."),
    ["kind"],
)

DEAD_LETTERS: Final = Counter(
    "kefu_dead_letters_total",
    _told("Records given up on.", "Any: look at them with kefu dead-letters list, mend the cause, replay them."),
    ["topic", "reason"],
)

REPEATED: Final = Counter(
    "kefu_repeated_total",
    _told(
        "Publications seen before and left out.", "Growing without a crash: a writer publishes twice, look at its log."
    ),
)

PUBLISHED: Final = Counter(
    "kefu_published_total",
    _told("Events acknowledged by Kafka.", "Flat while kefu_outbox_oldest_seconds grows: Kafka refuses or is away."),
)

OUTBOX_OLDEST_SECONDS: Final = Gauge(
    "kefu_outbox_oldest_seconds",
    _told("Age of the oldest unpublished event.", "Above a few seconds: Kafka refuses or is away."),
)

LAG_RECORDS: Final = Gauge(
    "kefu_lag_records",
    _told(
        "Records not yet processed, over this process's partitions.", "Growing: add a replica, up to the partitions."
    ),
)

STANDSTILL_SECONDS: Final = Gauge(
    "kefu_standstill_seconds",
    _told(
        "How long records have waited in a partition whose position does not move.",
        "Above a minute: /readyz names the partition; the log tells what its batch or its fetch fails with.",
    ),
)

UNREADABLE_PARTITIONS: Final = Gauge(
    "kefu_unreadable_partitions",
    _told(
        "Partitions halted by themselves because what lies there cannot be read.",
        "Above 0: /readyz and kefu topics name the offset; mend the broker's disk, or kefu topics skip.",
    ),
)

FETCH_FAILURES: Final = Counter(
    "kefu_fetch_failures_total",
    _told("Fetches that failed, and were made again.", "Steady growth: the brokers or the way to them are unwell."),
    ["kind"],
)

HOLES: Final = Counter(
    "kefu_holes_total",
    _told(
        "Holes in a log that is not compacted: asked about again, or there the second time too.",
        "Any there: records are gone that nobody deleted, look at the brokers.",
    ),
    ["outcome"],
)

CLAIMED_PARTITIONS: Final = Gauge(
    "kefu_claimed_partitions",
    _told("Partitions this process owns.", "0 on all replicas: nobody consumes, /readyz says why."),
)

PLACES_CHANGED: Final = Counter(
    "kefu_places_changed_total",
    _told(
        "Partitions whose log was not the one remembered: made anew, cut, or gone unread.",
        "Any: the log line bus.place_changed says what was done about it; find out who did it.",
    ),
    ["topic", "change"],
)

HALTED: Final = Gauge(
    "kefu_halted",
    _told("1 when consuming has stopped for a person to look.", "1: /readyz has the reason; mend it and restart."),
)

PUT_OFF_PARTITIONS: Final = Gauge(
    "kefu_put_off_partitions",
    _told(
        "Partitions whose next record waits for somebody's lock, or takes too long, while the others go on.",
        "Above 0 for a minute: the log line record.put_off says why; look for open transactions in PostgreSQL.",
    ),
)

PASSED_OVER_REPLAYS: Final = Counter(
    "kefu_passed_over_replays_total",
    _told(
        "Records passed over because they are replays meant for another group.",
        "Any that nobody replayed: an outsider forges them, look at who writes to the topic.",
    ),
    ["topic"],
)

LOOP_FAILURES: Final = Counter(
    "kefu_loop_failures_total",
    _told("Steps of a periodic loop that failed.", "Growing: the log line loop.failed has the error."),
    ["loop"],
)

TIMER_LATENESS_SECONDS: Final = Histogram(
    "kefu_timer_lateness_seconds",
    _told("From a timer's due time to its effect.", "Above 1 s: add a replica, then look at the database."),
    buckets=_SLOW,
)

TIMERS_PUT_OFF: Final = Counter(
    "kefu_timers_put_off_total",
    _told(
        "Tickets whose due timers failed and are tried again a minute later.",
        "Growing: the log line timers.put_off names the ticket and the error; warnings of that ticket are late.",
    ),
)

HTTP_REQUESTS: Final = Counter(
    "kefu_http_requests_total",
    _told("HTTP requests answered.", "Many 503: Kafka does not acknowledge; many 401: a sender has another secret."),
    ["route", "status"],
)

HTTP_CUT_OFF: Final = Counter(
    "kefu_http_cut_off_total",
    _told(
        "Connections and requests ended early: silent or crowded out, a body too large (413), too slow (408), too many "
        "at a time (503).",
        "Growing: somebody holds connections open or sends too much; see where from at the proxy, and stop them there.",
    ),
    ["why"],
)

NOTICES: Final = Counter(
    "kefu_notices_total",
    _told(
        "Notices that reached a state.",
        "Many rejected, undelivered or blocked: read the reasons on the topic of notices.",
    ),
    ["state", "channel"],
)

NOTICE_LATE_SECONDS: Final = Gauge(
    "kefu_notice_late_seconds",
    _told("How long the longest due notice has been waiting.", "Above a few seconds: add a replica."),
)

NOTICES_IN_DOUBT: Final = Gauge(
    "kefu_notices_in_doubt",
    _told("Notices a provider did not answer about.", "Growing: the provider or the way to it is unwell."),
)

NOTICE_CALL_SECONDS: Final = Histogram(
    "kefu_notice_call_seconds",
    _told("From handing a notice to a provider to its answer.", "Near the deadline: the provider is unwell."),
    ["provider", "answer"],
    buckets=_SLOW,
)

RECEIPTS: Final = Counter(
    "kefu_receipts_total",
    _told(
        "Delivery receipts by what they were.",
        "Many unknown: another installation has our receipt secret, or somebody guesses; replace the secret.",
    ),
    ["provider", "kind"],
)

CONTACTS: Final = Counter(
    "kefu_contacts_total",
    _told(
        "Contacts by effect, opened, amended, waiting (for the matter to follow) or repeated.",
        "Many repeated: a channel sends again, look at its 503s.",
    ),
    ["channel", "effect"],
)

ASSIGNED: Final = Counter(
    "kefu_routing_assigned_total",
    _told(
        "Tickets reserved for an agent.", "Flat while tickets are queued: nobody online has the skill or a free place."
    ),
    ["lane", "rule"],
)

DECLINED: Final = Counter(
    "kefu_routing_declined_total",
    _told("Reservations that came back.", "Many timeouts: agents are online without being there."),
    ["cause"],
)

ACTIONS: Final = Counter(
    "kefu_routing_actions_total",
    _told("Actions judged.", "Many refused of one kind: a desk or CRM misunderstands it."),
    ["kind", "outcome"],
)

MATCH_SECONDS: Final = Histogram(
    "kefu_routing_match_seconds",
    _told("One round of matching, locks to commit.", "Rising: look at the queue first."),
    buckets=_FAST,
)

QUEUED_TICKETS: Final = Gauge(
    "kefu_routing_queued_tickets",
    _told("Tickets nobody has.", "Growing: too few agents with that skill are online."),
    ["queue"],
)

QUEUED_OLDEST_SECONDS: Final = Gauge(
    "kefu_routing_queued_oldest_seconds",
    _told("The longest present wait in a queue.", "Rising with few tickets: a skill is missing."),
    ["queue"],
)

LOAD_DRIFT: Final = Gauge(
    "kefu_routing_load_drift",
    _told("Agents whose load is not the number of their tickets.", "Above 0: a defect, report it with routing's log."),
)

PRUNED_ROWS: Final = Counter(
    "kefu_pruned_rows_total",
    _told(
        "Rows deleted because they were kept for as long as they had to be.",
        "Flat while tables grow: the loop fails, see kefu_loop_failures_total.",
    ),
    ["table"],
)

UNREADABLE_ROWS: Final = Counter(
    "kefu_unreadable_rows_total",
    _told(
        "Tries to open what no key of KEFU_DATA_KEY opens, which is kept and tried again.",
        "Above 0: a key was taken out too early, put it back at the end of KEFU_DATA_KEY.",
    ),
    ["table"],
)
