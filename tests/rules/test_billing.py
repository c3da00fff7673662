"""Sending boletos and fiscal invoices: which may go, in which forms, and the messages they go out as."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chatcore.br import Money
from chatcore.commands import Finding, FindingKind, SendBoletos, SendInvoices, SettleEffect
from chatcore.entities import (
    Attachment,
    BillingPolicies,
    Boleto,
    BoletoDemand,
    InvoiceDemand,
    IssuedBoleto,
    IssuedInvoice,
    MediaCapability,
    Policies,
)
from chatcore.errors import (
    ChatcoreError,
    ContactBlocked,
    NotAdmitted,
    NotFound,
    NothingToSend,
    NotLinked,
    NotOffered,
    NotPermitted,
    NotSendable,
    WindowClosed,
)
from chatcore.events import (
    ActionRequested,
    Cancelled,
    Failed,
    Intended,
    MessageAdded,
    MessageWritten,
    Succeeded,
)
from chatcore.limits import DELIVERY_DEADLINE
from chatcore.moments import local_day
from chatcore.rules import decide
from chatcore.vocabulary import (
    Ability,
    Actor,
    BoletoForm,
    BoletoState,
    EffectKind,
    EffectState,
    Locale,
    MessageKind,
    Private,
    Situation,
)
from tests.given import (
    ADA,
    ANA,
    AURO,
    BETO,
    BILLING,
    CONTRACT,
    CT,
    CUSTOMER,
    CV,
    EF,
    LINE,
    NOW,
    PIX,
    ROBO,
    ROOT,
    SARA,
    TICK,
    action,
    after,
    billing_offers,
    blocked_contact,
    boleto,
    capabilities,
    contact,
    conversation,
    invoice,
    on_boletos,
    on_effect,
    on_invoices,
    workspace,
)
from tests.given import BOLETO as PDF

D, L, P = BoletoForm.DOCUMENT, BoletoForm.LINE, BoletoForm.PIX
E, S = EffectState, BoletoState
OPEN, CLOSED, BOT = Situation.OPEN, Situation.CLOSED, Situation.BOT
UNPAID = boleto().amount
YESTERDAY = local_day(NOW, "America/Sao_Paulo") - timedelta(days=1)
BAD_LINE = LINE.replace("40144.816069", "40144.816068")
BAD_PIX = Private(PIX.reveal()[:-1] + "0")

# Every way in which a boleto can stand that may not go: what is wrong with it is its state.
UNSENDABLE: dict[str, dict[str, Any]] = {
    "paid": {"label": S.PAID},
    "cancelled": {"label": S.CANCELLED},
    "paid on a day": {"paid_on": YESTERDAY},
    "paid so much": {"paid": UNPAID},
    "labelled open, and paid": {"label": S.OPEN, "paid_on": YESTERDAY, "due": YESTERDAY},
    "labelled overdue, and paid": {"label": S.OVERDUE, "paid": UNPAID},
    "cancelled, and paid": {"label": S.CANCELLED, "paid_on": YESTERDAY},
}
SENDABLE: dict[str, dict[str, Any]] = {
    "open": {},
    "overdue": {"due": YESTERDAY},
    "labelled open, and late": {"label": S.OPEN, "due": YESTERDAY},
    "labelled overdue, and not late": {"label": S.OVERDUE},
    "without a due date": {"due": None},
    "paid nothing": {"paid": Money(0)},
}


def policies(**changes: Any) -> Policies:
    return Policies(billing=BillingPolicies(**changes))


def told(*boletos: Boleto, by: Actor = ANA, situation: Situation = OPEN, talk: Any = None, **facts: Any) -> Any:
    return on_boletos(conversation(situation, **(talk or {})), by, *boletos, **facts)


def sent(*boletos: Boleto, forms: Any = None, **facts: Any) -> Any:
    """What sending all of these boletos leads to."""
    return decide(SendBoletos(CV, [each.id for each in boletos], forms=forms), told(*boletos, **facts))


def invoiced(
    *invoices: Any, by: Actor = ANA, situation: Situation = OPEN, talk: Any = None, **facts: Any
) -> Any:
    """What sending all of these invoices leads to."""
    there = on_invoices(conversation(situation, **(talk or {})), by, *invoices, **facts)
    return decide(SendInvoices(CV, [each.id for each in invoices]), there)


def demands(decision: Any) -> list[Any]:
    return [event.demand for _, event in decision if isinstance(event, Intended)]


def forms_in(decision: Any) -> Any:
    (demand,) = demands(decision)
    return demand.forms


# --- asking for them -----------------------------------------------------------------------------------------


def test_each_boleto_is_an_effect_of_its_own_and_nothing_is_said_yet() -> None:
    """The conversation notes each, an effect issues it, in the order asked for, in one lane. Rule: S13, B11."""
    decision = sent(boleto("b2"), boleto("b1"), talk={"version": 7})
    for n, (id, pair) in enumerate(zip(("b2", "b1"), (decision[:2], decision[2:]), strict=True), 1):
        (cv, noted), (ref, intended) = pair
        assert (cv, noted) == (CV, ActionRequested(effect=ref, kind=EffectKind.ISSUE_BOLETO))
        assert intended == Intended(
            kind=EffectKind.ISSUE_BOLETO,
            conversation=CV,
            contact=CT,
            lane=f"{CV}:billing",
            position=7 + n,
            due_at=NOW,
            expires_at=NOW + DELIVERY_DEADLINE,
            demand=BoletoDemand(customer=CUSTOMER, boleto=id, forms=(D, P, L), contract=CONTRACT),
        )
        assert ref.startswith(f"ef_{ROOT}")
    assert len({ref for ref, _ in decision}) == 3
    assert not any(isinstance(event, MessageWritten) for _, event in decision)


def test_each_invoice_is_an_effect_of_its_own_and_nothing_is_said_yet() -> None:
    """The conversation notes each, an effect fetches its document, in the order asked for. Rule: S14, B11."""
    decision = invoiced(invoice("n2", contract=CONTRACT), invoice("n1"), talk={"version": 7})
    assert [type(event) for _, event in decision] == [ActionRequested, Intended] * 2
    intended = [event for _, event in decision if isinstance(event, Intended)]
    assert [(each.kind, each.lane, each.position) for each in intended] == [
        (EffectKind.ISSUE_INVOICE, f"{CV}:billing", 8),
        (EffectKind.ISSUE_INVOICE, f"{CV}:billing", 9),
    ]
    assert demands(decision) == [
        InvoiceDemand(customer=CUSTOMER, invoice="n2", contract=CONTRACT),
        InvoiceDemand(customer=CUSTOMER, invoice="n1"),
    ]


@pytest.mark.parametrize("send", [lambda **f: sent(boleto(), **f), lambda **f: invoiced(invoice(), **f)])
def test_nothing_is_asked_of_billing_for_who_is_no_customer(send: Any) -> None:
    """Nobody has said who the contact is. Rule: S13, S14, B2."""
    with pytest.raises(NotLinked):
        send(contact=contact())


def test_only_the_customers_own_boletos_and_invoices_are_sent() -> None:
    """Another's does not exist; with one that does, nothing is sent either. Rule: B2, S13, S14."""
    with pytest.raises(NotFound) as missing:
        decide(SendBoletos(CV, ["b1", "b9"]), told(boleto("b1")))
    assert vars(missing.value) == {"what": "boleto", "id": "b9"}
    with pytest.raises(NotFound) as missing:
        decide(SendInvoices(CV, ["n9"]), on_invoices(conversation(OPEN), ANA))
    assert vars(missing.value) == {"what": "invoice", "id": "n9"}


