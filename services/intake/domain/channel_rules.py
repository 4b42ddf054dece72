"""What a channel is trusted with: whose word about a sender counts for how much."""

from typing import Final, Self

from pydantic import model_validator

from shared.config.rule_model import RuleModel
from shared.contracts.contacts import Sender
from shared.contracts.vocabulary import Proof, weaker


class ChannelRules(RuleModel):
    """What one channel is trusted with; what a file leaves out is little.

    ``may_assert_identity``: it logs its members in itself. ``senders``: the kinds of address it can vouch for, None for
    any. ``most_proof``: the surest it can be of one; ``proof``: how sure it is when it does not say.
    """

    may_assert_identity: bool = False
    senders: frozenset[str] | None = None
    most_proof: Proof = Proof.WEAK
    proof: Proof = Proof.WEAK

    @model_validator(mode="after")
    def _no_more_than_the_most(self) -> Self:
        if weaker(self.proof, self.most_proof) != self.proof:
            raise ValueError(f"proof: {self.proof} is more than most_proof: {self.most_proof}")
        return self

    def session_proof(self, stated: str | None) -> Proof:
        """How surely a session it asserts is the member's; ``stated``: how surely the contact says. Unknown words are
        none."""
        return weaker(_known(stated) if stated is not None else self.proof, self.most_proof)

    def proof_of(self, sender: Sender) -> Proof:
        """How surely the sender's address is theirs."""
        vouched_for = self.senders is None or sender.kind in self.senders
        return self.session_proof(sender.proof) if vouched_for else Proof.NONE


NOTHING: Final = ChannelRules(senders=frozenset(), most_proof=Proof.NONE, proof=Proof.NONE)
"""What a channel nobody configured is trusted with."""


def _known(word: str) -> Proof:
    return Proof(word) if word in set(Proof) else Proof.NONE
