"""Errors travel and say what they are; nothing that is printed shows a phone, a name or what somebody wrote."""

from __future__ import annotations

import base64
import json
import pickle
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings

from chatcore import errors
from chatcore.br import Money
from chatcore.commands import (
    AddNote,
    BlockContact,
    Configure,
    EditContact,
    EditConversation,
    GrantBonus,
    LinkCustomer,
    MergeContacts,
    OpenServiceOrder,
    Outcome,
    PinContract,
    ReceiveMessage,
    RecordEcho,
    RecordEdit,
    RecordReaction,
    RecordResult,
    RecordRevocation,
    SendBoletos,
    SendInvoices,
    SendMedia,
    SendMessage,
    SendQuickReply,
    SendTemplate,
    SetFields,
    SettleReview,
    StartConversation,
    Take,
    UnlinkCustomer,
)
from chatcore.entities import (
    AtMostOnce,
    Attachment,
    AutomaticMessages,
    BillingPolicies,
    Boleto,
    Bonus,
    ChannelCapabilities,
    Contact,
    Contract,
    Customer,
    Effect,
    Field,
    Invoice,
    MediaPointer,
    MessageTemplate,
    Policies,
    QuickReply,
)
from chatcore.errors import ChatcoreError, ClaimTaken, ErrorKind, Problem
from chatcore.fingerprint import canonical
from chatcore.memory import MemoryMessaging
from chatcore.ports import ChangeSet, CustomerQuery, FetchRequest, Receipt, SendRequest
from chatcore.search import ContactQuery, ConversationQuery, EffectQuery, MessageQuery
from chatcore.testing.strategies import commands, events, hostile_text
from chatcore.vocabulary import (
    SYSTEM,
    BoletoForm,
    BoletoId,
    BonusKind,
    ChannelId,
    ContractId,
    ContractStatus,
    CustomerId,
    DeliveryStatus,
    EffectState,
    FieldOn,
    InvoiceId,
    InvoiceModel,
    MessageKind,
    Private,
    Situation,
)
from tests.laws.providers import MOODS, MoodyBilling, MoodyContracts, Provider
from tests.worlds import ANA, BETO, NOON, SUPERVISOR, WORKSPACE, World, changed

CLASSES = sorted(
    (
        value
        for name in errors.__all__
        if isinstance(value := getattr(errors, name), type) and issubclass(value, ChatcoreError)
    ),
    key=lambda cls: cls.__name__,
)

ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "AgentInactive": ("ana",),
    "AlreadyAsked": ("ef_1", EffectState.UNKNOWN),
    "AlreadyLive": ("cv_1",),
    "BonusOverLimit": (BonusKind.AMOUNT, "20.00"),
    "NoBot": ("wa",),
    "TooManyTransfers": (50,),
    "AlreadyTaken": ("cv_1", "ana"),
    "AtCapacity": ("ana", 2, 1),
    "CaptionNotCarried": (MessageKind.AUDIO,),
    "ClaimTaken": ("live:ct_1:wa",),
    "CompanyRefusal": ("acme:weekend",),
    "ContactMerged": ("ct_2",),
    "ContractViolation": ("storage", "read"),
    "EffectPending": ("ef_1",),
    "FieldsRequired": (("cpf", "plan"),),
    "IdempotencyMismatch": ("k1",),
    "InvalidValue": (Problem("text", "too_long", "M6", 10, 11), Problem("name", "empty", span=(0, 1))),
    "NotDecodable": (Problem("value.tags[3]", "not_a_text"),),
    "NotASearch": (Problem("search", "unknown_key", "S6", span=(0, 5)),),
    "KindNotCarried": (MessageKind.STICKER,),
    "LeaseLost": ("ef_1",),
    "MediaNotCarried": ("image/gif",),
    "MediaTooLarge": (1000, 1001),
    "MissingVariable": ("contact",),
    "NotAMember": ("ana", "support"),
    "NotAdmitted": ("Take", Situation.CLOSED),
    "NotContracted": ("chat",),
    "NotFound": ("conversation", "cv_1"),
    "NotInDoubt": ("cv_1.2",),
    "NotInReview": ("ef_1", EffectState.FAILED),
    "NotOffered": ("boleto:pix",),
    "NotPermitted": ("close",),
    "NotSendable": (("b1", "b2"),),
    "NotTheirs": ("k1",),
    "NotWithdrawable": ("ef_1", EffectState.IN_FLIGHT),
    "NothingToSend": (("b1",),),
    "OutcomeUnknown": ("cm_1",),
    "Permanent": ("131026",),
    "RuleFailed": ("no_sunday",),
    "PortMissing": ("messaging:whatsapp_cloud",),
    "TallyFull": ("open:ana",),
    "Temporary": (timedelta(seconds=3),),
    "TextTooLong": (4096, 5000),
    "TooManyTags": (20, 21),
    "TransitionNotAllowed": (Situation.CLOSED, "Taken"),
    "VersionConflict": ("cv_1", 3),
    "WindowClosed": (NOON,),
    "WrongParameters": (2, 3),
}
"""What to make an error of each class with; those not named take nothing."""


