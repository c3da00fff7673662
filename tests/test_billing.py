"""Boletos and fiscal invoices: which may go, as what, in what order, and what happens when nothing can."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import attrs
import pytest

from chatcore import AsyncDesk, AsyncPorts, Delivery
from chatcore.br import Money
from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.commands import (
    BlockContact,
    Close,
    Configure,
    LinkCustomer,
    SendBoletos,
    SendInvoices,
    SendMessage,
    Take,
    UnlinkCustomer,
)
from chatcore.entities import (
    BillingCapabilities,
    Boleto,
    ChannelCapabilities,
    IssuedBoleto,
    IssuedInvoice,
    Workspace,
)
from chatcore.errors import InvalidValue, Permanent, Temporary
from chatcore.memory import (
    AsyncMemoryBilling,
    AsyncMemoryContracts,
    AsyncMemoryMessaging,
    AsyncMemoryStorage,
    MemoryMessaging,
    MemoryStorage,
)
from chatcore.search import MessageQuery
from chatcore.vocabulary import (
    SYSTEM,
    BoletoForm,
    BoletoId,
    BoletoState,
    CustomerId,
    EffectState,
    InvoiceId,
    MessageKind,
    Private,
    ReasonId,
)
from tests.fickle import RAISED, STAFFED, FickleBilling, contact_of, shop
from tests.office import ANA, NOON, WHATSAPP
from tests.shop import LINE, MARIA_ID, PDF, PIX, Shop, boleto, invoice

DOC, PIX_FORM, LINE_FORM = BoletoForm.DOCUMENT, BoletoForm.PIX, BoletoForm.LINE
SAYS = "Boleto de R$ 100,00, vence em 20/03/2026."
B1, N1 = (BoletoId("b1"),), (InvoiceId("n1"),)


def said(office: Shop) -> list[tuple[MessageKind, str]]:
    """What went out: of a text all of it, of a document its caption."""
    return [(request.kind, request.text.reveal()) for request in office.messaging.outbox]


def states(office: Shop) -> list[tuple[EffectState, str | None]]:
    return [(effect.state, effect.detail) for effect in office.effects()]


def preferring(**changes: Any) -> Workspace:
    billing = attrs.evolve(STAFFED.policies.billing, **changes)
    return attrs.evolve(STAFFED, policies=attrs.evolve(STAFFED.policies, billing=billing))


ALL_OF_B1 = [(MessageKind.DOCUMENT, SAYS), (MessageKind.TEXT, PIX.reveal()), (MessageKind.TEXT, LINE)]

# --- what goes out -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delivery", list(Delivery))
def test_a_boleto_goes_as_document_code_and_line(delivery: Delivery) -> None:
    """Each in a message of its own; the document carries what is said with it. Rule: S13, B4, C7."""
    office = shop()
    conversation = office.opened()
    outcome = office.desk.handle(SendBoletos(conversation, B1), by=ANA, delivery=delivery)
    assert len(outcome.effects) == 1
    if delivery is Delivery.LATER:
        assert (said(office), office.billing.issued) == ([], [])
        office.desk.run_due()
    assert said(office) == ALL_OF_B1
    assert office.messaging.outbox[0].attachment == PDF
    assert states(office) == [(EffectState.SUCCEEDED, None)]
    rows = office.desk.messages(MessageQuery(conversation=conversation), by=ANA).rows
    assert [(row.seq, row.author) for row in rows][1:] == [(2, ANA), (3, ANA), (4, ANA)]
    assert office.state(conversation).waiting_since is None
    (request,) = office.billing.issued
    assert (request.key, request.customer, request.document) == (outcome.effects[0], MARIA_ID, True)


def test_several_go_in_the_order_asked_for() -> None:
    """All of one before the next, also where the later one is quicker; then what was said after. Rule: M20."""
    office = shop()
    conversation = office.opened()
    for n in (2, 3):
        office.billing.put(boleto(f"b{n}", amount=Money(n * 100), line=None, pix=None), PDF)
    office.billing.moods["issue_boleto"] = Temporary()
    wanted = SendBoletos(conversation, tuple(map(BoletoId, ("b3", "b1", "b2"))), forms=(DOC,))
    outcome = office.desk.handle(wanted, by=ANA)
    assert len(outcome.effects) == 3
    office.desk.handle(SendInvoices(conversation, N1), by=ANA)
    assert said(office) == []
    del office.billing.moods["issue_boleto"]
    office.pass_time(minutes=1)
    office.desk.run_due()
    amounts = [text.split(",")[0] for kind, text in said(office)]
    assert amounts == ["Boleto de R$ 3", "Boleto de R$ 100", "Boleto de R$ 2", ""]


@pytest.mark.parametrize(
    ("forms", "told"),
    [
        ((DOC,), [SAYS]),
        ((PIX_FORM,), [SAYS, PIX.reveal()]),
        ((LINE_FORM, DOC), [LINE, SAYS]),
        ((LINE_FORM, PIX_FORM), [SAYS, LINE, PIX.reveal()]),
    ],
)
def test_it_goes_in_the_forms_asked_for(forms: tuple[BoletoForm, ...], told: list[str]) -> None:
    """In that order, whatever is preferred; without a document what is said comes first by itself. Rule: B4."""
    office = shop()
    office.desk.handle(SendBoletos(office.opened(), B1, forms=forms), by=ANA)
    assert office.sent == told
    assert office.billing.issued[0].document is (DOC in forms)


@pytest.mark.parametrize(
    ("preferred", "offered", "told"),
    [
        ((LINE_FORM, DOC), tuple(BoletoForm), [LINE, SAYS]),
        (tuple(BoletoForm), (PIX_FORM,), [SAYS, PIX.reveal()]),
        ((DOC, LINE_FORM), (LINE_FORM, PIX_FORM), [SAYS, LINE]),
    ],
)
def test_without_forms_it_goes_in_those_preferred(
    preferred: tuple[BoletoForm, ...], offered: tuple[BoletoForm, ...], told: list[str]
) -> None:
    """As far as the billing side offers them. Rule: B4."""
    billing = FickleBilling(BillingCapabilities(boletos=offered))
    office = shop(workspace=preferring(boleto_forms=preferred), billing=billing)
    office.desk.handle(SendBoletos(office.opened(), B1), by=ANA)
    assert office.sent == told


def narrow(**changes: Any) -> MemoryMessaging:
    capabilities: ChannelCapabilities = attrs.evolve(CAPABILITIES, **changes)
    return MemoryMessaging(capabilities)


NO_FILES: dict[str, Any] = {"media": ()}
SMALL_FILES = {
    "media": tuple(attrs.evolve(each, max_bytes=PDF.size - 1) for each in CAPABILITIES.media),
}
BARE_FILES = {"media": tuple(attrs.evolve(each, captions=False) for each in CAPABILITIES.media)}


@pytest.mark.parametrize(
    ("channel", "told"),
    [
        (NO_FILES, [SAYS, PIX.reveal(), LINE]),
        (SMALL_FILES, [SAYS, PIX.reveal(), LINE]),
        (BARE_FILES, [SAYS, "", PIX.reveal(), LINE]),
        ({"caption_limit": len(SAYS)}, [SAYS, PIX.reveal(), LINE]),
        ({"caption_limit": len(SAYS) - 1}, [SAYS, "", PIX.reveal(), LINE]),
        ({"text_limit": len(PIX.reveal()) - 1}, [SAYS, LINE]),
        ({"text_limit": 10, "caption_limit": 10}, [""]),
    ],
    ids=["no-files", "small-files", "no-captions", "fits", "caption", "long-code", "documents-only"],
)
def test_it_goes_as_the_channel_carries_it(channel: dict[str, Any], told: list[str]) -> None:
    """What cannot be carried is left out, and no word is cut; a code is never broken. Rule: M6, B4."""
    office = shop(messaging=narrow(**channel))
    office.desk.handle(SendBoletos(office.opened(), B1), by=ANA)
    assert office.sent == told
    assert states(office) == [(EffectState.SUCCEEDED, None)]


def test_where_nothing_is_carried_it_fails() -> None:
    """The end says why, and nobody is told half of it. Rule: M6, B4."""
    office = shop(messaging=narrow(media=(), text_limit=10))
    conversation = office.opened()
    office.desk.handle(SendBoletos(conversation, B1), by=ANA)
    office.desk.handle(SendInvoices(conversation, N1), by=ANA)
    assert office.sent == []
    assert states(office) == [(EffectState.FAILED, "nothing_to_send")] * 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, ""),
        ("Vence em {{due_date|breve}}.", "Vence em breve."),
        ("{{first_name|Olá}}, {{agent|nós}}: {{amount}}", "Olá, Ana: R$ 100,00"),
        ("{{amount}} {amount} ${amount}", "R$ 100,00 {amount} ${amount}"),
    ],
)
def test_what_is_said_with_it_is_the_workspaces(text: str | None, told: str) -> None:
    """Nothing where it says nothing; a value that is lacking has its fallback. Rule: C7."""
    office = shop(workspace=preferring(boleto_text=text))
    office.billing.put(boleto(due=None), PDF)
    office.desk.handle(SendBoletos(office.opened(), B1, forms=(DOC,)), by=ANA)
    assert office.sent == [told]


@pytest.mark.parametrize("text", ["{{due_date}}", "{{first_name}}", "{{number}}", "{{nope|x}}", "", "a\0b"])
def test_words_that_may_fail_later_are_refused_when_saved(text: str) -> None:
    """No boleto waits for a text that cannot be filled in. Rule: C7."""
    with pytest.raises(InvalidValue):
        preferring(boleto_text=text)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"line": "00190500954014481606906809350314337370000000101"}, [SAYS, PIX.reveal()]),
        ({"pix": Private(PIX.reveal()[:-1] + "E")}, [SAYS, LINE]),
        ({"line": None, "pix": Private("")}, [SAYS]),
        ({"document": False}, [SAYS, PIX.reveal(), LINE]),
    ],
    ids=["line", "code", "neither", "no-document"],
)
def test_a_line_or_code_that_does_not_hold_is_not_sent(changes: dict[str, Any], told: list[str]) -> None:
    """The document still is; and whoever looks at the boletos sees the flag. Rule: B5, B6."""
    office = shop()
    conversation = office.opened()
    office.billing.put(boleto(**changes), PDF)
    (row,) = office.desk.boletos(conversation, by=ANA)
    assert row.flags == row.boleto.flags
    assert bool(row.flags) is any(value not in (None, False) for value in changes.values())
    office.desk.handle(SendBoletos(conversation, B1), by=ANA)
    assert office.sent == told


def test_an_invoice_goes_as_its_document() -> None:
    """With what is said of it: number, amount and day. Rule: S14, C7."""
    office = shop(workspace=preferring(invoice_text="Nota {{number}} de {{issue_date}}: {{amount}}"))
    office.desk.handle(SendInvoices(office.opened(), N1), by=ANA)
    assert said(office) == [(MessageKind.DOCUMENT, "Nota 1234 de 01/03/2026: R$ 100,00")]
    assert office.messaging.outbox[0].attachment == PDF


def test_both_desks_send_the_same() -> None:
    """The async desk asks as often, and says the same in the same order. Rule: S13, S14."""
    inner = shop()
    inner.contracts.asked.clear()
    storage, messaging = MemoryStorage(), MemoryMessaging()
    desk = AsyncDesk(
        AsyncPorts(
            storage=AsyncMemoryStorage(storage),
            messaging={WHATSAPP: AsyncMemoryMessaging(messaging)},
            contracts=AsyncMemoryContracts(inner.contracts),
            billing=AsyncMemoryBilling(inner.billing),
        ),
        clock=lambda: NOON,
    )

    async def day() -> tuple[Any, ...]:
        await desk.handle(Configure(STAFFED), by=SYSTEM)
        conversation = (await desk.handle(inner.arrival(), by=SYSTEM)).conversation
        assert conversation is not None
        await desk.handle(Take(conversation), by=ANA)
        await desk.handle(SendBoletos(conversation, B1), by=ANA)
        await desk.handle(SendInvoices(conversation, N1), by=ANA)
        return await desk.boletos(conversation, by=ANA), await desk.invoices(conversation, by=ANA)

    boletos, invoices = asyncio.run(day())
    assert [request.text.reveal() for request in messaging.outbox] == [SAYS, PIX.reveal(), LINE, ""]
    assert ([row.boleto.id for row in boletos], [each.id for each in invoices]) == (["b1"], ["n1"])


# --- asked again before it goes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda contact, _: BlockContact(contact), "contact_blocked"),
        (lambda contact, _: UnlinkCustomer(contact), "unlinked"),
        (lambda contact, _: LinkCustomer(contact, CustomerId("cu-joao")), "unlinked"),
        (lambda _, conversation: Close(conversation, ReasonId("moved")), "conversation_closed"),
    ],
)
def test_what_changed_meanwhile_calls_it_off(change: Any, why: str) -> None:
    """Blocked, unlinked, linked to another, closed: cancelled, and the port is never asked. Rule: B2, L21."""
    office = shop()
    conversation = office.opened()
    for command in (SendBoletos(conversation, B1), SendInvoices(conversation, N1)):
        office.desk.handle(command, by=ANA, delivery=Delivery.LATER)
    office.desk.handle(change(contact_of(office, conversation).id, conversation), by=ANA)
    office.desk.run_due()
    assert states(office) == [(EffectState.CANCELLED, why)] * 2
    assert (office.billing.issued, office.messaging.outbox) == ([], [])


def test_the_window_is_asked_again() -> None:
    """It was open when asked for and is shut by now: cancelled. Rule: M5."""
    office = shop()
    conversation = office.opened()
    office.pass_time(hours=23, minutes=59)
    office.desk.handle(SendBoletos(conversation, B1), by=ANA, delivery=Delivery.LATER)
    office.pass_time(minutes=1)
    office.desk.run_due()
    assert states(office) == [(EffectState.CANCELLED, "window_closed")]
    assert office.billing.issued == []


def test_a_contract_that_is_theirs_no_more_calls_it_off() -> None:
    """Whom the boleto's contract belongs to is asked at dispatch; who cannot tell puts it off. Rule: B2."""
    office = shop()
    conversation = office.opened()
    office.contracts.moods["contracts"] = Temporary()
    office.desk.handle(SendBoletos(conversation, B1), by=ANA)
    assert states(office)[0][0] is EffectState.INTENDED
    office.contracts.moods["contracts"] = lambda ids: dict.fromkeys(ids, ())
    office.pass_time(minutes=5)
    office.desk.run_due()
    assert states(office) == [(EffectState.CANCELLED, "not_theirs")]
    assert (office.billing.issued, office.messaging.outbox) == ([], [])


