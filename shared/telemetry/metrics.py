"""Every metric: its meaning, and what to do when it looks wrong. No ids in labels, base units, ``kefu_`` in front."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

_FAST: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SLOW: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)

RECORDS: Final = Counter("kefu_records_total", "Records whose effects are committed.", ["topic"])

BATCH_SECONDS: Final = Histogram(
    "kefu_batch_seconds", "From fetched to committed. Rising: look at the database first.", buckets=_FAST
)

BATCH_RECORDS: Final = Histogram(
    "kefu_batch_records", "Records of a batch. At the maximum all the time: add a replica.", buckets=_SIZES
)

EVENT_AGE_SECONDS: Final = Histogram(
    "kefu_event_age_seconds",
    "From a record's own time to the commit of its effects. Rising: consumers fall behind.",
    ["topic"],
    buckets=_SLOW,
)

RETRIES: Final = Counter(
    "kefu_retries_total", "Transactions tried again. Steady growth: the database or Kafka is unwell.", ["kind"]
)

DEAD_LETTERS: Final = Counter(
    "kefu_dead_letters_total", "Records given up on. Look at them: kefu dead-letters list.", ["topic", "reason"]
)

REPEATED: Final = Counter("kefu_repeated_total", "Publications seen before and left out. Normal after a crash.")

PUBLISHED: Final = Counter("kefu_published_total", "Events acknowledged by Kafka.")

OUTBOX_OLDEST_SECONDS: Final = Gauge(
    "kefu_outbox_oldest_seconds", "Age of the oldest unpublished event. Above a few seconds: Kafka refuses or is away."
)

LAG_RECORDS: Final = Gauge("kefu_lag_records", "Records not yet processed, over this process's partitions.")

CLAIMED_PARTITIONS: Final = Gauge("kefu_claimed_partitions", "Partitions this process owns. 0 on all: nobody consumes.")

HALTED: Final = Gauge("kefu_halted", "1 when consuming has stopped and a person must look: see /readyz for the reason.")

LOOP_FAILURES: Final = Counter("kefu_loop_failures_total", "Steps of a periodic loop that failed.", ["loop"])

TIMER_LATENESS_SECONDS: Final = Histogram(
    "kefu_timer_lateness_seconds", "From a timer's due time to its effect. Above 1 s: add a replica.", buckets=_SLOW
)

HTTP_REQUESTS: Final = Counter("kefu_http_requests_total", "HTTP requests answered.", ["route", "status"])

NOTICES: Final = Counter(
    "kefu_notices_total",
    "Notices that reached a state. Many rejected, undelivered or blocked: read the reasons on support.notice.v1.",
    ["state", "channel"],
)

NOTICE_LATE_SECONDS: Final = Gauge(
    "kefu_notice_late_seconds", "How long the longest due notice has been waiting. Above a few seconds: add a replica."
)

NOTICES_IN_DOUBT: Final = Gauge(
    "kefu_notices_in_doubt",
    "Notices a provider did not answer about. Growing: the provider or the way to it is unwell.",
)

NOTICE_CALL_SECONDS: Final = Histogram(
    "kefu_notice_call_seconds",
    "From handing a notice to a provider to its answer. Near the deadline: the provider is unwell.",
    ["provider", "answer"],
    buckets=_SLOW,
)

RECEIPTS: Final = Counter(
    "kefu_receipts_total",
    "Delivery receipts by what they were. Unknown ones: another installation's, or somebody guesses.",
    ["provider", "kind"],
)

CONTACTS: Final = Counter(
    "kefu_contacts_total",
    "Contacts by effect: opened, amended, repeated. Many repeated: a channel sends again, look at its 503s.",
    ["channel", "effect"],
)

ASSIGNED: Final = Counter("kefu_routing_assigned_total", "Tickets reserved for an agent.", ["lane", "rule"])

DECLINED: Final = Counter(
    "kefu_routing_declined_total",
    "Reservations that came back. Many timeouts: agents are online without being there.",
    ["cause"],
)

ACTIONS: Final = Counter(
    "kefu_routing_actions_total",
    "Actions judged. Many refused of one kind: a desk or CRM misunderstands it.",
    ["kind", "outcome"],
)

MATCH_SECONDS: Final = Histogram(
    "kefu_routing_match_seconds",
    "One round of matching, locks to commit. Rising: look at the queue first.",
    buckets=_FAST,
)

QUEUED_TICKETS: Final = Gauge(
    "kefu_routing_queued_tickets", "Tickets nobody has. Growing: too few agents with that skill are online.", ["queue"]
)

QUEUED_OLDEST_SECONDS: Final = Gauge(
    "kefu_routing_queued_oldest_seconds",
    "The longest present wait in a queue. Rising with few tickets: a skill is missing.",
    ["queue"],
)

LOAD_DRIFT: Final = Gauge(
    "kefu_routing_load_drift", "Agents whose load is not the number of their tickets. Above 0: a defect, report it."
)