def examples() -> list[ChatcoreError]:
    return [cls(*ARGUMENTS.get(cls.__name__, ())) for cls in CLASSES]


def test_every_class_of_the_tree_is_tried() -> None:
    """No error class is left out of the tests here, nor out of `errors.__all__`."""

    def under(cls: type) -> Iterator[type]:
        for child in cls.__subclasses__():
            if child.__module__.startswith("chatcore"):
                yield child
            yield from under(child)

    assert {ChatcoreError, *under(ChatcoreError)} == set(CLASSES)
    assert set(ARGUMENTS) <= {cls.__name__ for cls in CLASSES}


def test_codes_are_stable_words_and_unique() -> None:
    """Each class has a code of its own, a snake-case word, and a kind from the closed list."""
    codes = [cls.code for cls in CLASSES]
    assert len(set(codes)) == len(codes)
    assert all(code.replace("_", "").isalpha() and code.islower() for code in codes)
    assert all(type(cls.kind) is ErrorKind for cls in CLASSES)


@pytest.mark.parametrize("error", examples(), ids=lambda error: type(error).__name__)
def test_an_error_comes_back_from_a_pickle_as_it_was(error: ChatcoreError) -> None:
    """Errors pickle by every protocol, with every attribute, text and document."""
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(error, protocol))
        assert type(again) is type(error)
        assert vars(again) == vars(error)
        assert (str(again), repr(again), again.document()) == (str(error), repr(error), error.document())
        assert (again.code, again.kind) == (error.code, error.kind)


@pytest.mark.parametrize("error", examples(), ids=lambda error: type(error).__name__)
def test_a_document_is_json_and_says_what_the_error_is(error: ChatcoreError) -> None:
    """`document` is ready for an HTTP answer: JSON as it is, with code, kind, rule, message and details."""
    document = error.document()
    assert json.loads(json.dumps(document)) == document
    assert (document["code"], document["kind"]) == (error.code, error.kind.value)
    assert document["message"] == str(error)
    assert str(error)
    assert "{" not in str(error)
    assert set(document["details"]) == set(vars(error))


# --- nothing shows -------------------------------------------------------------------------------------------

PHONE = "5511987650123"
NAME = "Eulália Quixabeira"
BODY = "o meu gato comeu o boleto"
REPLY = "a senhora tem outro gato?"
SECRETS = (PHONE, "87650123", "98765-0123", NAME, "Eulália", "Quixabeira", BODY, "gato", REPLY)
"""What may never show: the number, its subscriber part however cut, the name, and what was written."""


def shown(thing: Any) -> list[str]:
    """Which of the secrets show in what is printed of a thing, its attributes and its document included."""
    texts = [repr(thing), str(thing), f"{thing}"]
    if isinstance(thing, ChatcoreError):
        texts += [json.dumps(thing.document(), ensure_ascii=False), repr(thing.args), repr(vars(thing))]
        texts += [repr(chained) for chained in (thing.__cause__, thing.__context__) if chained is not None]
    return sorted({secret for secret in SECRETS for text in texts if secret in text})