# --- which may go --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", SENDABLE.values(), ids=SENDABLE)
def test_open_and_overdue_boletos_are_sent(changes: dict[str, Any]) -> None:
    """As evidence and due date say, whatever the label. Rule: B3."""
    assert len(demands(sent(boleto(**changes)))) == 1


@pytest.mark.parametrize("changes", UNSENDABLE.values(), ids=UNSENDABLE)
def test_no_other_boleto_is_ever_sent(changes: dict[str, Any]) -> None:
    """Paid or cancelled: refused when it is asked for. Evidence of payment beats the label. Rule: B3."""
    with pytest.raises(NotSendable) as refusal:
        sent(boleto(**changes))
    assert refusal.value.ids == ("b1",)


def test_all_that_may_not_go_are_named_at_once() -> None:
    """And then nothing goes, not even those that could. Rule: B3, C4."""
    three = [boleto(f"b{n}", **changes) for n, changes in enumerate(UNSENDABLE.values(), 1)]
    with pytest.raises(NotSendable) as refusal:
        sent(boleto("fine"), *three, boleto("late", due=YESTERDAY))
    assert refusal.value.ids == tuple(each.id for each in three)


def test_all_invoices_that_are_cancelled_are_named_at_once() -> None:
    """Only those that stand are sent. Rule: B7."""
    with pytest.raises(NotSendable) as refusal:
        invoiced(invoice("n1", cancelled=True), invoice("n2"), invoice("n3", cancelled=True))
    assert refusal.value.ids == ("n1", "n3")
    assert len(demands(invoiced(invoice("n2")))) == 1


