"""The whole chat screen, item by item: what each button of it asks of chatcore, and what comes back.

`docs/screen.md` lists the items with their numbers. Contracts, billing and
searching have examples of their own.
"""

from datetime import timedelta
from itertools import count

import attrs
from rich.console import Console

from chatcore import (
    SYSTEM,
    Actor,
    AddItem,
    AddNote,
    AddTags,
    Agent,
    AgentId,
    Answer,
    ArchiveItem,
    Attachment,
    AutomaticMessages,
    BlockContact,
    BusinessHours,
    ChangeDepartment,
    Channel,
    ChannelId,
    ChannelKind,
    Close,
    Configure,
    ContactId,
    ConversationId,
    ConversationQuery,
    CustomerId,
    Department,
    DepartmentId,
    Desk,
    EditContact,
    EditConversation,
    MarkRead,
    MessageTemplate,
    Part,
    Policies,
    Ports,
    QuickReply,
    QuickReplyId,
    Reason,
    ReasonId,
    ReceiveMessage,
    RemoveTags,
    Role,
    SendMedia,
    SendMessage,
    SendQuickReply,
    SetPolicies,
    SetReason,
    Situation,
    StartConversation,
    Tag,
    TagId,
    Take,
    TemplateId,
    Transfer,
    UnblockContact,
    Workspace,
)
from chatcore.errors import NotContracted, WindowClosed
from chatcore.i18n import explain, label
from chatcore.memory import MemoryMessaging, MemoryStorage
from chatcore.moments import parse_moment
from chatcore.search import ContactQuery
from chatcore.vocabulary import Private

ZAP, SUPPORT, BILLING = ChannelId("zap"), DepartmentId("suporte"), DepartmentId("financeiro")
BILL, VIP, HELLO, REMINDER = ReasonId("boleto"), TagId("vip"), QuickReplyId("oi"), TemplateId("lembrete")
ANA, BETO, ADA = AgentId("ana"), AgentId("beto"), AgentId("ada")
PROVIDER = Workspace(
    name="Provedor Exemplo",
    departments=(Department(id=SUPPORT, name="Suporte"), Department(id=BILLING, name="Financeiro")),
    agents=(
        Agent(id=ANA, name="Ana", departments=(SUPPORT,)),
        Agent(id=BETO, name="Beto", departments=(SUPPORT, BILLING)),
        Agent(id=ADA, name="Ada", roles=(Role.ADMIN,)),
    ),
    reasons=(Reason(id=BILL, name="Segunda via"),),
    channels=(Channel(id=ZAP, kind=ChannelKind.WHATSAPP_CLOUD, account="106540352", department=SUPPORT),),
)
MESSAGES = AutomaticMessages(
    greeting="{{greeting}}, {{first_name|cliente}}! Seu protocolo é {{protocol}}.",
    after_hours="Voltamos amanhã cedo.",
    closing="Obrigado pelo contato!",
)
HOURS = BusinessHours.of(weekdays="08:00-18:00", saturday="08:00-12:00")
PHOTO = Attachment(key="fotos/1", mime="image/jpeg", size=81_920, sha256="0" * 64, name="roteador.jpg")

now, numbers, messaging = parse_moment("2026-03-10T10:00:00-03:00"), count(1), MemoryMessaging()
ports = Ports(storage=MemoryStorage(), messaging={ChannelKind.WHATSAPP_CLOUD: messaging})
desk = Desk(ports, clock=lambda: now, new_root=lambda: f"{next(numbers):032x}")
ana, beto, ada = Actor.agent(ANA), Actor.agent(BETO), Actor.agent(ADA)
console = Console(width=108, highlight=False)


def item(numbers: str, story: str) -> None:
    """Say which item of the screen comes next."""
    console.print(f"[bold cyan]{numbers:<9}[/] {story}")


def tell(*things: object) -> None:
    console.print("         ", *map(str, things))


def writes(phone: str, name: str, text: str) -> tuple[ConversationId, ContactId]:
    """A customer's message comes in."""
    arrived = desk.handle(
        ReceiveMessage(
            channel=ZAP,
            address=Private(phone),
            name=Private(name),
            provider_id=f"wamid.{next(numbers)}",
            sent_at=now,
            text=Private(text),
        ),
        by=SYSTEM,
    )
    assert arrived.conversation is not None
    return arrived.conversation, desk.conversation(arrived.conversation, by=SYSTEM).contact


def last_sent() -> str:
    return messaging.outbox[-1].text.reveal()


desk.handle(Configure(PROVIDER), by=SYSTEM)
desk.handle(SetPolicies(Policies(automatic=MESSAGES, hours=HOURS, default_reason=BILL)), by=ada)
desk.handle(AddItem(Tag(id=VIP, name="VIP", colour="#cc0000")), by=ada)
desk.handle(
    AddItem(QuickReply(id=HELLO, shortcut="oi", text="Oi, {{first_name|cliente}}, sou {{agent}}.")), by=ada
)
reminder = MessageTemplate(id=REMINDER, channel=ZAP, name="lembrete", language="pt_BR", body="Olá, {{1}}!")
desk.handle(AddItem(reminder), by=ada)

