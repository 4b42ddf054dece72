"""When a contact was received."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.received import believed

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
OLDEST = timedelta(hours=72)
CLOCKS = st.datetimes(datetime(2001, 1, 1), datetime(2198, 1, 1), timezones=st.timezones())  # noqa: DTZ001


@given(st.timedeltas(timedelta(0), OLDEST))
def test_a_backlog_is_believed(lay: timedelta) -> None:
    """What lay about was received when its channel says."""
    assert believed(NOW - lay, NOW, OLDEST) == NOW - lay


@given(CLOCKS)
def test_no_clock_is_believed_beyond_reason(received_at: datetime) -> None:
    """Whatever a channel's clock says, a contact is neither from the future nor from long ago."""
    assert NOW - OLDEST <= believed(received_at, NOW, OLDEST) <= NOW