def test_an_invoice_whose_key_does_not_hold_is_sent_all_the_same() -> None:
    """The key is flagged for people; what goes is the document. Rule: B7."""
    flawed = invoice(access_key="1" * 44)
    assert len(demands(invoiced(flawed))) == 1


# --- overdue, in the workspace's zone ------------------------------------------------------------------------

# The first moments of days, and what the clocks of the zone showed before and after, some where they changed.
MIDNIGHTS = [
    # zone, the last moment of the day it is due, the day
    ("America/Sao_Paulo", datetime(2026, 3, 21, 3, tzinfo=UTC), date(2026, 3, 20)),
    # Daylight time begins: midnight does not exist, the day begins at one o'clock.
    ("America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC), date(2018, 11, 3)),
    ("America/Sao_Paulo", datetime(2018, 11, 5, 2, tzinfo=UTC), date(2018, 11, 4)),
    # It ends: at midnight it is eleven o'clock once more, and the day is not over yet.
    ("America/Sao_Paulo", datetime(2019, 2, 16, 2, tzinfo=UTC), date(2019, 2, 15)),
    ("America/Sao_Paulo", datetime(2019, 2, 17, 3, tzinfo=UTC), date(2019, 2, 16)),
    # West of Sao Paulo, the day is still another one there.
    ("America/Rio_Branco", datetime(2026, 3, 21, 5, tzinfo=UTC), date(2026, 3, 20)),
    ("America/Noronha", datetime(2026, 3, 21, 2, tzinfo=UTC), date(2026, 3, 20)),
    # Midnight does not exist, as above; and it comes twice, the first one begins the day.
    ("America/Havana", datetime(2018, 3, 11, 5, tzinfo=UTC), date(2018, 3, 10)),
    ("America/Havana", datetime(2018, 11, 4, 4, tzinfo=UTC), date(2018, 11, 3)),
    # East of Greenwich: local days begin on the UTC day before, with daylight time one hour sooner.
    ("Europe/Berlin", datetime(2026, 3, 28, 23, tzinfo=UTC), date(2026, 3, 28)),
    ("Europe/Berlin", datetime(2026, 3, 29, 22, tzinfo=UTC), date(2026, 3, 29)),
    # A whole day that the calendar left out.
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC), date(2011, 12, 29)),
]


@pytest.mark.parametrize(
    ("zone", "first", "due"), MIDNIGHTS, ids=lambda v: getattr(v, "isoformat", v.__str__)()
)
def test_overdue_begins_with_the_first_moment_after_its_day_in_the_workspaces_zone(
    zone: str, first: datetime, due: date
) -> None:
    """To the microsecond, around midnight and where clocks change, whatever the day is in UTC. Rule: B3, H1."""
    there = boleto(due=due)
    last_moments = [first - away for away in (TICK, timedelta(minutes=30), timedelta(hours=1, minutes=30))]
    assert {there.state(local_day(moment, zone)) for moment in last_moments} == {S.OPEN}
    for away in (timedelta(0), timedelta(minutes=30), timedelta(hours=1, minutes=30), timedelta(hours=23)):
        assert there.state(local_day(first + away, zone)) is S.OVERDUE


@pytest.mark.parametrize(
    ("zone", "first", "due"), MIDNIGHTS, ids=lambda v: getattr(v, "isoformat", v.__str__)()
)
def test_around_its_midnight_a_boleto_is_sent_while_it_is_unpaid(zone: str, first: datetime, due: date) -> None:
    """Open before, overdue after: both go; paid, neither does. Rule: B3."""
    for now in (first - TICK, first):
        facts: dict[str, Any] = {
            "now": now,
            "workspace": workspace(time_zone=zone),
            "capabilities": capabilities(window=None),
        }
        assert len(demands(sent(boleto(due=due), **facts))) == 1
        with pytest.raises(NotSendable):
            sent(boleto(due=due, paid_on=due), **facts)
        assert settled(due=due, now=now, workspace=facts["workspace"])[0] == (EF, Succeeded())


# --- the forms -----------------------------------------------------------------------------------------------


def subsets(*forms: BoletoForm) -> list[tuple[BoletoForm, ...]]:
    return [some for n in range(len(forms) + 1) for some in itertools.permutations(forms, n)]


def in_forms(*forms: BoletoForm, **changes: Any) -> Boleto:
    """A boleto that can be had in just these forms."""
    values = {"document": D in forms, "line": LINE if L in forms else None, "pix": PIX if P in forms else None}
    return boleto(**{**values, **changes})


WANTED = [some for some in subsets(D, L, P) if some]
OFFERED = HAD = [some for n in range(4) for some in itertools.combinations((D, L, P), n)]


