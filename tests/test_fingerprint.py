"""One sequence of bytes per value: what differs has another, what is equal the same, and it never wavers."""

from __future__ import annotations

import enum
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.br import Money
from chatcore.commands import (
    AddItem,
    AddNote,
    AddTags,
    ArchiveItem,
    Assign,
    BlockContact,
    ChangeDepartment,
    ChangeItem,
    ClaimEffect,
    Close,
    CloseIdle,
    Configure,
    Dismiss,
    EditContact,
    EditConversation,
    Finding,
    FindingKind,
    GrantBonus,
    LinkCustomer,
    MarkRead,
    MergeContacts,
    OpenServiceOrder,
    OrderItems,
    PinContract,
    ReceiveMessage,
    RecordEcho,
    RecordEdit,
    RecordReaction,
    RecordResult,
    RecordRevocation,
    RecordStatus,
    ReleaseConversation,
    RemoveTags,
    Reopen,
    Resend,
    RestoreItem,
    ReturnToBot,
    ReturnToQueue,
    SendBoletos,
    SendInvoices,
    SendMedia,
    SendMessage,
    SendQuickReply,
    SendTemplate,
    SetFields,
    SetPolicies,
    SetReason,
    SettleEffect,
    SettleReview,
    StartConversation,
    Take,
    TimeOutBot,
    Transfer,
    UnblockContact,
    UnlinkCustomer,
    Withdraw,
)
from chatcore.entities import (
    Attachment,
    Bonus,
    BusinessHours,
    Customer,
    Found,
    IssuedBoleto,
    IssuedInvoice,
    MediaPointer,
    Policies,
    Tag,
)
from chatcore.fingerprint import canonical, fingerprint
from chatcore.limits import FIELD_DIGITS
from chatcore.rules.table import TABLE
from chatcore.vocabulary import (
    SYSTEM,
    Actor,
    BoletoForm,
    DeliveryStatus,
    MessageKind,
    Part,
    Priority,
    Private,
    Situation,
)
from tests.given import ANA, BETO, NOW, SECOND, TICK, boleto, invoice, workspace

FINDING = Finding(kind=FindingKind.DONE, reference="r")
FILE = Attachment(key="f1", mime="image/jpeg", size=10, sha256="0" * 64, name="fatura.jpg")
POINTER = MediaPointer(reference="m1", mime="image/jpeg", sha256="0" * 64, name="foto.jpg")
VALUES = {"a": "x", "b": 5, "c": date(2026, 3, 10), "d": True, "e": None}
BROUGHT: dict[str, Any] = {"channel": "wa", "address": "1", "provider_id": "w", "sent_at": NOW}
WHAT = (
    FILE,
    IssuedBoleto(boleto(paid=Money(1), paid_on=date(2026, 3, 10)), FILE),
    IssuedInvoice(invoice(series="1", access_key="1"), FILE),
    Found(
        (
            Customer(id="c1", name=Private("Maria"), document=Private("1")),
            Customer(id="c2", name=Private("Maria")),
        )
    ),
)
"""What an effect may bring."""