@pytest.mark.parametrize(
    ("issued", "why"),
    [
        (boleto(label=BoletoState.CANCELLED), "cancelled"),
        (boleto(label=BoletoState.PAID), "paid"),
        (boleto(paid_on=date(2026, 3, 10)), "paid"),
        (boleto(paid=Money(1)), "paid"),
        (boleto("b2"), "another_one"),
        (boleto(customer="cu-joao"), "another_one"),
    ],
)
def test_a_boleto_that_is_not_to_be_paid_is_never_sent(issued: Boleto, why: str) -> None:
    """Whatever it was when asked for: what was issued is looked at too. Rule: B3, B2."""
    office = shop()
    office.billing.moods["issue_boleto"] = lambda _: IssuedBoleto(issued, PDF)
    office.desk.handle(SendBoletos(office.opened(), B1), by=ANA)
    assert states(office) == [(EffectState.FAILED, why)]
    assert office.messaging.outbox == []


@pytest.mark.parametrize(
    ("issued", "why"),
    [
        (invoice(cancelled=True), "cancelled"),
        (invoice("n2"), "another_one"),
        (invoice(customer="cu-joao"), "another_one"),
    ],
)
def test_an_invoice_that_does_not_stand_is_never_sent(issued: Any, why: str) -> None:
    """Nor one that was not asked for. Rule: B7, B2."""
    office = shop()
    office.billing.moods["issue_invoice"] = lambda _: IssuedInvoice(issued, PDF)
    office.desk.handle(SendInvoices(office.opened(), N1), by=ANA)
    assert states(office) == [(EffectState.FAILED, why)]
    assert office.messaging.outbox == []