def test_every_way_of_wanting_offering_and_having_is_tried() -> None:
    """Fifteen ways to want, in their orders; eight to offer, eight to have. Rule: B4."""
    assert (len(WANTED), len(OFFERED), len(HAD)) == (15, 8, 8)


@pytest.mark.parametrize("offered", OFFERED, ids=lambda forms: "+".join(forms) or "nothing")
@pytest.mark.parametrize("wanted", WANTED, ids="+".join)
def test_what_the_workspace_prefers_goes_as_far_as_it_is_offered_and_had(wanted: Any, offered: Any) -> None:
    """In the order preferred; refused where nothing of it is offered, or can be had. Rule: B4."""
    facts = {
        "workspace": workspace(policies=policies(boleto_forms=wanted)),
        "offers": billing_offers(boletos=offered),
    }
    for had in HAD:
        goes = tuple(form for form in wanted if form in offered and form in had)
        if goes:
            assert forms_in(sent(in_forms(*had), **facts)) == goes
        elif set(wanted) & set(offered):
            with pytest.raises(NothingToSend) as nothing:
                sent(in_forms(*had), **facts)
            assert nothing.value.ids == ("b1",)
        else:
            with pytest.raises(NotOffered) as refusal:
                sent(in_forms(*had), **facts)
            assert refusal.value.what == "boleto"


@pytest.mark.parametrize("offered", OFFERED, ids=lambda forms: "+".join(forms) or "nothing")
@pytest.mark.parametrize("wanted", WANTED, ids="+".join)
def test_what_a_person_wants_goes_as_far_as_it_is_had(wanted: Any, offered: Any) -> None:
    """In the order wanted, whatever the workspace prefers; a form that is not offered is refused. Rule: B4."""
    facts = {
        "workspace": workspace(policies=policies(boleto_forms=(L,))),
        "offers": billing_offers(boletos=offered),
    }
    for had in HAD:
        goes = tuple(form for form in wanted if form in had)
        if missing := [form for form in wanted if form not in offered]:
            with pytest.raises(NotOffered) as refusal:
                sent(in_forms(*had), forms=wanted, **facts)
            assert refusal.value.what == f"boleto:{missing[0]}"
        elif goes:
            assert forms_in(sent(in_forms(*had), forms=wanted, **facts)) == goes
        else:
            with pytest.raises(NothingToSend):
                sent(in_forms(*had), forms=wanted, **facts)


def test_all_that_nothing_can_be_had_of_are_named_at_once() -> None:
    """And then nothing goes. Rule: B4, B5, B6, C4."""
    boletos = [
        boleto("fine"),
        in_forms(D, id="b1"),
        in_forms(L, id="b2", line=BAD_LINE),
        in_forms(P, id="b3", pix=BAD_PIX),
    ]
    with pytest.raises(NothingToSend) as nothing:
        sent(*boletos, forms=(L, P))
    assert nothing.value.ids == ("b1", "b2", "b3")


def test_each_boleto_goes_in_the_forms_it_can_be_had_in() -> None:
    """Of several, one may have no code. Rule: B4."""
    decision = sent(boleto("b1"), in_forms(D, id="b2"), forms=(P, D))
    assert [demand.forms for demand in demands(decision)] == [(P, D), (D,)]


def test_invoices_are_refused_where_none_are_offered() -> None:
    """The billing side says so beforehand. Rule: B7."""
    with pytest.raises(NotOffered) as refusal:
        invoiced(invoice(), offers=billing_offers(invoices=False))
    assert refusal.value.what == "invoice"


# --- when and by whom ----------------------------------------------------------------------------------------

SENDS = pytest.mark.parametrize(
    "send", [lambda **f: sent(boleto(), **f), lambda **f: invoiced(invoice(), **f)], ids=["boleto", "invoice"]
)
LINKED = {"customer": CUSTOMER}


@SENDS
def test_nothing_goes_to_a_blocked_contact(send: Any) -> None:
    """It is refused before billing is asked for anything. Rule: L21, S13, S14."""
    with pytest.raises(ContactBlocked):
        send(contact=blocked_contact(**LINKED))


@SENDS
def test_nothing_goes_outside_the_window(send: Any) -> None:
    """Its end is exact; a channel without one has none. Rule: M5."""
    for until in (None, NOW, NOW - TICK):
        with pytest.raises(WindowClosed) as shut:
            send(talk={"window_until": until})
        assert shut.value.closed_at == until
    assert demands(send(talk={"window_until": NOW + TICK}))
    assert demands(send(talk={"window_until": None}, capabilities=capabilities(window=None)))


