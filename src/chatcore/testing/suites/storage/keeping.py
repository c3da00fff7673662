"""Values: what is read is just what was written, to the last digit, blank and microsecond."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

import attrs

from chatcore.entities import (
    Address,
    Attachment,
    KeptStatus,
    Media,
    MediaPointer,
)
from chatcore.events import (
    Claimed,
    ContactBlocked,
    ContactCreated,
    ContactEdited,
    ContractPinned,
    Doubted,
    Envelope,
    EvidenceKept,
    FieldsSet,
    Intended,
    MediaStored,
    MessageAdded,
    MessageEdited,
    MessageReceived,
    MessageRevoked,
    Reacted,
    Started,
    StatusReported,
    Tagged,
    WorkspaceConfigured,
)
from chatcore.limits import FIELD_TEXT, INBOUND_TEXT, NAME_LENGTH
from chatcore.ports import ReadSet, TallyChange
from chatcore.search import ContactQuery, ConversationQuery, EffectQuery, MessageQuery
from chatcore.testing.provider import PROVIDER
from chatcore.testing.suites.storage._asking import followed, read, walked
from chatcore.testing.suites.storage._base import StorageTests
from chatcore.testing.suites.storage._exactly import differences
from chatcore.testing.suites.storage._ledger import NOON, Ledger, Step
from chatcore.testing.suites.storage._steps import contact, conversation, effect, told
from chatcore.vocabulary import (
    WORKSPACE,
    Actor,
    ChannelId,
    ContactId,
    ContractId,
    ConversationId,
    DeliveryStatus,
    DepartmentId,
    Direction,
    EffectId,
    EffectKind,
    FieldId,
    MessageId,
    MessageKind,
    Private,
    TagId,
    message_id,
)

__all__ = ["KeepingTests"]

A, CV, EF = ContactId("ct_a"), ConversationId("cv_1"), EffectId("ef_1")
M1 = message_id(CV, 1)

HOSTILE: Final = (
    "",
    " ",
    "  blanks around  ",
    "\ttab\nline\r\nreturn\x0b\x0c\x85\u2028\u2029",
    "nul\0inside\0",
    "quotes ' \" ` \\ \\' %s {0} $1 :name ? ; -- /* */",
    "100% _under_ * [a-z] ^$",
    "e\u0301 is not \u00e9, \ufb01 is not fi, \u212b is not \u00c5",
    "\uff26\uff29\uff22\uff32\uff21 \u00df \u0130 \u0131",
    "😀👨\u200d👩\u200d👧🇧🇷\U0010ffff\uffff\ufffe",
    "\u202eright to left\u202c \u200b\u00ad\ufeff",
    "'; DROP TABLE messages; --",
    "<script>alert(1)</script>&amp;&#0;",
    "\x01\x02\x1f\x7f\x80\x9f",
    "null",
    "NaN",
    "1e400",
    "日本語 한국어 العربية",
    "x" * 5000,
)
"""Texts that have broken one storage or another; each must come back as it is."""


def _same(found: object, expected: object) -> None:
    wrong = list(differences(found, expected))
    assert not wrong, (
        f"what is read is not just what was written: {wrong[:5]}. Keep states and events as "
        "`chatcore.serialization` writes them, in a column that takes any text or bytes; what is kept in "
        "columns besides is for finding only"
    )


def _whole(ledger: Ledger) -> None:
    """Everything, wherever it can be read, is just what was committed."""
    storage = ledger.storage
    for ref, state in ledger.states.items():
        _same(read(storage, ref).states[ref], state)
        stream = storage.stream(ref, after=0, limit=200)
        _same(stream, tuple(envelope for envelope in ledger.events if envelope.ref == ref))
    for query in (ConversationQuery(), MessageQuery(), ContactQuery(), EffectQuery()):
        for row in walked(storage, query):
            _same(row, ledger.states[row.id])
    found, _ = followed(storage, [envelope.id for envelope in ledger.events])
    events: dict[str, Envelope] = {envelope.id: envelope for envelope in ledger.events}
    for envelope in found:
        _same(envelope, events[envelope.id])
    workspace = storage.read(ReadSet(workspace_after=0)).workspace
    _same(workspace, ledger.states.get(WORKSPACE))


def _received(text: str, *, seq: int = 1, raw: str | None = None, sent_at: datetime = NOON) -> MessageReceived:
    return MessageReceived(
        conversation=CV,
        seq=seq,
        channel=ChannelId("wa"),
        kind=MessageKind.UNKNOWN if raw is not None else MessageKind.TEXT,
        body=Private(text),
        provider_id=f"in-{seq}",
        sent_at=sent_at,
        raw=None if raw is None else Private(raw),
        flags=() if raw is None else ("nul_removed", "cut"),
        media=None if raw is None else Media(pointer=MediaPointer(reference="media-1", mime="image/jpeg")),
        reply_to=None if raw is None else MessageId("cv_other.7"),
    )


def _spoken(seq: int, sent_at: datetime | None = None) -> MessageAdded:
    return MessageAdded(
        message=message_id(CV, seq),
        seq=seq,
        direction=Direction.INBOUND,
        window_until=sent_at,
        address=Private("x"),
    )


class KeepingTests(StorageTests):
    """What `Storage` keeps, value by value."""

    def test_texts_are_kept_as_they_are(self) -> None:
        """Any text without lone surrogates, in bodies, names and reasons, comes back code point by code point.

        When this fails: a text was trimmed, normalised, cut at a NUL, unescaped, or read with another encoding.
        """
        ledger = Ledger(self.storage())
        ledger.commit(contact(A), conversation(CV))
        ledger.commit(*ledger.heard(CV, *HOSTILE))
        for n, text in enumerate(HOSTILE):
            ledger.commit(
                Step(
                    ContactId(f"ct_{n}"),
                    (
                        ContactCreated(
                            addresses=(Address(f"k{n}", Private(text)),),
                            name=Private(text[:NAME_LENGTH] or "-"),
                        ),
                        ContactBlocked(why=text),
                    ),
                    Actor.agent("ana"),
                )
            )
        _whole(ledger)

    def test_entities_that_are_full_are_kept_whole(self) -> None:
        """Conversation, contact, message, effect and workspace with something in every corner.

        When this fails: a field is not written, or another type comes back: Decimal as float, tuple as list,
        an enumeration as text, a moment without its zone or its microseconds.
        """
        ledger = Ledger(self.storage())
        ana, odd = Actor.agent("ana"), NOON + timedelta(microseconds=123_457)
        ledger.now = odd
        values: tuple[tuple[FieldId, Private | Decimal | date | bool], ...] = (
            (FieldId("a"), Decimal("1.50")),
            (FieldId("b"), Decimal("-0.00")),
            (FieldId("c"), Decimal("123456789012345678901234567890")),
            (FieldId("d"), Decimal("1E+5")),
            (FieldId("e"), True),
            (FieldId("f"), False),
            (FieldId("g"), date(1, 1, 1)),
            (FieldId("h"), date(9999, 12, 31)),
            (FieldId("i"), Private("texto ' \" \\ 😀")),
            (FieldId("j"), Private("é" * FIELD_TEXT)),
        )
        ledger.commit(
            Step(WORKSPACE, (WorkspaceConfigured(workspace=PROVIDER),), ana),
            Step(
                A,
                (
                    ContactCreated(addresses=(Address("k1", Private("1")), Address("k2", Private("2")))),
                    ContactEdited(name=Private("Maria"), opted_out=True, values=values),
                    ContactBlocked(why=None),
                ),
                ana,
            ),
            Step(
                CV,
                (
                    Started(
                        contact=A,
                        channel=ChannelId("wa"),
                        address=Private("5511987654321"),
                        protocol="20260310-1",
                        department=DepartmentId("support"),
                        bot=True,
                        window_until=odd,
                        quiet_until=odd,
                    ),
                    Tagged(tags=(TagId("b"), TagId("a"))),
                    FieldsSet(values=values),
                    ContractPinned(contract=ContractId("k-1")),
                    _spoken(1, odd),
                ),
            ),
            Step(
                M1,
                (
                    _received("", raw='{"a": [1, null]}', sent_at=odd),
                    MediaStored(
                        attachment=Attachment(
                            key="f", mime="image/jpeg", size=10**8, sha256="0" * 64, name="a.jpg"
                        )
                    ),
                    Reacted(
                        channel=ChannelId("wa"),
                        provider_id="in-2",
                        direction=Direction.INBOUND,
                        emoji=Private("👍🏽"),
                        sent_at=odd,
                    ),
                    MessageEdited(channel=ChannelId("wa"), provider_id="in-3", body=Private("x"), sent_at=odd),
                    StatusReported(status=DeliveryStatus.FAILED, occurred_at=odd, failure="131026"),
                    MessageRevoked(channel=ChannelId("wa"), provider_id="in-4", sent_at=odd),
                ),
            ),
            Step(
                EF,
                (
                    Intended(
                        kind=EffectKind.KEEP_STATUS,
                        expires_at=odd,
                        due_at=odd,
                        channel=ChannelId("wa"),
                        contact=A,
                        lane="l",
                        position=10**12,
                        reference="out-1",
                        kept=(
                            KeptStatus(DeliveryStatus.READ, odd),
                            KeptStatus(DeliveryStatus.FAILED, odd, "1"),
                        ),
                    ),
                    Claimed(lease_until=odd, at=NOON),
                    Doubted(due_at=odd, detail="timeout"),
                    EvidenceKept(finding="late", reference="r", note=Private("visto no extrato")),
                ),
                ana,
            ),
        )
        _whole(ledger)

    def test_entities_that_are_bare_are_kept_bare(self) -> None:
        """What is None stays None, and what is empty stays empty: they are not the same.

        When this fails: an empty text or tuple is read as None, or the other way round.
        """
        ledger = Ledger(self.storage())
        ledger.commit(contact(A), contact("ct_b"), conversation(CV), effect(EF))
        ledger.commit(*ledger.heard(CV, "", " "))
        ledger.commit(
            told("ct_b", ContactBlocked(why="")),
            told(CV, FieldsSet(values=())),
        )
        _whole(ledger)

    def test_moments_are_kept_to_the_microsecond(self) -> None:
        """Moments of any year, a microsecond apart, come back in UTC as they were.

        When this fails: keep whole microseconds, as a number or as a text, not a floating number of seconds.
        """
        ledger = Ledger(self.storage())
        moments = (
            datetime(1970, 1, 1, tzinfo=UTC),
            datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
            datetime(2026, 3, 10, 12, 0, 0, 1, tzinfo=UTC),
            datetime(2026, 3, 10, 12, 0, 0, 999_999, tzinfo=UTC),
            datetime(2262, 4, 11, 23, 47, 16, 854_776, tzinfo=UTC),
            datetime(9999, 12, 30, 23, 59, 59, 999_999, tzinfo=UTC),
            datetime(1900, 2, 28, 1, 2, 3, 4, tzinfo=UTC),
        )
        for n, moment in enumerate(moments):
            ledger.now = moment
            home = f"cv_{n}"
            change = ledger.commit(
                contact(f"ct_{n}"),
                conversation(home, contact=f"ct_{n}"),
                effect(f"ef_{n}", due=moment),
                key=f"k{n}",
            )
            ledger.commit(*ledger.heard(home, "oi"))
            _same(ledger.storage.read(ReadSet(key=f"k{n}")).receipt, change.receipt)
        _whole(ledger)
        rows = walked(ledger.storage, ConversationQuery(), limit=2)
        assert [row.recorded_at for row in rows] == sorted(moments, reverse=True)
        rows = walked(ledger.storage, MessageQuery(), limit=2)
        assert [row.recorded_at for row in rows] == sorted(moments, reverse=True)

    def test_receipts_are_kept_as_they_are(self) -> None:
        """What a command answered, in its order, with and without key and fingerprint.

        When this fails: the outcome is kept in part, or its refs in another order.
        """
        ledger = Ledger(self.storage())
        changes = [
            ledger.commit(contact("ct_z"), contact("ct_a"), contact("ct_m"), key="é 😀", fingerprint="f"),
            ledger.commit(key="k", fingerprint=None),
            ledger.commit(effect("ef_1"), conversation("cv_1"), fingerprint=None),
        ]
        for change in changes:
            receipt = change.receipt
            found = ledger.storage.read(ReadSet(key=receipt.key, command=receipt.command))
            _same(found.committed, receipt)
            _same(found.receipt, receipt if receipt.key is not None else None)

    def test_events_are_kept_as_they_were_recorded(self) -> None:
        """Who, by which command, with which mark and because of what; each event as it was.

        When this fails: something of the envelope is left out: correlation, causation, schema, actor.
        """
        ledger = Ledger(self.storage())
        change = ledger.change(contact(A, name="Maria"))
        [write] = change.writes
        [envelope] = write.events
        marked = attrs.evolve(
            envelope, actor=Actor.bot("robô"), correlation="corr é 😀 '", causation=envelope.id, schema=1
        )
        change = attrs.evolve(change, writes=(attrs.evolve(write, events=(marked,)),))
        ledger.storage.apply(change)
        ledger.take_in(change)
        _whole(ledger)

    def test_much_is_kept_whole(self) -> None:
        """The longest text that a customer may send, and a count beyond thirty-two bits.

        When this fails: a column is too narrow. A body has up to `INBOUND_TEXT` code points of up to 4 bytes.
        """
        ledger = Ledger(self.storage())
        ledger.commit(contact(A), conversation(CV))
        texts = ["😀" * INBOUND_TEXT, "palavra " * (INBOUND_TEXT // 8), "a" * INBOUND_TEXT]
        ledger.commit(*ledger.heard(CV, *texts), tallies=(TallyChange("t", 2**40),))
        _whole(ledger)
        assert read(ledger.storage, tallies=("t",)).tallies["t"] == 2**40
        ledger.commit(tallies=(TallyChange("t", -(2**40) + 1),))
        assert read(ledger.storage, tallies=("t",)).tallies["t"] == 1