COMMANDS: list[Any] = [
    StartConversation("wa", contact="ct_1", department="sup", text="Oi"),
    StartConversation("wa", address="5511987654321"),
    StartConversation("wa", contact="ct_1", template="late", parameters=["Maria"]),
    Take("cv_1"),
    Assign("cv_1", "ana"),
    Transfer("cv_1", "ana"),
    ChangeDepartment("cv_1", "fin"),
    ReturnToQueue("cv_1"),
    ReturnToBot("cv_1"),
    Reopen("cv_1", "ana"),
    SetReason("cv_1", "moved"),
    MarkRead("cv_1"),
    SendMessage("cv_1", "Oi"),
    Close("cv_1", "moved"),
    SendTemplate("cv_1", "late", ["Maria", "12/03"]),
    SendQuickReply("cv_1", "hi"),
    SendMedia("cv_1", FILE, "Fatura", kind=MessageKind.DOCUMENT),
    AddNote("cv_1", "Ligar"),
    AddTags("cv_1", ["vip", "late"]),
    RemoveTags("cv_1", ["vip", "late"]),
    SetFields("cv_1", VALUES),
    Resend("cv_1.2"),
    Dismiss("cv_1.2"),
    PinContract("cv_1", "k1"),
    PinContract("cv_1", None),
    SendBoletos("cv_1", ["b1", "b2"], forms=(BoletoForm.PIX, BoletoForm.LINE)),
    SendBoletos("cv_1", ["b1"]),
    SendInvoices("cv_1", ["b1"]),
    GrantBonus("cv_1", "k1", Bonus.amount("20"), "Ficou sem sinal", period="2026-03"),
    GrantBonus("cv_1", "k1", Bonus.percent("12.5"), "Ficou sem sinal"),
    GrantBonus("cv_1", "k1", Bonus.days(5), "Ficou sem sinal"),
    OpenServiceOrder(
        "cv_1", "visit", "Sem sinal", "Desde ontem", priority=Priority.HIGH, contract="k1", schedule=NOW
    ),
    Withdraw("ef_1"),
    SettleReview("ef_1", True, "Está no extrato", reference="r"),
    EditConversation("cv_1", customer="c1", department="fin", reason="moved", to="ana"),
    EditConversation("cv_1", situation=Situation.BOT),
    BlockContact("ct_1", "spam"),
    BlockContact(address="5511987654321"),
    UnblockContact("ct_1"),
    EditContact("ct_1", name="Maria", opted_out=True, fields=VALUES),
    LinkCustomer("ct_1", "c1"),
    UnlinkCustomer("ct_1"),
    MergeContacts("ct_1", "ct_2"),
    Configure(workspace()),
    AddItem(Tag(id="vip", name="VIP")),
    ChangeItem(Tag(id="vip", name="VIP")),
    ArchiveItem(Part.TAG, "vip"),
    RestoreItem(Part.TAG, "vip"),
    OrderItems(Part.TAG, ["vip", "late"]),
    SetPolicies(Policies()),
    ReceiveMessage(**BROUGHT, text="Oi", name="M", raw="{}", reply_to="w0"),
    ReceiveMessage(**BROUGHT, kind=MessageKind.IMAGE, media=POINTER),
    RecordEcho(**BROUGHT, text="Oi", raw="{}"),
    RecordReaction(**BROUGHT, target="w0", emoji="👍"),
    RecordEdit(**BROUGHT, target="w0", text="Oi"),
    RecordRevocation(**BROUGHT, target="w0"),
    RecordStatus(
        channel="wa", provider_id="w", status=DeliveryStatus.FAILED, occurred_at=NOW, key="ef_1", failure="1"
    ),
    ClaimEffect("ef_1"),
    SettleEffect("ef_1", 1, FINDING),
    *(SettleEffect("ef_1", 1, Finding(kind=FindingKind.DONE, brought=brought)) for brought in WHAT),
    RecordResult(effect="ef_1", applied=True, reference="r"),
    RecordResult(effect="ef_1", applied=False, failure="1"),
    ReleaseConversation("cv_1", "ana"),
    CloseIdle("cv_1"),
    TimeOutBot("cv_1"),
]


def test_every_command_is_in_these_tests() -> None:
    """None is left out."""
    assert {type(command) for command in COMMANDS} == {*TABLE}


def neighbours(command: Any) -> Iterator[Any]:
    """The same command with one field changed, in every way that its type allows."""
    for field in attrs.fields(type(command)):
        value = getattr(command, field.name)
        for other in others(value):
            try:
                yield attrs.evolve(command, **{field.name: other})
            except (ValueError, TypeError):
                continue