@SENDS
def test_nothing_goes_in_a_closed_conversation(send: Any) -> None:
    """Sending is refused there, to everybody. Rule: L18."""
    for by in (ANA, SARA):
        with pytest.raises(NotAdmitted):
            send(by=by, situation=CLOSED)


@SENDS
@pytest.mark.parametrize(
    ("by", "error"),
    [(BETO, NotPermitted), (ADA, NotPermitted), (AURO, NotPermitted), (Actor.agent("nobody"), ChatcoreError)],
)
def test_agents_send_in_their_own_conversations_and_supervisors_in_all(
    send: Any, by: Actor, error: Any
) -> None:
    """Admins and auditors send none. Rule: P."""
    with pytest.raises(error):
        send(by=by)
    assert demands(send(by=ANA))
    assert demands(send(by=SARA))


def test_a_bot_sends_what_it_was_granted_to_linked_contacts_in_its_own_flow() -> None:
    """Not without the grant, not in other hands, not to who is nobody's customer. Rule: P, L22."""
    may = workspace(policies=Policies(bot_granted=(Ability.SEND_BOLETO, Ability.SEND_INVOICE)))
    assert demands(sent(boleto(), by=ROBO, situation=BOT, workspace=may))
    assert demands(invoiced(invoice(), by=ROBO, situation=BOT, workspace=may))
    for facts in ({"situation": BOT}, {"situation": OPEN, "workspace": may}):
        with pytest.raises((NotPermitted, NotFound)):
            sent(boleto(), by=ROBO, **facts)
    with pytest.raises(NotLinked):
        sent(boleto(), by=ROBO, situation=BOT, workspace=may, contact=contact())


# --- what was issued: which goes -----------------------------------------------------------------------------

BOLETO_EFFECT = action(EffectKind.ISSUE_BOLETO, E.IN_FLIGHT)
INVOICE_EFFECT = action(EffectKind.ISSUE_INVOICE, E.IN_FLIGHT)


def brought(thing: Any, effect: Any = BOLETO_EFFECT, fence: int = 4, **facts: Any) -> Any:
    """What it leads to that the outside brought this."""
    finding = Finding(kind=FindingKind.DONE, brought=thing)
    return decide(SettleEffect(EF, fence, finding), on_effect(effect, **facts))


def settled(file: Any = PDF, /, effect: Any = BOLETO_EFFECT, now: Any = NOW, **values: Any) -> Any:
    facts = {name: values.pop(name) for name in ("workspace", "contact", "conversation") if name in values}
    facts.setdefault("capabilities", values.pop("capabilities", capabilities(window=None)))
    return brought(IssuedBoleto(boleto(**values), file), effect, now=now, **facts)


def asking(*forms: BoletoForm, **changes: Any) -> Any:
    """The effect that issues a boleto in these forms."""
    demand = BoletoDemand(customer=CUSTOMER, boleto="b1", forms=forms, contract=CONTRACT)
    return action(EffectKind.ISSUE_BOLETO, E.IN_FLIGHT, demand=demand, **changes)


def said(decision: Any) -> list[tuple[MessageKind, str, Attachment | None]]:
    """What goes to the customer: kind, text, file."""
    written = [event for _, event in decision if isinstance(event, MessageWritten)]
    return [(each.kind, each.body.reveal(), each.media.attachment if each.media else None) for each in written]


@pytest.mark.parametrize("changes", SENDABLE.values(), ids=SENDABLE)
def test_what_was_issued_goes_while_it_is_open_or_overdue(changes: dict[str, Any]) -> None:
    """The effect ends and the messages are born in one commit. Rule: S13, B3."""
    decision = settled(**changes)
    assert decision[0] == (EF, Succeeded())
    assert len(said(decision)) == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        *((changes, "paid") for name, changes in UNSENDABLE.items() if name != "cancelled"),
        ({"label": S.CANCELLED}, "cancelled"),
        ({"id": "b2"}, "another_one"),
        ({"customer": "c2"}, "another_one"),
        ({"document": False, "pix": None, "line": None}, "nothing_to_send"),
    ],
)
def test_what_was_issued_stays_where_it_may_not_go_any_more(changes: dict[str, Any], code: str) -> None:
    """Paid or cancelled meanwhile, another one, another customer's: it fails, nothing is said. Rule: B3."""
    document = PDF if changes.get("document", True) else None
    decision = settled(document, **changes)
    assert decision == ((EF, Failed(detail=code)),)
    assert after(BOLETO_EFFECT, decision[0][1]).state is E.FAILED


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"contact": contact()}, "unlinked"),
        ({"contact": contact(customer="c2")}, "unlinked"),
        ({"contact": blocked_contact(**LINKED)}, "contact_blocked"),
        ({"conversation": conversation(CLOSED)}, "conversation_closed"),
        (
            {"conversation": conversation(OPEN, window_until=NOW), "capabilities": capabilities()},
            "window_closed",
        ),
    ],
)
@pytest.mark.parametrize("state", [E.INTENDED, E.IN_FLIGHT, E.UNKNOWN])
def test_nothing_goes_where_the_world_has_changed_meanwhile(
    facts: dict[str, Any], code: str, state: EffectState
) -> None:
    """Unlinked or linked anew, blocked, closed, the window shut: asked once more of what was issued.

    Rule: B2, L18, L21, M5.
    """
    for effect, thing in (
        (action(EffectKind.ISSUE_BOLETO, state), IssuedBoleto(boleto(), PDF)),
        (action(EffectKind.ISSUE_INVOICE, state), IssuedInvoice(invoice(), PDF)),
    ):
        decision = brought(thing, effect, **facts)
        end = Cancelled if state is E.INTENDED else Failed
        assert decision == ((EF, end(detail=code)),)


