"""For operators: how many effects stand where, and what waits for a second person."""

from __future__ import annotations

import asyncio
from typing import Any

import attrs
import pytest

from chatcore import AsyncDesk, AsyncPorts, Delivery
from chatcore.commands import (
    Close,
    Configure,
    OpenServiceOrder,
    RecordResult,
    SendBoletos,
    SettleReview,
    Withdraw,
)
from chatcore.entities import (
    AtMostOnce,
)
from chatcore.errors import (
    AlreadyAsked,
    ChatcoreError,
    IdempotencyMismatch,
    InvalidValue,
    NotContracted,
    NotFound,
    NotInReview,
    NotPermitted,
    OutcomeUnknown,
    Permanent,
    SecondPersonRequired,
    VersionConflict,
)
from chatcore.i18n import label
from chatcore.limits import COUNT_ROWS, JUSTIFICATION_LENGTH, PAGE_ROWS
from chatcore.memory import (
    AsyncMemoryBilling,
    AsyncMemoryContracts,
    AsyncMemoryMessaging,
    AsyncMemoryStorage,
)
from chatcore.vocabulary import (
    SYSTEM,
    Actor,
    AgentsRead,
    BoletoId,
    EffectId,
    EffectState,
    Private,
    ReasonId,
)
from tests.fickle import AUDITOR, ROBO, STAFFED, bonus, in_review, of_nature, shop
from tests.office import ADMIN, ANA, BETO, SUE, WHATSAPP
from tests.shop import REPEATS

SAM = Actor.agent("sam")
SAID = Private("Liguei para o provedor")

# --- how many stand where ------------------------------------------------------------------------------------


def test_the_overview_counts_each_state() -> None:
    """Every state is there, also where nothing stands in it. Rule: B11."""
    office, conversation, _ = in_review()
    office.desk.handle(bonus(conversation, period="2026-04"), by=ANA, delivery=Delivery.LATER)
    office.billing.moods["issue_boleto"] = Permanent("none")
    office.desk.handle(SendBoletos(conversation, (BoletoId("b1"),)), by=ANA)
    told = office.desk.overview(by=SUE)
    assert [state for state, _ in told.counts] == list(EffectState)
    standing = {state.value: count for state, count in told.counts if count}
    assert standing == {"succeeded": 2, "failed": 1, "review": 1}
    assert (told.of(EffectState.REVIEW), told.of(EffectState.UNKNOWN), told.at_most) == (1, 0, COUNT_ROWS)


@pytest.mark.parametrize(
    ("by", "policy", "refusal"),
    [
        (ANA, AgentsRead.ALL, None),
        (SUE, AgentsRead.OWN, None),
        (ADMIN, AgentsRead.OWN, None),
        (AUDITOR, AgentsRead.OWN, None),
        (SYSTEM, AgentsRead.OWN, None),
        (ANA, AgentsRead.OWN, NotPermitted),
        (ANA, AgentsRead.DEPARTMENTS, NotPermitted),
        (ROBO, AgentsRead.ALL, NotPermitted),
        (Actor.agent("nobody"), AgentsRead.ALL, NotFound),
    ],
)
def test_who_sees_everything_sees_the_overview(
    by: Actor, policy: AgentsRead, refusal: type[ChatcoreError] | None
) -> None:
    """And the reviews; nobody else sees either, not even a part. Rule: P."""
    workspace = attrs.evolve(STAFFED, policies=attrs.evolve(STAFFED.policies, agents_read=policy))
    office, _, effect = in_review(workspace=workspace)
    if refusal is None:
        assert office.desk.overview(by=by).of(EffectState.REVIEW) == 1
        assert [review.effect.id for review in office.desk.reviews(by=by).rows] == [effect]
        return
    for read in (office.desk.overview, office.desk.reviews):
        with pytest.raises(refusal):
            read(by=by)


def test_what_is_not_contracted_is_not_shown() -> None:
    """Settling goes on all the same, by what comes from outside. Rule: S23."""
    office, _, effect = in_review()
    office.desk.handle(Configure(attrs.evolve(STAFFED, modules=())), by=SYSTEM)
    for read in (office.desk.overview, office.desk.reviews):
        with pytest.raises(NotContracted):
            read(by=SUE)
    for command in (SettleReview(effect, True, SAID), Withdraw(effect)):
        with office.nothing_changes(), pytest.raises(NotContracted):
            office.desk.handle(command, by=SUE)
    office.desk.handle(RecordResult(effect=effect, applied=True, reference="bn-9"), by=SYSTEM)
    assert office.desk.overview(by=SYSTEM).of(EffectState.REVIEW) == 1


# --- what waits for a second person --------------------------------------------------------------------------


