"""What routing is told by its surroundings."""

from pydantic import Field, SecretStr

from shared.security.action_tokens import ActionTokens
from shared.settings import ServiceSettings


class RoutingSettings(ServiceSettings):
    """The settings of every service, and routing's own. The rules of routing are in ``config/queues.yaml``."""

    data_key: SecretStr = Field(description="keys that seal personal data at rest, base64, the first one seals")
    keep_actions_days: float = Field(
        30.0, ge=1, description="actions are known again for this long; longer than they lie on their topics"
    )
    action_keys: SecretStr = Field(
        SecretStr(""),
        description="vouch for who acts: <signer>=<base64 of 32 bytes>, comma-separated",
    )
    action_tokens: ActionTokens = Field(
        ActionTokens.REQUIRED, description="required: an action without a token of a signer is refused; optional"
    )
    match_seconds: float = Field(0.2, gt=0, description="how often waiting tickets are looked at without being woken")
    match_tickets: int = Field(500, ge=1, le=5000, description="tickets of one round of matching, at most")