@pytest.mark.parametrize("state", [E.SUCCEEDED, E.FAILED, E.CANCELLED])
@pytest.mark.parametrize("fence", [3, 4])
def test_what_was_issued_goes_out_once(state: EffectState, fence: int) -> None:
    """Issued again by who was overtaken, or after its end: nothing is said any more. Rule: S13, S14, B11."""
    assert brought(IssuedBoleto(boleto(), PDF), action(EffectKind.ISSUE_BOLETO, state), fence) == ()
    assert brought(IssuedInvoice(invoice(), PDF), action(EffectKind.ISSUE_INVOICE, state), fence) == ()


@pytest.mark.parametrize("fence", [3, 4])
@pytest.mark.parametrize("state", [E.INTENDED, E.IN_FLIGHT, E.UNKNOWN])
def test_what_was_issued_goes_out_whoever_brings_it(state: EffectState, fence: int) -> None:
    """It does nothing outside, so late is as good as on time. Rule: S13."""
    decision = brought(IssuedBoleto(boleto(), PDF), action(EffectKind.ISSUE_BOLETO, state), fence)
    assert decision[0] == (EF, Succeeded())
    assert len(said(decision)) == 2


def test_an_invoice_cancelled_meanwhile_stays() -> None:
    """So does another one, or another customer's. Rule: S14, B7."""
    for changes, code in (
        ({"cancelled": True}, "cancelled"),
        ({"id": "n2"}, "another_one"),
        ({"customer": "c2"}, "another_one"),
    ):
        decision = brought(IssuedInvoice(invoice(**changes), PDF), INVOICE_EFFECT)
        assert decision == ((EF, Failed(detail=code)),)


# --- what was issued: as what it goes ------------------------------------------------------------------------

PDF_MESSAGE = (MessageKind.DOCUMENT, "", PDF)
PIX_MESSAGE = (MessageKind.TEXT, PIX.reveal(), None)
LINE_MESSAGE = (MessageKind.TEXT, LINE, None)
AS = {D: PDF_MESSAGE, L: LINE_MESSAGE, P: PIX_MESSAGE}


@pytest.mark.parametrize("wanted", WANTED, ids="+".join)
@pytest.mark.parametrize("had", HAD[1:], ids="+".join)
def test_each_form_is_a_message_of_its_own_in_the_order_wanted(wanted: Any, had: Any) -> None:
    """A line and a code stand alone, so that they can be copied. Rule: S13, B4."""
    there = in_forms(*had)
    decision = brought(IssuedBoleto(there, PDF if D in had else None), asking(*wanted))
    messages = [AS[form] for form in wanted if form in had]
    if messages:
        assert decision[0] == (EF, Succeeded())
        assert said(decision) == messages
    else:
        assert decision == ((EF, Failed(detail="nothing_to_send")),)


def test_messages_are_counted_written_and_sent_as_all_others() -> None:
    """One after another in the lane of the conversation, by who asked for them. Rule: S13, M4, M20, L12."""
    talk = conversation(OPEN, seq=4, unread=2)
    decision = settled(effect=asking(D, P, L), conversation=talk)
    first, *rest = decision
    assert first == (EF, Succeeded())
    added = [event for _, event in rest if isinstance(event, MessageAdded)]
    written = [(ref, event) for ref, event in rest if isinstance(event, MessageWritten)]
    sending = [event for _, event in rest if isinstance(event, Intended)]
    assert [each.seq for each in added] == [5, 6, 7]
    assert [(ref, each.seq, each.author) for ref, each in written] == [(f"{CV}.{n}", n, ANA) for n in (5, 6, 7)]
    assert [(e.kind, e.message, e.lane, e.position) for e in sending] == [
        (EffectKind.SEND_MESSAGE, f"{CV}.{n}", f"{CV}:messaging", n) for n in (5, 6, 7)
    ]
    assert len({ref for ref, event in rest if isinstance(event, Intended)}) == 3
    assert after(talk, *added).seq == 7