def arrival(world: World, **changes: Any) -> ReceiveMessage:
    fields = {
        "channel": ChannelId("wa"),
        "address": PHONE,
        "provider_id": f"in-{changes.get('text', BODY)}-{len(world.contents().streams)}".replace(BODY, "x"),
        "sent_at": world.now,
        "text": BODY,
        "name": NAME,
    }
    return ReceiveMessage(**{**fields, **changes})


def test_nothing_kept_or_answered_shows_who_or_what() -> None:
    """Law: no entity, event, command, outcome, receipt, request or page of a whole day, in its repr or
    its text, shows the phone, the name or the body.
    """
    printed: list[Any] = []
    for mood in MOODS:
        provider = Provider(AtMostOnce(), [mood])
        world = World(messaging=provider)
        said: list[Any] = [arrival(world), SendMessage("cv_1", REPLY), BlockContact("ct_1", "spam")]
        said.append(StartConversation("wa", address=f"+{PHONE}", text=REPLY))
        conversation = world.do(said[0]).conversation
        assert conversation is not None
        printed += said
        printed.append(world.take(conversation))
        printed.append(world.do(SendMessage(conversation, REPLY), BETO))
        printed += world.do(arrival(world, provider_id="again")).changed
        printed.append(world.do(arrival(world, provider_id="again", text=f"{BODY}?")))
        world.until_quiet()
        printed.append(world.close(conversation))
        printed.append(world.desk.run_due())
        contents = world.contents()
        printed += [contents, *contents.states.values(), *contents.receipts.values(), *contents.expiring]
        printed += [e for stream in contents.streams.values() for e in stream]
        printed += [*contents.claims, *contents.tallies, *provider.asked]
        for query in (ConversationQuery(), MessageQuery(conversation=conversation)):
            read = world.desk.conversations if isinstance(query, ConversationQuery) else world.desk.messages
            printed.append(read(query, by=SUPERVISOR))
        printed.append(world.desk.contacts(ContactQuery(), by=SUPERVISOR))
        printed.append(world.desk.effects(EffectQuery(state=EffectState.UNCONFIRMED), by=SUPERVISOR))
        printed.append(world.desk.timeline(conversation, by=SUPERVISOR))
    assert {type(thing) for thing in printed} >= {SendRequest, ReceiveMessage, Contact}
    assert [shown(thing) for thing in printed if shown(thing)] == []
    assert shown(BODY) == sorted((BODY, "gato"))
    assert shown(Private(BODY)) == []


FILE = Attachment(key=f"files/{NAME}", mime="image/jpeg", size=10, sha256="0" * 64, name=f"{NAME}.jpg")
POINTER = MediaPointer(reference=PHONE, mime="image/jpeg", name=f"{NAME}.jpg")
ON_CONVERSATION, ON_CONTACT = FieldOn.CONVERSATION, FieldOn.CONTACT
SCREEN = changed(
    WORKSPACE,
    fields=(
        Field(id="what", name="Assunto", on=ON_CONVERSATION),
        Field(id="who", name="Responsável", on=ON_CONTACT),
    ),
    templates=(
        MessageTemplate(id="late", channel="wa", name="late", language="pt_BR", body="Olá {{1}}, veja {{2}}"),
    ),
    quick_replies=(QuickReply(id="hi", shortcut="ola", text="Olá, {{contact|cliente}}!"),),
    policies=Policies(
        default_reason="slip",
        automatic=AutomaticMessages(greeting="Olá, {{contact|cliente}}!", closing="Até, {{first_name|você}}!"),
    ),
)