@pytest.mark.parametrize(("raised", "_"), RAISED, ids=lambda value: type(value).__name__)
def test_issuing_that_fails_is_tried_again_and_sent_once(raised: BaseException, _: str) -> None:
    """Whatever it raises; only what is refused for good ends there. Rule: S13, B11."""
    office = shop()
    office.billing.moods["issue_boleto"] = raised
    office.desk.handle(SendBoletos(office.opened(), B1), by=ANA)
    assert office.messaging.outbox == []
    del office.billing.moods["issue_boleto"]
    for _minute in range(3):
        office.pass_time(minutes=2)
        office.desk.run_due()
    if isinstance(raised, Permanent):
        assert states(office) == [(EffectState.FAILED, "not_today")]
        assert said(office) == []
    else:
        assert [state for state, _detail in states(office)] == [EffectState.SUCCEEDED]
        assert said(office) == ALL_OF_B1


@pytest.mark.parametrize("answer", [None, "b1", boleto(), (boleto(), PDF), IssuedInvoice(invoice(), PDF)])
def test_nonsense_for_a_boleto_is_never_sent(answer: object) -> None:
    """It is asked for again some times, then it has failed; meanwhile others are served. Rule: B11."""
    office = shop()
    office.billing.moods["issue_boleto"] = lambda _: answer
    conversation = office.opened()
    office.desk.handle(SendBoletos(conversation, B1), by=ANA)
    office.desk.handle(SendMessage(conversation, Private("Um momento")), by=ANA)
    for _ in range(30):
        office.pass_time(minutes=11)
        office.desk.run_due()
    assert office.sent == ["Um momento"]
    assert [state for state, _ in states(office)] == [EffectState.FAILED]
    assert 1 < office.billing.times("issue_boleto") <= 8


def test_two_processes_send_it_once() -> None:
    """What was issued twice, as a lease ran out meanwhile, is said once. Rule: B11, S13."""
    office = shop()
    conversation = office.opened()

    def overtaken(_: object) -> IssuedBoleto:
        del office.billing.moods["issue_boleto"]
        for _minute in range(3):
            office.pass_time(minutes=1, seconds=1)
            office.another_desk().run_due()
        return IssuedBoleto(boleto(), PDF)

    office.billing.moods["issue_boleto"] = overtaken
    office.desk.handle(SendBoletos(conversation, B1), by=ANA)
    office.desk.run_due()
    assert said(office) == ALL_OF_B1
    assert office.billing.times("issue_boleto") == 2