def test_an_invoice_goes_as_its_document() -> None:
    """One message, by who asked for it. Rule: S14, B7."""
    decision = brought(IssuedInvoice(invoice(), PDF), INVOICE_EFFECT)
    assert decision[0] == (EF, Succeeded())
    assert said(decision) == [PDF_MESSAGE]


@pytest.mark.parametrize(
    ("changes", "wanted", "messages"),
    [
        ({"line": BAD_LINE}, (D, L, P), [PDF_MESSAGE, PIX_MESSAGE]),
        ({"line": BAD_LINE}, (L, D), [PDF_MESSAGE]),
        ({"pix": BAD_PIX}, (P, L, D), [LINE_MESSAGE, PDF_MESSAGE]),
        ({"line": BAD_LINE, "pix": BAD_PIX}, (D, L, P), [PDF_MESSAGE]),
        ({"line": BAD_LINE}, (L,), []),
        ({"pix": BAD_PIX}, (P,), []),
    ],
)
def test_what_does_not_hold_is_never_sent_as_text(changes: Any, wanted: Any, messages: Any) -> None:
    """A line or code that fails its check when issued is left out; the document still goes. Rule: B5, B6."""
    decision = settled(effect=asking(*wanted), **changes)
    assert said(decision) == messages
    if not messages:
        assert decision == ((EF, Failed(detail="nothing_to_send")),)


@pytest.mark.parametrize(
    ("changes", "wanted", "goes"),
    [
        ({"line": BAD_LINE}, (D, L, P), (D, P)),
        ({"line": BAD_LINE}, (L, D), (D,)),
        ({"pix": BAD_PIX}, (P, L), (L,)),
        ({"line": BAD_LINE, "pix": BAD_PIX}, (D, L, P), (D,)),
    ],
)
def test_what_does_not_hold_is_not_asked_for_as_text(changes: Any, wanted: Any, goes: Any) -> None:
    """Known beforehand, it is no form to begin with. Rule: B5, B6."""
    assert boleto(**changes).flags == tuple(changes)
    assert forms_in(sent(boleto(**changes), forms=wanted)) == goes


def test_a_line_is_written_as_people_read_it() -> None:
    """However the billing side spells it. Rule: B5."""
    digits = "".join(c for c in LINE if c.isdigit())
    assert said(settled(effect=asking(L), line=digits)) == [LINE_MESSAGE]


@pytest.mark.parametrize(
    "carried",
    [
        {"media": ()},
        {"media": (MediaCapability(MessageKind.DOCUMENT, ("application/pdf",), PDF.size - 1),)},
        {"media": (MediaCapability(MessageKind.IMAGE, ("image/jpeg",), 5_000_000),)},
    ],
    ids=["no files", "too large", "other types"],
)
def test_a_document_that_the_channel_does_not_carry_stays(carried: dict[str, Any]) -> None:
    """What else there is goes; with nothing else, it fails. Rule: M6, B4."""
    channel = capabilities(**carried)
    assert said(settled(effect=asking(D, P), capabilities=channel)) == [PIX_MESSAGE]
    only = settled(effect=asking(D), capabilities=channel)
    assert only == ((EF, Failed(detail="nothing_to_send")),)


def test_a_code_that_is_too_long_for_the_channel_stays() -> None:
    """It would be refused, or cut and worth nothing. Rule: M6, B6."""
    narrow = capabilities(text_limit=len(PIX.reveal()) - 1)
    assert said(settled(effect=asking(P, L), capabilities=narrow)) == [LINE_MESSAGE]


# --- what is said with it ------------------------------------------------------------------------------------

SPOKEN = workspace(policies=Policies(billing=BILLING))


def with_text(text: str, **changes: Any) -> Any:
    return workspace(policies=policies(boleto_text=text, invoice_text=text), **changes)


def test_the_text_goes_as_the_documents_caption() -> None:
    """With the amount and the due date as people write them. Rule: S13, C7."""
    messages = said(settled(effect=asking(D, P), workspace=SPOKEN))
    assert messages == [
        (MessageKind.DOCUMENT, "Boleto de R$ 100,00, vence em 20/03/2026.", PDF),
        PIX_MESSAGE,
    ]