class Carrying(MemoryMessaging):
    """Fetches every file that customers send, and keeps what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[FetchRequest] = []

    def fetch(self, request: FetchRequest, /) -> Attachment:
        self.fetched.append(request)
        return FILE


def test_nothing_of_the_screen_shows_who_or_what() -> None:
    """Law: files, captions, reactions, changes, notes, custom fields, customers, parameters of templates,
    filled-in variables and merged contacts: none of them shows in anything kept, sent or answered.
    """
    messaging = Carrying()
    world = World(SCREEN, messaging=messaging)
    first = arrival(world, kind=MessageKind.IMAGE, media=POINTER, provider_id="first")
    conversation = world.do(first).conversation
    assert conversation is not None
    [contact] = world.of(Contact)
    known = {"channel": ChannelId("wa"), "address": PHONE, "sent_at": world.now}
    said: list[Any] = [
        first,
        RecordReaction(**known, provider_id="r", target="first", emoji=BODY),
        RecordEdit(**known, provider_id="e", target="first", text=f"{BODY}!"),
        RecordRevocation(**known, provider_id="v", target="first"),
        RecordEcho(**known, provider_id="echo", text=REPLY, kind=MessageKind.IMAGE, media=POINTER),
    ]
    outcomes: list[Any] = [world.do(command) for command in said[1:]]
    world.take(conversation)
    asked: list[Any] = [
        SendMedia(conversation, FILE, REPLY),
        SendTemplate(conversation, "late", [NAME, BODY]),
        SendQuickReply(conversation, "hi"),
        AddNote(conversation, BODY),
        SetFields(conversation, {"what": BODY}),
        EditContact(contact.id, name=NAME, fields={"who": NAME}),
        LinkCustomer(contact.id, PHONE),
        BlockContact(address=f"+{PHONE[:-1]}9", why=BODY),
        EditConversation(conversation, customer=f"{PHONE}0"),
    ]
    outcomes += [world.do(command, BETO) for command in asked]
    world.until_quiet()
    other = outcomes[-2].contact
    asked.append(MergeContacts(other, contact.id))
    outcomes += [world.do(asked[-1], SUPERVISOR), world.close(conversation)]
    world.until_quiet()
    contents = world.contents()
    printed: list[Any] = [*said, *asked, *outcomes, contents, *contents.states.values()]
    printed += [*contents.receipts.values(), *contents.expiring, *contents.claims, *contents.tallies]
    printed += [envelope for stream in contents.streams.values() for envelope in stream]
    printed += [*messaging.fetched, *messaging.outbox]
    printed.append(world.desk.messages(MessageQuery(conversation=conversation), by=SUPERVISOR))
    printed.append(world.desk.contacts(ContactQuery(), by=SUPERVISOR))
    printed.append(world.desk.timeline(conversation, by=SUPERVISOR))
    kept = {type(envelope.event).__name__ for stream in contents.streams.values() for envelope in stream}
    assert kept >= {
        "ContactAbsorbed",
        "ContactEdited",
        "ContactMerged",
        "CustomerLinked",
        "FieldsSet",
        "MediaStored",
        "MessageEchoed",
        "MessageEdited",
        "MessageRevoked",
        "NoteAdded",
        "Reacted",
    }
    assert messaging.fetched
    assert [(type(thing), shown(thing)) for thing in printed if shown(thing)] == []


OWES = changed(
    SCREEN,
    policies=attrs.evolve(
        SCREEN.policies,
        billing=BillingPolicies(
            boleto_text="{{contact|Cliente}}, segue o boleto de {{amount}}.", bonus_limits=(Bonus.amount("20"),)
        ),
    ),
)


class Written:
    """A side that keeps the queries and requests it was asked: they are printed too."""

    asked: list[Any]

    def _take(self, name: str, *args: Any, **options: Any) -> Any:
        self.asked += [each for each in args if attrs.has(type(each))]
        return super()._take(name, *args, **options)  # type: ignore[misc]


class WrittenContracts(Written, MoodyContracts):
    """Contracts that keep what they were asked."""


class WrittenBilling(Written, MoodyBilling):
    """Billing that keeps what it was asked."""


@pytest.mark.parametrize("mood", MOODS)
def test_nothing_of_contracts_and_billing_shows_who_or_what(mood: str) -> None:
    """Law: customers, contracts, boletos, invoices, why a bonus is granted, what a service order and a review
    say: none of them shows in anything asked, kept or answered, however the outside takes it.
    """
    contracts, billing = WrittenContracts(AtMostOnce()), WrittenBilling(AtMostOnce())
    contracts.asked, billing.asked = [], []
    owner, home = CustomerId(PHONE), ContractId("k-1")
    who = Customer(id=owner, name=Private(NAME), document=Private(PHONE))
    contracts.add(who, phones=[PHONE])
    contracts.put(
        Contract(
            id=home,
            customer=owner,
            status=ContractStatus.BLOCKED,
            as_of=NOON,
            plan="500 Mega",
            link=f"https://erp.example/{PHONE}",
        )
    )
    contracts.add(Customer(id=f"{PHONE}0", name=Private(NAME)), phones=[f"{PHONE[:-1]}9"])
    contracts.add(Customer(id=f"{PHONE}1", name=Private(NAME)), phones=[f"{PHONE[:-1]}9"])
    owed: dict[str, Any] = {"customer": owner, "amount": Money(100), "contract": home}
    slip = attrs.evolve(FILE, mime="application/pdf")
    billing.put(Boleto(id=BoletoId("b"), due=None, line=PHONE, pix=Private(BODY), **owed), slip)
    note = Invoice(
        id=InvoiceId("n"),
        model=InvoiceModel.NFCOM,
        number="1",
        issued_on=NOON.date(),
        access_key=PHONE,
        **owed,
    )
    billing.put(note, slip)
    world = World(OWES, contracts=contracts, billing=billing)
    conversation = world.do(arrival(world)).conversation
    assert conversation is not None
    another = world.do(arrival(world, address=f"{PHONE[:-1]}9", provider_id="another")).conversation
    world.until_quiet()
    world.take(conversation)
    contact = world.state(conversation).contact
    assert world.state(contact).customer == owner
    assert len(world.state(world.state(another).contact).suggestions) == 2
    bonus = Bonus.amount("10")
    asked: list[Any] = [
        PinContract(conversation, home),
        SendBoletos(conversation, (BoletoId("b"),), forms=(BoletoForm.DOCUMENT,)),
        SendInvoices(conversation, (InvoiceId("n"),)),
        GrantBonus(conversation, home, bonus, BODY),
        OpenServiceOrder(conversation, "visit", BODY, REPLY, contract=home, transcript=True),
    ]
    printed: list[Any] = [*asked, note, who]
    for command in asked:
        printed.append(world.do(command, BETO))
        contracts.moods = billing.moods = [] if command is asked[0] else ["well", mood]
    contracts.moods, billing.moods = ["well", mood], [mood, mood]
    world.until_quiet()
    for effect in [e for e in world.of(Effect) if e.state is EffectState.REVIEW]:
        said = (
            RecordResult(effect=effect.id, applied=True, reference=PHONE),
            SettleReview(effect.id, True, BODY, reference=PHONE),
        )
        printed += [*said, *(world.do(each, by) for each, by in zip(said, (SYSTEM, SUPERVISOR), strict=True))]
    contracts.moods, billing.moods = [], []
    for by_role in (BETO, SUPERVISOR):
        printed += [
            world.desk.panel(conversation, by=by_role),
            world.desk.contracts(conversation, by=by_role),
            world.desk.boletos(conversation, by=by_role),
            world.desk.invoices(conversation, by=by_role),
        ]
    printed.append(world.desk.customers(CustomerQuery(name=NAME), by=BETO))
    printed += [world.desk.overview(by=SUPERVISOR), world.desk.reviews(by=SUPERVISOR)]
    printed.append(world.desk.effects(EffectQuery(), by=SUPERVISOR))
    printed.append(world.do(UnlinkCustomer(contact), BETO))
    for command in asked:
        with pytest.raises(ChatcoreError) as refused:
            world.do(command, BETO)
        printed.append(refused.value)
    contents = world.contents()
    printed += [contents, *contents.states.values(), *contents.receipts.values(), *contents.claims]
    printed += [envelope for stream in contents.streams.values() for envelope in stream]
    printed += [*contracts.asked, *billing.asked, *world.messaging.outbox]
    kept = {type(envelope.event).__name__ for stream in contents.streams.values() for envelope in stream}
    assert contracts.asked
    assert billing.asked
    assert kept >= {"ActionRequested", "ContractPinned", "CustomerLinked", "CustomersSuggested", "Intended"}
    assert {"OrderDemand", "BonusDemand"} <= {type(e.demand).__name__ for e in world.of(Effect)}
    assert [(type(thing), shown(thing)) for thing in printed if shown(thing)] == []


def refusals() -> Iterator[ChatcoreError]:
    """Errors met with personal data at hand, by every way there is to be refused."""
    world = World()
    conversation = world.do(arrival(world)).conversation
    assert conversation is not None
    [contact] = world.of(Contact)
    start = StartConversation("wa", address=f"+{PHONE}", text=REPLY)
    tries: list[Any] = [
        lambda: world.close(conversation, SUPERVISOR, None),
        lambda: world.do(start, BETO),
        lambda: world.do(SendMessage(conversation, REPLY), BETO),
        lambda: world.do(SendMessage(conversation, REPLY + "!" * 5000), SUPERVISOR),
        lambda: SendMessage(conversation, REPLY + "\x00"),
        lambda: SendMessage(conversation, ""),
        lambda: StartConversation("wa", contact=contact.id, address=f"+{PHONE}"),
        lambda: world.do(StartConversation("wa", address=f"{PHONE}{PHONE}"), BETO),
        lambda: world.do(StartConversation("wa", address=f"{PHONE} gato"), BETO),
        lambda: world.do(StartConversation("nowhere", address=f"+{PHONE}", text=REPLY), BETO),
        lambda: world.do(Take(conversation), ANA) and world.do(Take(conversation), BETO),
        lambda: world.do(Take(conversation), BETO, expected=99),
        lambda: world.do(start, BETO, key="k") and world.do(start, BETO, key="k"),
        lambda: world.do(SendMessage(conversation, REPLY), ANA, key="k") and world.do(start, ANA, key="k"),
        lambda: world.do(BlockContact(contact.id, "um\x00gato"), ANA),
        lambda: ReceiveMessage(
            channel="wa", address=f"{PHONE}\n", provider_id="", sent_at=None, text=BODY, name=NAME, kind="x"
        ),
        lambda: ReceiveMessage(channel="wa", address=7, provider_id="x", sent_at=world.now, text=7, name=8),
        lambda: world.do(arrival(world, channel=ChannelId("nowhere"))),
        lambda: Contact(id="ct_1", version=1, recorded_at=NOON, addresses=(PHONE,), name=NAME),
        lambda: world.do(Configure(changed(WORKSPACE, modules=()))) and world.do(start, BETO),
        lambda: Private(7),
    ]
    for attempt in tries:
        try:
            attempt()
        except ChatcoreError as error:
            yield error
        except TypeError:
            continue
    world = World()
    conversation = world.do(arrival(world)).conversation
    world.take(conversation)
    world.pass_time(timedelta(days=2))
    for attempt in (
        lambda: world.do(SendMessage(conversation, REPLY), BETO),
        lambda: world.do(BlockContact(world.of(Contact)[0].id), BETO) and world.send(conversation, REPLY),
    ):
        with pytest.raises(ChatcoreError) as met:
            attempt()
        yield met.value


def test_no_error_shows_who_or_what() -> None:
    """Law: errors never show a phone, a name or a body, in text, repr, attributes or document."""
    met = list(refusals())
    assert len(met) >= 18
    assert len({type(error) for error in met}) >= 10
    assert [(type(error), shown(error)) for error in met if shown(error)] == []
    assert [pickle.loads(pickle.dumps(error)).document() for error in met] == [e.document() for e in met]


def test_an_adapter_that_leaks_does_not_make_the_core_leak() -> None:
    """What an adapter raises with personal data in it is not kept, nor told to the observer."""

    class Leaking:
        capabilities = ChannelCapabilities(text_limit=4096, nature=AtMostOnce())
        outbox = ()

        def send(self, request: SendRequest, /) -> str:
            raise ConnectionError(f"could not send {request.text.reveal()} to {request.to.reveal()}")

    world = World(messaging=Leaking())
    observed: list[Any] = []
    world.desk = world.another_desk(observe=observed.append)
    conversation = world.do(arrival(world)).conversation
    world.take(conversation)
    world.do(SendMessage(conversation, REPLY), BETO, delivery="inline")
    world.until_quiet()
    contents = world.contents()
    kept = [*observed, *contents.states.values()]
    kept += [envelope for stream in contents.streams.values() for envelope in stream]
    assert "port_failed" in {observation.what for observation in observed}
    assert [shown(thing) for thing in kept if shown(thing)] == []


@given(text=hostile_text(8))
def test_a_private_text_never_prints(text: str) -> None:
    """Law: whatever the text, its wrapper prints as redacted, and only `reveal` shows it."""
    private = Private(text)
    assert {repr(private), str(private), f"{private}", f"{private:>5}"} == {"<redacted>"}
    assert private.reveal() == text
    assert pickle.loads(pickle.dumps(private)) == private


def carried(value: Any) -> Iterator[str]:
    """The private texts in a value, however deep."""
    if isinstance(value, Private):
        yield value.reveal()
    elif isinstance(value, tuple):
        for each in value:
            yield from carried(each)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            if field.init:
                yield from carried(getattr(value, field.name))


@settings(max_examples=50)
@given(thing=commands() | events())
def test_nothing_prints_the_private_texts_that_it_carries(thing: Any) -> None:
    """Law: no command and no event shows, in its repr, a private text in it: in a list, a mapping or a file."""
    secrets = [text for text in carried(thing) if len(text) > 6 and not text.isspace()]
    plain = canonical(without(thing)).decode("ascii")
    assert not [text for text in secrets if text in repr(thing) and json.dumps(text)[1:-1] not in plain]


def without(value: Any) -> Any:
    """What else a value holds: its plain parts, as a text that happens to equal a private one is no leak."""
    if isinstance(value, Private):
        return None
    if isinstance(value, tuple):
        return tuple(map(without, value))
    if attrs.has(type(value)):
        return tuple(without(getattr(value, f.name)) for f in attrs.fields(type(value)) if f.init)
    return value


WAMID = "wamid." + base64.b64encode(b"\x1d\x05\x18\x0d" + PHONE.encode() + b"\x15\x02\x00\x11\x18").decode()
"""An id as WhatsApp makes them: the customer's number stands in it, in base64."""


