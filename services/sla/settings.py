"""The settings of sla: those of every service; its rules are in ``calendars.yaml`` and ``promises.yaml``."""

from shared.settings import ServiceSettings


class SlaSettings(ServiceSettings):
    """See ``ServiceSettings``."""