def test_a_missing_due_date_has_its_fallback() -> None:
    """A boleto without one still says something. Rule: C7, B5."""
    ((_, text, _),) = said(settled(effect=asking(D), workspace=SPOKEN, due=None))
    assert text == "Boleto de R$ 100,00, vence em breve."


def test_an_invoices_text_has_its_number() -> None:
    """And amount and issue date, as the workspace writes days. Rule: S14, C7."""
    ((_, text, file),) = said(brought(IssuedInvoice(invoice(), PDF), INVOICE_EFFECT, workspace=SPOKEN))
    assert (text, file) == ("Nota 1234, de R$ 100,00.", PDF)
    dated = workspace(policies=policies(invoice_text="De {{issue_date}}."), locale=Locale.EN)
    ((_, text, _),) = said(brought(IssuedInvoice(invoice(), PDF), INVOICE_EFFECT, workspace=dated))
    assert text == "De 2026-03-01."


def test_the_usual_variables_are_filled_too() -> None:
    """The protocol, the agent who has the conversation, the contact's name. Rule: C7."""
    text = "{{greeting}}, {{first_name|cliente}}! {{agent|Nós}}, {{protocol}}, {{workspace}}."
    known = contact(name=Private("Maria Souza"), **LINKED)
    ((_, body, _),) = said(settled(effect=asking(D), workspace=with_text(text), contact=known))
    assert body == "Bom dia, Maria! Ana, 202603101234567890, Provedor."
    ((_, body, _),) = said(settled(effect=asking(D), workspace=with_text(text)))
    assert body == "Bom dia, cliente! Ana, 202603101234567890, Provedor."


def test_what_a_variable_says_is_not_read_again() -> None:
    """A name that looks like a variable stays a name. Rule: C7."""
    sly = contact(name=Private("{{protocol}}"), **LINKED)
    ((_, body, _),) = said(settled(effect=asking(D), workspace=with_text("Oi {{contact|você}}"), contact=sly))
    assert body == "Oi {{protocol}}"


@pytest.mark.parametrize(
    ("wanted", "channel", "messages"),
    [
        ((P, L), {}, ["text", PIX_MESSAGE, LINE_MESSAGE]),
        ((P, D), {"caption_limit": 3}, ["text", PIX_MESSAGE, PDF_MESSAGE]),
        ((L, D), {}, [LINE_MESSAGE, "caption"]),
        ((P,), {"media": ()}, ["text", PIX_MESSAGE]),
        ((D, P), {"media": ()}, ["text", PIX_MESSAGE]),
    ],
    ids=["no document", "caption too long", "document last", "no files", "document stays"],
)
def test_a_text_that_is_no_caption_goes_first_and_once(wanted: Any, channel: Any, messages: Any) -> None:
    """It is said before what it goes with, never beside the caption as well. Rule: S13, M6."""
    stand_in: dict[Any, Any] = {
        "text": (MessageKind.TEXT, "Segue.", None),
        "caption": (MessageKind.DOCUMENT, "Segue.", PDF),
    }
    decision = settled(
        effect=asking(*wanted), workspace=with_text("Segue."), capabilities=capabilities(window=None, **channel)
    )
    assert said(decision) == [stand_in.get(each, each) if isinstance(each, str) else each for each in messages]


def test_a_text_without_a_thing_to_go_with_is_not_sent() -> None:
    """Words alone are no boleto. Rule: S13."""
    nothing = settled(None, effect=asking(D), document=False, workspace=SPOKEN)
    assert nothing == ((EF, Failed(detail="nothing_to_send")),)


def test_a_text_that_is_too_long_for_the_channel_is_left_out() -> None:
    """The boleto goes without it. Rule: M6, L20."""
    long = capabilities(window=None, text_limit=len(PIX.reveal()), caption_limit=3)
    wordy = with_text("x" * (len(PIX.reveal()) + 1))
    assert said(settled(effect=asking(D, P), workspace=wordy, capabilities=long)) == [PDF_MESSAGE, PIX_MESSAGE]


def test_a_name_that_cannot_be_sent_does_not_silence_the_boleto() -> None:
    """What no message can hold is left out of it. Rule: M14, S13."""
    odd = contact(name=Private("Ma\x00ria\ud800"), **LINKED)
    messages = said(settled(effect=asking(D), workspace=with_text("Oi {{contact|você}}"), contact=odd))
    assert messages == [(MessageKind.DOCUMENT, "Oi Ma ria", PDF)]


def test_deciding_twice_says_the_same() -> None:
    """What is decided comes of the facts alone. Rule: the design."""
    assert settled(workspace=SPOKEN) == settled(workspace=SPOKEN)
    assert sent(boleto(), boleto("b2")) == sent(boleto(), boleto("b2"))