def others(value: Any) -> list[Any]:
    if value is None:
        return ["x", "None", Private("x")]
    if type(value) is str:
        return [value + "x", value + "1", value.upper(), value + "\u0301", None]
    if type(value) is Private:
        return [Private(value.reveal() + "x"), Private("private"), None]
    if type(value) is bool:
        return [not value]
    if type(value) is int:
        return [value + 1]
    if isinstance(value, enum.Enum):
        return [member for member in type(value) if member is not value]
    if attrs.has(type(value)):
        return list(neighbours(value))
    if type(value) is tuple:
        shorter = [value[:i] + value[i + 1 :] for i in range(len(value))]
        changed = [
            (*value[:i], other, *value[i + 1 :]) for i, each in enumerate(value) for other in others(each)
        ]
        return [*shorter, value[::-1], *changed]
    if type(value) is Decimal:
        return [value + 1, -value, value / 3, value.scaleb(1)]
    if type(value) is date:
        return [value + timedelta(days=1)]
    return [value + TICK] if hasattr(value, "tzinfo") else []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: type(c).__name__)
def test_any_other_field_gives_another_fingerprint(command: Any) -> None:
    """Change one field of a command, in any way, and it is another request."""
    around = [c for c in neighbours(command) if c != command]
    assert around
    prints = [fingerprint(c, ANA) for c in (command, *around)]
    distinct = {canonical(c): c for c in (command, *around)}
    assert len({*prints}) == len(distinct) == len({*around}) + 1


def test_commands_of_one_shape_differ_by_their_class() -> None:
    """Blocking and unblocking the same contact are two requests."""
    assert len({fingerprint(c, ANA) for c in COMMANDS}) == len(COMMANDS)
    assert fingerprint(Take("x"), ANA) != fingerprint(ClaimEffect("x"), ANA)
    assert fingerprint(BlockContact("x"), ANA) != fingerprint(UnblockContact("x"), ANA)


def test_who_asks_counts() -> None:
    """The same words of somebody else are another request; so are those of a bot with the same id."""
    command = Take("cv_1")
    prints = {fingerprint(command, who) for who in (ANA, BETO, SYSTEM, Actor.bot("ana"))}
    assert len(prints) == 4


def test_the_secret_counts() -> None:
    """A fingerprint holds nothing that can be guessed without the service's key."""
    command = SendMessage("cv_1", "Oi")
    prints = {fingerprint(command, ANA, secret=s) for s in (b"", b"one", b"two", b"x" * 64)}
    assert len(prints) == 4


@given(st.sampled_from(COMMANDS), st.sampled_from([ANA, BETO, SYSTEM]), st.binary(max_size=64))
def test_the_same_gives_the_same(command: Any, actor: Actor, secret: bytes) -> None:
    """Law: equal command, actor and secret give equal fingerprints: 32 hexadecimal digits."""
    twin = attrs.evolve(command)
    one, other = fingerprint(command, actor, secret=secret), fingerprint(twin, actor, secret=secret)
    assert one == other
    assert len(one) == 32
    assert int(one, 16) >= 0


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.text(max_size=8),
    st.builds(Private, st.text(max_size=8)),
)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=6)


def spelled(value: Any) -> Any:
    """A value together with its types: 1, True and "1" are three."""
    if type(value) is tuple:
        return tuple(map(spelled, value))
    return type(value).__name__, value


@given(values, values)
def test_bytes_are_equal_exactly_when_values_are(one: Any, other: Any) -> None:
    """Law: canonical(a) == canonical(b) if and only if a and b are the same value of the same types."""
    assert (canonical(one) == canonical(other)) is (spelled(one) == spelled(other))


def test_moments_and_spans_keep_their_microseconds() -> None:
    """Two moments a microsecond apart are two, and a span is not a moment."""
    assert canonical(NOW) != canonical(NOW + TICK)
    assert canonical(SECOND) != canonical(SECOND + TICK) != canonical(-SECOND)
    assert canonical(timedelta(days=1)) == canonical(timedelta(hours=24))
    assert canonical(Policies(reopen_within=SECOND)) != canonical(Policies())


def test_a_day_is_not_its_midnight() -> None:
    """Nor the text that it reads like. Rule: C9."""
    forms = (NOW.date(), NOW.replace(hour=0), "2026-03-10", Private("2026-03-10"))
    assert len({canonical(form) for form in forms}) == 4


def test_yes_is_not_one() -> None:
    """Nor is a text: values of custom fields of different types are different requests. Rule: C9."""
    forms = (True, 1, Decimal(1), "1", Private("1"), None, False, Decimal(0))
    assert len({canonical((("a", form),)) for form in forms}) == len(forms)