def test_a_review_says_what_is_known() -> None:
    """Why it was in doubt, what was found since, and what is to be found out, with words for it. Rule: B11."""
    office, _, effect = in_review()
    (review,) = office.desk.reviews(by=SUE).rows
    assert review.effect == office.state(effect)
    assert (review.known, review.find_out) == (("outcome_unknown",), ("was_it_applied",))
    office.desk.handle(RecordResult(effect=effect, applied=True, reference="bn-9"), by=SYSTEM)
    office.desk.handle(RecordResult(effect=effect, applied=False, failure="E42"), by=SYSTEM)
    (review,) = office.desk.reviews(by=SUE).rows
    assert review.known == ("outcome_unknown", "done", "refused:E42")
    assert all(label(code) and label(code) != code for code in (*review.known, *review.find_out))


def test_a_review_of_two_successes_asks_for_both() -> None:
    """One under another reference than the one that was settled by: was it done twice? Rule: B11."""
    office = shop()
    effect = office.desk.handle(bonus(office.opened()), by=ANA).effects[0]
    assert office.desk.reviews(by=SUE).rows == ()
    office.desk.handle(RecordResult(effect=effect, applied=True, reference="bn-1"), by=SYSTEM)
    assert office.desk.reviews(by=SUE).rows == ()
    office.desk.handle(RecordResult(effect=effect, applied=True, reference="bn-9"), by=SYSTEM)
    (review,) = office.desk.reviews(by=SUE).rows
    assert (review.known, review.find_out) == (("done",), ("was_it_applied_twice",))


def test_a_late_success_beside_another_asks_which_counts() -> None:
    """It had failed, so another was asked for; then it turns out to have been done. Rule: B11."""
    office = shop()
    conversation = office.opened()
    office.billing.moods["grant_bonus"] = Permanent("no_credit")
    late = office.desk.handle(bonus(conversation), by=ANA).effects[0]
    del office.billing.moods["grant_bonus"]
    other = office.desk.handle(bonus(conversation), by=ANA).effects[0]
    office.desk.handle(RecordResult(effect=late, applied=True, reference="bn-late"), by=SYSTEM)
    (review,) = office.desk.reviews(by=SUE).rows
    assert (review.effect.id, office.state(other).state) == (late, EffectState.SUCCEEDED)
    assert review.find_out == ("was_it_applied", "which_one_counts")
    assert review.known == ("no_credit", "done")
    office.desk.handle(SettleReview(late, False, SAID), by=SUE)
    with office.nothing_changes(), pytest.raises(AlreadyAsked) as refused:
        office.desk.handle(bonus(conversation), by=SUE)
    assert refused.value.effect == other


def test_reviews_are_paged() -> None:
    """Without gap or repeat; a page has bounds. Rule: B11."""
    office = of_nature(AtMostOnce())
    conversation = office.opened()
    office.contracts.moods["open_order"] = RuntimeError("no line")
    for _ in range(5):
        office.desk.handle(OpenServiceOrder(conversation, "visit", "Sem sinal", "Visitar"), by=ANA)
    office.desk.run_due()
    seen: list[EffectId] = []
    cursor: str | None = None
    for size in (2, 2, 1):
        page = office.desk.reviews(by=SUE, limit=2, cursor=cursor)
        assert len(page.rows) == size
        seen += [review.effect.id for review in page.rows]
        cursor = page.next
    assert (len(set(seen)), cursor) == (5, None)
    for limit in (0, -1, PAGE_ROWS + 1, True, "5", None):
        with pytest.raises(InvalidValue):
            office.desk.reviews(by=SUE, limit=limit)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue):
        office.desk.reviews(by=SUE, cursor="nonsense")


def test_an_auditor_reads_codes_and_no_names() -> None:
    """What is known stays; who it is for, why, and under which reference does not. Rule: P."""
    office, _, effect = in_review()
    office.desk.handle(RecordResult(effect=effect, applied=True, reference="bn-9"), by=SYSTEM)
    (review,) = office.desk.reviews(by=AUDITOR).rows
    assert (review.effect.id, review.known) == (effect, ("outcome_unknown", "done"))
    shown = repr(attrs.asdict(review, value_serializer=_revealed))
    for private in ("cu-maria", "Esperou", "bn-9"):
        assert private not in shown
        assert private in repr(attrs.asdict(office.desk.reviews(by=SUE).rows[0], value_serializer=_revealed))


def _revealed(_: object, __: object, value: object) -> object:
    return value.reveal() if isinstance(value, Private) else value


# --- settled by a second person ------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [SUE, ADMIN])
@pytest.mark.parametrize("applied", [True, False])
def test_a_second_person_settles_it(by: Actor, applied: bool) -> None:
    """With evidence and reference; all that was known stays; applied it keeps its guard. Rule: B11, B8."""
    office, conversation, effect = in_review()
    command = SettleReview(effect, applied, SAID, reference="bn-7" if applied else None)
    assert office.desk.can(command, by=by)
    office.desk.handle(command, by=by)
    settled = office.state(effect)
    assert settled.state is (EffectState.SUCCEEDED if applied else EffectState.FAILED)
    assert settled.reference == ("bn-7" if applied else None)
    kept = settled.evidence[-1]
    assert (kept.note, kept.by, kept.reference) == (SAID, by, "bn-7" if applied else None)
    assert office.desk.reviews(by=SUE).rows == ()
    if applied:
        with office.nothing_changes(), pytest.raises(AlreadyAsked):
            office.desk.handle(bonus(conversation), by=ANA)
    else:
        office.desk.handle(bonus(conversation), by=ANA)
        assert len(office.billing.bonuses) == 1
    with office.nothing_changes(), pytest.raises(NotInReview):
        office.desk.handle(command, by=by)