maria, contact = writes("5511987654321", "Maria Silva", "Meu boleto não chegou 😕")
item("S1, S2", "As visões, com quantas conversas cada uma tem; filtradas por atendente.")
counts = desk.counts(by=ana)
tell(f"Fila {counts.queue}, Abertos {counts.open}, Fechados {counts.closed}, Robô {counts.bot}")
[row] = desk.view(ConversationQuery(situation=Situation.QUEUE), by=ana).rows
assert row.name is not None
assert row.preview is not None
tell("Fila:", row.name.reveal(), "-", row.preview.text.reveal())

item("S4", "Ana assume a conversa.")
desk.handle(Take(maria), by=ana)
tell("Abertos de Ana:", len(desk.view(ConversationQuery(assignee=ANA), by=ana).rows))

item("S8, S10", "O painel: o contato, a conversa, o que Ana pode fazer e escolher.")
panel = desk.panel(maria, by=ana)
tell("Protocolo", panel.conversation.protocol, "- para fechar falta:", *panel.actions[Close].needs)
refused = [label(c, "pt_BR") for c, v in panel.actions.items() if v.answer is Answer.REFUSED]
tell("Não pode:", ", ".join(refused))
tell("Pode transferir para:", *(agent.name for agent in panel.choices.agents))
desk.handle(EditContact(contact, name=Private("Maria da Silva")), by=ana)

item("S7", "Etiquetas: põe e tira.")
desk.handle(AddTags(maria, (VIP,)), by=ana)
tell("Etiquetas:", *desk.conversation(maria, by=ana).tags)
desk.handle(RemoveTags(maria, (VIP,)), by=ana)

item("S16", "Resposta rápida, com as variáveis preenchidas.")
desk.handle(SendQuickReply(maria, HELLO), by=ana)
tell(last_sent())

item("S21", "Uma foto, com legenda.")
desk.handle(SendMedia(maria, PHOTO, Private("É este roteador?")), by=ana)
tell(messaging.outbox[-1].kind, "-", last_sent())

item("S22", "Emoji são texto como outro qualquer.")
desk.handle(SendMessage(maria, Private("Resolvido 🎉👩🏽‍🔧")), by=ana)
tell(last_sent())

item("S11", "O motivo; e uma nota que o cliente não vê.")
desk.handle(SetReason(maria, BILL), by=ana)
desk.handle(AddNote(maria, Private("Pediu duas vezes este mês.")), by=ana)

item("S12", "Mudar o responsável transfere a conversa.")
desk.handle(Transfer(maria, BETO), by=ana)
desk.handle(MarkRead(maria), by=beto)

item("S18", "Editar: liga ao cliente, muda setor e motivo de uma vez.")
desk.handle(EditConversation(maria, customer=CustomerId("4711"), department=BILLING, reason=BILL), by=beto)
edited = desk.conversation(maria, by=beto)
tell("Agora em", edited.department, "com", edited.assignee)
desk.handle(ChangeDepartment(maria, SUPPORT), by=beto)

item("S19", "Fechar, com a mensagem de encerramento.")
desk.handle(Close(maria), by=beto)
tell(last_sent())

item("S3", "Nova conversa com um número; fora da janela só passa um modelo aprovado.")
try:
    desk.handle(StartConversation(ZAP, address=Private("(11) 91234-5678"), text=Private("Olá!")), by=ana)
except WindowClosed as error:
    tell("Recusado:", explain(error, "pt_BR"))
start = StartConversation(
    ZAP, address=Private("(11) 91234-5678"), template=REMINDER, parameters=(Private("João"),)
)
joao = desk.handle(start, by=ana).conversation
tell(last_sent())

item("S20", "Bloquear e desbloquear; a lista diz quem, quando e por quê.")
desk.handle(BlockContact(contact, why="Ofensas"), by=ana)
[blocked] = desk.contacts(ContactQuery(blocked=True), by=ana).rows
assert blocked.blocked is not None
tell("Bloqueado por", blocked.blocked.by.id, "-", blocked.blocked.why)
desk.handle(UnblockContact(contact), by=ana)

item("L20, H1", "Fora do horário, uma vez por período fechado.")
now += timedelta(hours=10)
writes("5511955554444", "Rui", "Tem alguém aí?")
desk.run_due()
tell(last_sent())

item("L13", "Ana é desativada: o que era dela volta para a fila.")
desk.handle(ArchiveItem(Part.AGENT, str(ANA)), by=ada)
desk.run_due()
assert joao is not None
tell(label(desk.conversation(joao, by=ada).situation, "pt_BR"))

item("S23", "Sem o módulo contratado, nada se perde; mas ninguém atende.")
held = desk.workspace(by=ada)
desk.handle(Configure(attrs.evolve(held, modules=())), by=SYSTEM)
writes("5511955554444", "Rui", "Alô?")
try:
    desk.handle(Take(joao), by=beto)
except NotContracted as error:
    tell("Recusado:", explain(error, "pt_BR"))
