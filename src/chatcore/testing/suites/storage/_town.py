"""A small town of customers and what they wrote, to ask about: something of everything that can be asked for.

Words that differ only by accents, case or width, names with quotes and wildcards, contacts that turned out to
be others, messages that were changed and taken back, moments a microsecond apart and moments that are the
same.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from chatcore.events import (
    Closed,
    ContactBlocked,
    ContactEdited,
    ContactUnblocked,
    CustomerLinked,
    FieldsSet,
    MarkedRead,
    MessageAdded,
    MessageEdited,
    MessageRevoked,
    MessageWritten,
    Queued,
    ReasonSet,
    Reopened,
    Tagged,
    Taken,
    Transferred,
    Untagged,
)
from chatcore.ports import Storage
from chatcore.testing.suites.storage._ledger import NOON, Ledger, Step
from chatcore.testing.suites.storage._moving import merged
from chatcore.testing.suites.storage._steps import contact, conversation, effect, told
from chatcore.vocabulary import (
    Actor,
    AgentId,
    ChannelId,
    ConversationId,
    CustomerId,
    DepartmentId,
    Direction,
    EffectId,
    EffectState,
    FieldId,
    MessageId,
    MessageKind,
    Private,
    ReasonId,
    TagId,
    message_id,
)

__all__ = ["NAMES", "TEXTS", "town"]

NAMES: Final = (
    "João da Silva",
    "Joana",
    "Maria João",
    "RAMÓN silva",
    "silva",
    'D\'Ávila 100% \\ "Zé" _x_',
    "\uff2a\uff4f\u00e3\uff4f \uff37\uff49\uff44\uff45",
    "Ana-Maria; DROP TABLE contacts",
    "Straße",
    "Łukasz 😀",
)
"""Names of the contacts, in the order of their ids."""

TEXTS: Final = (
    "Não recebi o boleto",
    "segunda via do BOLETO, por favor",
    "boleto boleto pago",
    "Bom dia! 😀",
    "a via",
    "...",
    "Já paguei a 2ª via",
    "100% certo_ou 100 por cento?",
    "C:\\boletos\\2026 'aspas' \"duplas\"",
    "nu\0lo",
    "E\u0301 composto ou É composto",
    "\uff22\uff2f\uff2c\uff25\uff34\uff2f largo",
    "'; DROP TABLE messages; -- and or not near(",
    "İstanbul ΣΊΣΥΦΟΣ ﬁm",
    "👨\u200d👩\u200d👧 família 🇧🇷",
    "",
    "日本語のテキスト 한국어",
    "boletos",
    "via segunda",
    "OR AND NOT *",
    "x" * 3000 + " fim",
)
"""What they wrote."""

SUPPORT, SALES = DepartmentId("support"), DepartmentId("sales")


def _minute(ledger: Ledger, minutes: float = 1.0) -> None:
    ledger.now += timedelta(minutes=minutes)


def town(storage: Storage) -> Ledger:
    """Commit it, in some thirty sets."""
    ledger = Ledger(storage)
    ledger.commit(*(contact(f"ct_{n}", name=name, reached=(f"key-{n}",)) for n, name in enumerate(NAMES)))
    ledger.commit(contact("ct_B"), contact("ct_nameless", reached=("key-é", "Key-é")))
    _begin(ledger)
    _talk(ledger)
    _move(ledger)
    _describe(ledger)
    _people(ledger)
    _doings(ledger)
    return ledger


def _begin(ledger: Ledger) -> None:
    """Conversations in every situation, some of them begun at one moment."""
    ledger.commit(
        conversation("cv_b", contact="ct_0"),
        conversation("cv_B", contact="ct_1"),
        conversation("cv_\u00e9", contact="ct_2", department="sales"),
        conversation("cv_\U0001f600", contact="ct_3"),
        conversation("cv_\uff5a", contact="ct_4", channel="bot", bot=True),
    )
    ledger.now += timedelta(microseconds=1)
    ledger.commit(conversation("cv_late", contact="ct_5", assignee="ana"))
    _minute(ledger)
    ledger.commit(
        conversation("cv_7", contact="ct_6", channel="bot", department="sales", bot=True),
        conversation("cv_8", contact="ct_7", department="sales", assignee="beto"),
        conversation("cv_9", contact="ct_8"),
        conversation("cv_10", contact="ct_9", channel="wb"),
        conversation("cv_11", contact="ct_0", channel="wb"),
        conversation("cv_12", contact="ct_B", channel="Wa"),
    )


def _talk(ledger: Ledger) -> None:
    """What was said, in one conversation more than a page of two holds, some of it at one moment."""
    homes = ("cv_b", "cv_B", "cv_\u00e9", "cv_late", "cv_8", "cv_10")
    for n in range(0, len(TEXTS), 7):
        _minute(ledger)
        steps: list[Step] = []
        for m, home in enumerate(homes):
            steps += ledger.heard(home, *TEXTS[n + m : n + 7 : 6])
        ledger.commit(*steps)
    _minute(ledger)
    ledger.commit(*ledger.heard("cv_b", *TEXTS[:8]))
    ledger.commit(*ledger.noted("cv_b", "Cliente pediu boleto", "avisar financeiro"))
    _minute(ledger, -30)
    ledger.commit(*ledger.heard("cv_9", "mais velho boleto", "o relógio voltou"))
    _minute(ledger, 40)
    ledger.commit(*_answered(ledger, "cv_late", "Segue a segunda via do boleto"))


def _answered(ledger: Ledger, home: str, text: str) -> tuple[Step, ...]:
    """An agent answers, and nobody waits any more."""
    id, by = ConversationId(home), Actor.agent("ana")
    state = ledger.states[id]
    seq = state.seq + 1  # type: ignore[union-attr]
    ref = message_id(id, seq)
    added = MessageAdded(message=ref, seq=seq, direction=Direction.OUTBOUND, human=True)
    written = MessageWritten(
        conversation=id,
        seq=seq,
        channel=ChannelId("wa"),
        kind=MessageKind.IMAGE,
        body=Private(text),
        effect=EffectId("ef_answer"),
        author=by,
    )
    return Step(id, (added,), by), Step(ref, (written,), by)


def _move(ledger: Ledger) -> None:
    """Taken, transferred, queued again, closed, reopened; read, and not."""
    ana, beto, done = AgentId("ana"), AgentId("beto"), ReasonId("done")
    _minute(ledger)
    ledger.commit(
        told("cv_B", Taken(assignee=ana)), told("cv_\u00e9", Taken(assignee=beto), Closed(reason=done))
    )
    _minute(ledger)
    ledger.commit(told("cv_B", Transferred(assignee=beto)), told("cv_9", MarkedRead()))
    ledger.commit(told("cv_late", Queued(department=SALES)), told("cv_11", Taken(assignee=AgentId("Ana"))))
    _minute(ledger)
    ledger.commit(
        told("cv_10", Closed(reason=ReasonId("Done"))),
        told("cv_8", Closed(reason=done)),
        told("cv_12", Taken(assignee=ana), Closed(reason=done)),
    )
    _minute(ledger)
    ledger.commit(told("cv_8", Reopened(assignee=ana)), told("cv_b", ReasonSet(reason=done)))


def _describe(ledger: Ledger) -> None:
    """Tags and custom fields, on conversations and on contacts."""
    vip, fibre = TagId("vip"), TagId("Vip")
    plan, since, open_, count = (FieldId(id) for id in ("plan", "since", "open", "count"))
    ledger.commit(
        told("cv_b", Tagged(tags=(vip, fibre)), FieldsSet(values=((plan, Private("100M")), (open_, True)))),
        told("cv_B", Tagged(tags=(vip,)), Untagged(tags=(vip,)), FieldsSet(values=((plan, Private("100m")),))),
        told("cv_9", Tagged(tags=(fibre,)), FieldsSet(values=((count, Decimal("1.50")), (open_, False)))),
        told("cv_10", FieldsSet(values=((since, date(2026, 3, 1)), (plan, Private("'; --"))))),
        told("cv_11", Tagged(tags=(vip,))),
    )
    ledger.commit(
        _edited("ct_1", ((plan, Private("100M")), (count, Decimal("1")))),
        _edited("ct_2", ((open_, True), (since, date(2026, 3, 1)))),
    )


def _edited(id: str, values: tuple[tuple[FieldId, object], ...]) -> Step:
    name = Private(NAMES[int(id.removeprefix("ct_"))])
    return told(id, ContactEdited(name=name, opted_out=False, values=values))  # type: ignore[arg-type]


def _people(ledger: Ledger) -> None:
    """Blocked, linked; and found to be somebody else, in two steps."""
    ledger.commit(
        told("ct_0", CustomerLinked(customer=CustomerId("cu-1"))),
        told("ct_3", CustomerLinked(customer=CustomerId("CU-1")), ContactBlocked(why="spam")),
        told("ct_5", ContactBlocked()),
        told("ct_7", ContactBlocked(), ContactUnblocked()),
    )
    ledger.commit(*merged(ledger, "ct_6", "ct_4"))
    ledger.commit(told("cv_7", Closed(reason=ReasonId("same"))))
    ledger.commit(*merged(ledger, "ct_4", "ct_8", "cv_\uff5a"))


def _doings(ledger: Ledger) -> None:
    """Messages changed and taken back; effects in every state, of some conversations and of none."""
    channel = ChannelId("wa")

    def edited(text: str, seconds: int) -> MessageEdited:
        at = NOON + timedelta(seconds=seconds)
        return MessageEdited(channel=channel, provider_id="in-e", body=Private(text), sent_at=at)

    revoked = MessageRevoked(channel=channel, provider_id="in-r", sent_at=NOON)
    _minute(ledger)
    ledger.commit(
        told("cv_b.1", edited("agora é a fatura", 1)),
        told("cv_b.2", edited("depois boleto", 9), edited("antes fatura", 3)),
        told("cv_b.3", revoked),
        told("cv_B.1", edited("editado e revogado boleto", 1), revoked),
    )
    assert ledger.states[MessageId("cv_b.2")].version == 3
    _minute(ledger)
    states = list(EffectState)
    effects = [
        effect(f"ef_{state}", state=state, conversation="cv_b" if n % 2 else "cv_B")
        for n, state in enumerate(states)
    ]
    ledger.commit(*effects, effect("ef_B"), effect("ef_\u00e9", conversation="cv_b"))
