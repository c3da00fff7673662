"""What must still hold of the outside world before something goes out: asked at each claim. Rule: B2, L21, M5.

Block, window, who the contact is, whose the contract is: any of them may have changed since it was asked for.
"""

from __future__ import annotations

from chatcore.entities import Effect
from chatcore.entities.effect import INNER
from chatcore.errors import InvalidValue, RuleViolation
from chatcore.rules.facts import OnEffect
from chatcore.rules.passing import check_carried, passes
from chatcore.vocabulary import EffectKind, MessageKind, Situation

__all__ = ["hindrance"]

_TO_THE_CUSTOMER = frozenset({EffectKind.SEND_MESSAGE, EffectKind.ISSUE_BOLETO, EffectKind.ISSUE_INVOICE})


def hindrance(facts: OnEffect) -> str | None:
    """The code of why an effect must not go out now; None when it may."""
    effect = facts.effect
    if effect.kind in INNER or effect.kind in (EffectKind.KEEP_STATUS, EffectKind.FETCH_MEDIA):
        return None
    if effect.kind is EffectKind.FIND_CUSTOMER:
        is_known = facts.contact is not None and facts.contact.customer is not None
        return "linked" if is_known else None
    if effect.demand is not None and (changed := _not_theirs(effect, facts)) is not None:
        return changed
    is_said = effect.kind in _TO_THE_CUSTOMER or effect.kind is EffectKind.SEND_RECEIPT
    if is_said and facts.contact is not None and facts.contact.blocked is not None:
        return "contact_blocked"
    issued_for = None if facts.message is None else facts.message.extras.customer
    if issued_for is not None and (facts.contact is None or facts.contact.customer != issued_for):
        return "unlinked"
    if effect.kind is EffectKind.SEND_RECEIPT:
        is_open = facts.conversation is not None and facts.conversation.situation is Situation.OPEN
        return None if is_open and facts.workspace.policies.read_receipts else "not_wanted"
    return _shut(facts) if effect.kind in _TO_THE_CUSTOMER else None


def _not_theirs(effect: Effect, facts: OnEffect) -> str | None:
    """Whether it is for another customer than the contact is by now, or about a contract that is not theirs."""
    demand, contact = effect.demand, facts.contact
    assert demand is not None
    if demand.customer is not None and (contact is None or contact.customer != demand.customer):
        return "unlinked"
    if demand.contract is None or facts.contracts is None:
        return None
    return None if any(each.id == demand.contract for each in facts.contracts) else "not_theirs"


def _shut(facts: OnEffect) -> str | None:
    """Whether the channel takes it no more."""
    capabilities, message, conversation = facts.capabilities, facts.message, facts.conversation
    if capabilities is None:
        return None
    if message is None and conversation is not None and conversation.situation is Situation.CLOSED:
        return "conversation_closed"
    kind = MessageKind.DOCUMENT if message is None else message.kind
    if not passes(kind, capabilities, None if conversation is None else conversation.window_until, facts.now):
        return "window_closed"
    if message is None:
        return None
    try:
        check_carried(message, facts.contact, capabilities, facts.workspace)
    except RuleViolation as error:
        return error.code
    except InvalidValue:
        return "template_archived"
    return None