@pytest.mark.parametrize(
    ("asked_by", "by", "refusal"),
    [
        (ANA, ANA, NotPermitted),
        (ANA, BETO, NotPermitted),
        (ANA, AUDITOR, NotPermitted),
        (ANA, SYSTEM, NotPermitted),
        (ANA, ROBO, NotFound),
        (SUE, SUE, SecondPersonRequired),
        (SUE, SAM, None),
        (SUE, ADMIN, None),
    ],
)
def test_who_asked_for_it_does_not_settle_it(
    asked_by: Actor, by: Actor, refusal: type[ChatcoreError] | None
) -> None:
    """Another supervisor or an admin does; who may not, changes nothing, and `can` says so. Rule: B11, P."""
    office, _, effect = in_review(by=asked_by)
    command = SettleReview(effect, True, SAID)
    if refusal is None:
        office.desk.handle(command, by=by)
        return
    with office.nothing_changes(), pytest.raises(refusal):
        office.desk.handle(command, by=by)
    assert type(office.desk.can(command, by=by).refusal) is refusal


def test_only_a_review_is_settled_so() -> None:
    """Whatever stands elsewhere ends by itself. Rule: B11."""
    office = of_nature(REPEATS)
    conversation = office.opened()
    done = office.desk.handle(bonus(conversation), by=ANA).effects[0]
    waiting = office.desk.handle(
        bonus(conversation, period="2026-04"), by=ANA, delivery=Delivery.LATER
    ).effects[0]
    office.billing.moods["grant_bonus"] = OutcomeUnknown()
    in_doubt = office.desk.handle(bonus(conversation, period="2026-05"), by=ANA).effects[0]
    for effect in (done, waiting, in_doubt):
        with office.nothing_changes(), pytest.raises(NotInReview) as refused:
            office.desk.handle(SettleReview(effect, True, SAID), by=SUE)
        assert (refused.value.effect, refused.value.state) == (effect, office.state(effect).state)


def test_a_review_outlasts_its_conversation() -> None:
    """It is settled in a closed one too; a repeat is one, and a stale view is told. Rule: L18."""
    office, conversation, effect = in_review()
    office.desk.handle(Close(conversation, ReasonId("moved")), by=ANA)
    command = SettleReview(effect, True, SAID, reference="bn-7")
    with office.nothing_changes(), pytest.raises(VersionConflict):
        office.desk.handle(command, by=SUE, expected=1)
    seen = office.state(conversation).version
    first = office.desk.handle(command, by=SUE, key="k", expected=seen)
    assert office.desk.handle(command, by=SUE, key="k") == first
    assert len([kept for kept in office.state(effect).evidence if kept.note is not None]) == 1
    with office.nothing_changes(), pytest.raises(IdempotencyMismatch):
        office.desk.handle(SettleReview(effect, False, SAID), by=SUE, key="k")


@pytest.mark.parametrize(
    "values",
    [
        {"evidence": " "},
        {"evidence": "x" * (JUSTIFICATION_LENGTH + 1)},
        {"evidence": None},
        {"applied": 1},
        {"applied": None},
        {"reference": ""},
        {"reference": 7},
        {"effect": ""},
        {"effect": None},
    ],
)
def test_what_settles_nothing_cannot_be_said(values: dict[str, Any]) -> None:
    """Evidence is words, applied is yes or no. Rule: B11."""
    given = {"effect": "ef_1.1", "applied": True, "evidence": "Vi no sistema"}
    with pytest.raises(InvalidValue):
        SettleReview(**(given | values))
    if "effect" in values:
        with pytest.raises(InvalidValue):
            Withdraw(values["effect"])


def test_the_async_desk_does_the_same() -> None:
    """It counts, lists and settles as the other does. Rule: B11."""
    office, _, effect = in_review()
    desk = AsyncDesk(
        AsyncPorts(
            storage=AsyncMemoryStorage(office.storage),
            messaging={WHATSAPP: AsyncMemoryMessaging(office.messaging)},
            contracts=AsyncMemoryContracts(office.contracts),
            billing=AsyncMemoryBilling(office.billing),
        ),
        clock=lambda: office.now,
    )

    async def settled() -> None:
        assert await desk.overview(by=SUE) == office.desk.overview(by=SUE)
        assert await desk.reviews(by=SUE) == office.desk.reviews(by=SUE)
        await desk.handle(SettleReview(effect, True, SAID), by=SUE)
        assert (await desk.reviews(by=SUE)).rows == ()

    asyncio.run(settled())
    assert office.state(effect).state is EffectState.SUCCEEDED