def test_a_provider_id_that_holds_the_number_does_not_print() -> None:
    """Law: WhatsApp's message ids hold the customer's number in base64, so they print no more than it
    does: not in a command, an event, an entity, or an error.
    """
    world = World()
    command = arrival(world, provider_id=WAMID)
    conversation = world.do(command).conversation
    assert conversation is not None
    world.take(conversation)
    effect = world.send(conversation)
    report = world.report(DeliveryStatus.SENT, WAMID, key=effect)
    world.do(report)
    early = world.report(DeliveryStatus.READ, f"{WAMID}=")
    world.do(early)
    contents = world.contents()
    printed: list[Any] = [command, report, early, *contents.states.values(), *contents.receipts.values()]
    printed += [envelope for stream in contents.streams.values() for envelope in stream]
    with pytest.raises(ClaimTaken) as met:
        world.storage.apply(
            ChangeSet(
                receipt=Receipt(command="cm_x", recorded_at=world.now, outcome=Outcome("cm_x")),
                expiring=((next(iter(contents.expiring)), "ct_x"),),
            )
        )
    printed += [met.value, str(met.value), met.value.document()]
    assert b"87650123" in base64.b64decode(WAMID.removeprefix("wamid."))
    assert [type(thing) for thing in printed if WAMID in f"{thing!r} {thing}"] == []
