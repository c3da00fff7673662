"""What certainly has not gone out can be taken back; and what one may not see does not exist."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from chatcore import Delivery
from chatcore.commands import (
    ReturnToQueue,
    SendBoletos,
    SendMessage,
    SettleReview,
    Withdraw,
)
from chatcore.errors import (
    ChatcoreError,
    NotFound,
    NotPermitted,
    NotWithdrawable,
    OutcomeUnknown,
    Temporary,
)
from chatcore.search import EffectQuery
from chatcore.vocabulary import (
    SYSTEM,
    Actor,
    AgentsRead,
    BoletoForm,
    BoletoId,
    DeliveryStatus,
    EffectId,
    EffectState,
    Private,
    ReasonId,
)
from tests.fickle import AUDITOR, JOAO, ROBO, STAFFED, bonus, in_review, of_nature, shop
from tests.office import ADMIN, ANA, BETO, SUE
from tests.shop import REPEATS

SAID = Private("Liguei para o provedor")


@pytest.mark.parametrize("by", [ANA, SUE, ADMIN])
def test_what_has_not_gone_out_is_withdrawn(by: Actor) -> None:
    """By whose conversation it is, or a superior: it never goes out, and its guard is free. Rule: B11, P."""
    office = shop()
    conversation = office.opened()
    effect = office.desk.handle(bonus(conversation), by=ANA, delivery=Delivery.LATER).effects[0]
    assert office.desk.can(Withdraw(effect), by=by)
    office.desk.handle(Withdraw(effect), by=by)
    assert (office.state(effect).state, office.state(effect).detail) == (EffectState.CANCELLED, "withdrawn")
    office.desk.run_due()
    assert office.billing.bonuses == []
    office.desk.handle(bonus(conversation), by=ANA)
    assert len(office.billing.bonuses) == 1


@pytest.mark.parametrize(
    ("by", "refusal"), [(BETO, NotPermitted), (AUDITOR, NotPermitted), (SYSTEM, NotPermitted), (ROBO, NotFound)]
)
def test_who_has_nothing_to_do_with_it_withdraws_nothing(by: Actor, refusal: type[ChatcoreError]) -> None:
    """Nor does anybody in a conversation that is another's by now. Rule: P."""
    office = shop()
    conversation = office.opened()
    effect = office.desk.handle(bonus(conversation), by=ANA, delivery=Delivery.LATER).effects[0]
    with office.nothing_changes(), pytest.raises(refusal):
        office.desk.handle(Withdraw(effect), by=by)
    office.desk.handle(ReturnToQueue(conversation), by=ANA)
    with office.nothing_changes(), pytest.raises(NotPermitted):
        office.desk.handle(Withdraw(effect), by=ANA)


def test_a_message_is_withdrawn_with_its_effect() -> None:
    """It never leaves, it shows so, and the next one does not wait for it. Rule: M20, M2."""
    office = shop(delivery=Delivery.LATER)
    first, second = office.written("Um", "Dois")
    office.desk.handle(Withdraw(first), by=ANA)
    office.desk.run_due()
    assert office.sent == ["Dois"]
    message = office.message_of(first)
    assert (message.status, message.not_sent) == (DeliveryStatus.FAILED, "withdrawn")
    assert office.message_of(second).status is DeliveryStatus.SENT


def test_what_waits_behind_goes_on() -> None:
    """The first of a lane keeps putting itself off; taken back, it holds up nobody. Rule: B11."""
    office = shop()
    conversation = office.opened()
    office.billing.moods["grant_bonus"] = Temporary(timedelta(hours=1))
    effect = office.desk.handle(bonus(conversation), by=ANA).effects[0]
    office.desk.handle(SendBoletos(conversation, (BoletoId("b1"),), forms=(BoletoForm.PIX,)), by=ANA)
    assert office.sent == []
    office.desk.handle(Withdraw(effect), by=ANA)
    office.desk.run_due()
    assert len(office.sent) == 2
    assert office.state(effect).state is EffectState.CANCELLED


def test_what_may_have_gone_out_is_not_withdrawn() -> None:
    """On its way, in doubt, in review, or ended one way or another. Rule: B11."""
    office = of_nature(REPEATS)
    conversation = office.opened()
    met: list[EffectState] = []

    def refused(effect: EffectId) -> None:
        met.append(office.state(effect).state)
        with office.nothing_changes(), pytest.raises(NotWithdrawable) as refusal:
            office.desk.handle(Withdraw(effect), by=SUE)
        assert (refusal.value.effect, refusal.value.state) == (effect, met[-1])

    def on_its_way(request: Any) -> str:
        refused(request.key)
        raise OutcomeUnknown

    office.billing.moods["grant_bonus"] = on_its_way
    effect = office.desk.handle(bonus(conversation), by=ANA).effects[0]
    refused(effect)
    office.billing.moods["grant_bonus"] = Temporary(timedelta(minutes=5))
    office.pass_time(minutes=2)
    office.desk.run_due()
    refused(effect)
    del office.billing.moods["grant_bonus"]
    office.pass_time(minutes=10)
    office.desk.run_due()
    refused(effect)
    intended = EffectState.INTENDED  # It certainly did not go out the second time; of the first nobody knows.
    assert met == [EffectState.IN_FLIGHT, EffectState.UNKNOWN, intended, EffectState.SUCCEEDED]
    other, _, reviewed = in_review()
    with other.nothing_changes(), pytest.raises(NotWithdrawable):
        other.desk.handle(Withdraw(reviewed), by=SUE)


# --- what one may not see ------------------------------------------------------------------------------------


def test_what_one_may_not_see_does_not_exist() -> None:
    """Another's conversation, another tenant, work of no conversation, no effect at all: one and the same."""
    policies = attrs.evolve(
        STAFFED.policies,
        agents_read=AgentsRead.OWN,
        close_after_idle=timedelta(days=2),
        default_reason=ReasonId("moved"),
    )
    office, _, unseen = in_review(workspace=attrs.evolve(STAFFED, policies=policies))
    inner = [e.id for e in office.desk.effects(EffectQuery(), by=SUE).rows if e.conversation is None]
    assert inner
    foreign, _, _ = in_review(by=SUE)
    far = foreign.desk.handle(SendMessage(foreign.taken(ANA, JOAO), Private("Oi")), by=ANA).effects[0]
    assert far not in office.contents.states
    missing = EffectId("ef_nope.1")
    for by, effects in ((BETO, (unseen, missing, far)), (SUE, (missing, far, *inner))):
        for effect in effects:
            for command in (Withdraw(effect), SettleReview(effect, True, SAID)):
                with office.nothing_changes(), pytest.raises(NotFound) as refused:
                    office.desk.handle(command, by=by)
                assert refused.value.document() == {
                    **refused.value.document(),
                    **NotFound("effect", effect).document(),
                }
                assert type(office.desk.can(command, by=by).refusal) is NotFound
    with pytest.raises(NotFound):
        office.desk.effects(EffectQuery(conversation=office.state(unseen).conversation), by=BETO)