numbers = st.integers(-(10**FIELD_DIGITS) + 1, 10**FIELD_DIGITS - 1)
exact = st.builds(
    lambda whole, places: Decimal(f"{whole}E-{places}"),
    numbers,
    st.integers(0, FIELD_DIGITS),
)


@given(exact, exact)
def test_numbers_are_told_apart_to_their_last_digit(one: Decimal, other: Decimal) -> None:
    """Law: two numbers have the same bytes exactly when they are equal, however they are written. Rule: C9."""
    assert (canonical(one) == canonical(other)) is (one == other)


@given(numbers, st.integers(1, 9))
def test_a_number_one_more_is_another(whole: int, more: int) -> None:
    """Law: also in the last of all the digits that a custom field may hold. Rule: C9."""
    assert canonical(Decimal(whole)) != canonical(Decimal(whole + more))
    assert canonical(Decimal(f"{whole}E-5")) != canonical(Decimal(f"{whole + more}E-5"))


@given(exact, st.integers(1, 40))
def test_a_number_has_one_form_whatever_the_callers_arithmetic(number: Decimal, precision: int) -> None:
    """Law: the decimal context of who calls changes no fingerprint. Rule: C9."""
    before = canonical(number)
    with localcontext() as context:
        context.prec = precision
        assert canonical(number) == before


def test_a_number_is_written_in_one_way() -> None:
    """Zeros at its end and its sign make no difference where they make none to the number. Rule: C9."""
    for forms in (("1.50", "1.5", "15e-1"), ("100", "1e2", "100.0"), ("0", "-0", "0.00", "0e5")):
        assert len({canonical(Decimal(form)) for form in forms}) == 1
    assert canonical(Decimal("-1.50")) == b'["number",-15,-1]'


def test_business_hours_have_a_form() -> None:
    """With each minute and each holiday. Rule: H1."""
    hours = BusinessHours.of(weekdays="08:00-12:00", holidays=[date(2026, 5, 1)])
    others = (
        BusinessHours.of(weekdays="08:00-12:01", holidays=[date(2026, 5, 1)]),
        BusinessHours.of(weekdays="08:00-12:00", holidays=[date(2026, 5, 2)]),
        BusinessHours.of(weekdays="08:00-12:00", friday="", holidays=[date(2026, 5, 1)]),
    )
    assert len({canonical(Policies(hours=each)) for each in (None, hours, *others)}) == 5


def test_words_of_a_closed_list_go_in_by_their_value() -> None:
    """So that renaming a member in Python changes no fingerprint."""
    assert canonical(Situation.OPEN) == b'"open"'
    assert canonical((MessageKind.TEXT,)) == b'["tuple","text"]'


class Loose:
    """A class of the caller's."""


class Number(enum.IntEnum):
    ONE = 1


@pytest.mark.parametrize(
    "value", [1.5, float("nan"), {1, 2}, frozenset({1}), b"x", {}, [], Loose(), Loose, Number.ONE]
)
def test_what_has_no_one_form_is_refused(value: object) -> None:
    """A float, a set, a mapping, bytes, a class of the caller's: at the top, or deep inside."""
    for wrapped in (value, ("x", (value,))):
        with pytest.raises(TypeError, match="no canonical form"):
            canonical(wrapped)


def test_bytes_and_fingerprints_never_waver() -> None:
    """Equal on every Python, machine and hash seed: these were written down once."""
    assert canonical((ANA, Take("cv_1"))) == b'["tuple",["Actor","agent","ana"],["Take","cv_1",false]]'
    assert canonical(SendMessage("cv_1", "Olá")) == b'["SendMessage","cv_1",["private","Ol\\u00e1"]]'
    assert fingerprint(Take("cv_1"), ANA) == "42bd78c1604b3ea0bd75471bd54573ae"
    code = "from chatcore.commands import Take; from chatcore.fingerprint import fingerprint\n"
    code += (
        "from chatcore.vocabulary import Actor; print(fingerprint(Take('cv_1'), Actor.agent('ana')), end='')"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert printed == {fingerprint(Take("cv_1"), ANA)}
