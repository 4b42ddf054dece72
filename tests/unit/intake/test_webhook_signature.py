"""Signatures of Standard Webhooks."""

import base64
import secrets

import pytest

from services.intake.edges.credentials import Grant, WebhookSecretError, key_of, read_credentials
from services.intake.edges.standard_webhooks import SignatureError, WebhookVerifier, sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, TIME, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
PUBLISHED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
"""The example of the specification's reference libraries."""


def verifier(secrets: str = SECRET, *, now: float = TIME) -> WebhookVerifier:
    """One whose clock stands still."""
    return WebhookVerifier(read_credentials("", secrets), clock=lambda: now)


def test_the_published_example_is_accepted_and_made() -> None:
    """Our signature of the published message is the published one, and it is accepted."""
    verifier().verify(ID, str(TIME), PUBLISHED, BODY)
    assert sign(key_of(SECRET), ID, TIME, BODY) == PUBLISHED


def test_one_fitting_signature_among_several_is_enough() -> None:
    """While secrets are replaced a message carries several signatures, also of versions we do not know."""
    verifier().verify(ID, str(TIME), f"v1a,b2s= v1,bm9uc2Vuc2U= {PUBLISHED}", BODY)


def test_any_of_several_secrets_may_have_signed() -> None:
    """The old secret is good until it is taken out of the setting."""
    newer = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
    verifier(f"{newer}, {SECRET}").verify(ID, str(TIME), PUBLISHED, BODY)
    with pytest.raises(SignatureError):
        verifier(newer).verify(ID, str(TIME), PUBLISHED, BODY)


@pytest.mark.parametrize(
    ("message_id", "timestamp", "signature", "body", "reason"),
    [
        (None, str(TIME), PUBLISHED, BODY, "webhook-id is missing"),
        (ID, None, PUBLISHED, BODY, "webhook-timestamp is missing"),
        (ID, str(TIME), None, BODY, "webhook-signature is missing"),
        (ID, str(TIME), "", BODY, "webhook-signature is missing"),
        (ID + "x", str(TIME), PUBLISHED, BODY, "no signature fits"),
        (ID, str(TIME + 1), PUBLISHED, BODY, "no signature fits"),
        (ID, str(TIME), PUBLISHED, BODY + b" ", "no signature fits"),
        (ID, str(TIME), "v1,not base64!", BODY, "no signature fits"),
        (ID, str(TIME), "v1,\xe9\xe9", BODY, "no signature fits"),
        (ID, str(TIME), PUBLISHED.replace("v1,", "v2,"), BODY, "no signature of version v1"),
        (ID, "soon", PUBLISHED, BODY, "not a number of seconds"),
        (ID, "1" * 30, PUBLISHED, BODY, "not a number of seconds"),
        (ID, "\xb2", PUBLISHED, BODY, "not a number of seconds"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(
    message_id: str | None, timestamp: str | None, signature: str | None, body: bytes, reason: str
) -> None:
    """The sender reads what is wrong."""
    with pytest.raises(SignatureError, match=reason):
        verifier().verify(message_id, timestamp, signature, body)


@pytest.mark.parametrize(("off", "accepted"), [(300, True), (-300, True), (301, False), (-301, False)])
def test_a_message_is_good_for_five_minutes(off: int, accepted: bool) -> None:
    """Five minutes early or late is accepted, a second more is not."""
    if accepted:
        verifier(now=TIME + off).verify(ID, str(TIME), PUBLISHED, BODY)
    else:
        with pytest.raises(SignatureError, match="at most 300 s"):
            verifier(now=TIME + off).verify(ID, str(TIME), PUBLISHED, BODY)


@pytest.mark.parametrize(
    ("by_channel", "for_every"),
    [
        ("", ""),
        ("", "whsec_"),
        ("", "whsec_MfKQ"),
        ("", "whsec_***"),
        ("", SECRET.removeprefix("whsec_")),
        ("", f"{SECRET},"),
        (SECRET, ""),
        (f"={SECRET}", ""),
        (f"chat={SECRET},", ""),
        (f"Chat={SECRET}", ""),
        (f"chat/x={SECRET}", ""),
        (f"chat+={SECRET}", ""),
        (f"chat={SECRET};email={SECRET}", ""),
        ("chat=whsec_MfKQ", SECRET),
    ],
)
def test_an_unusable_secret_is_refused_at_start(by_channel: str, for_every: str) -> None:
    """A service with a weak or malformed secret, or with none, does not start."""
    with pytest.raises(WebhookSecretError, match="whsec_"):
        read_credentials(by_channel, for_every)


def test_a_signature_grants_the_channels_of_its_secret() -> None:
    """One channel, two, every one; the secrets of one channel each grant it."""
    for form, channels in ((f"chat={SECRET}", {"chat"}), (f"a+b_2={SECRET}", {"a", "b_2"}), (f"*={SECRET}", None)):
        grant = WebhookVerifier(read_credentials(form), clock=lambda: TIME).verify(ID, str(TIME), PUBLISHED, BODY)
        assert grant == Grant(None if channels is None else frozenset(channels))
    newer = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
    rotated = read_credentials(f"chat={newer}, chat={SECRET}")
    assert WebhookVerifier(rotated, clock=lambda: TIME).verify(ID, str(TIME), PUBLISHED, BODY).only == "chat"
