"""One day of a service desk: webhooks come in, people answer, messages go out; the same day at every run."""

from datetime import timedelta
from itertools import count
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table

from chatcore import SYSTEM, Actor, ChannelKind, Desk, Ports, Situation
from chatcore.channels.whatsapp import read_webhook, signature_of
from chatcore.commands import Close, Configure, SendMessage, Take
from chatcore.entities import Agent, AutomaticMessages, Channel, Department, Policies, Reason, Workspace
from chatcore.errors import AlreadyTaken, ReasonRequired
from chatcore.events import MessageAdded
from chatcore.memory import MemoryMessaging, MemoryStorage
from chatcore.moments import local, parse_moment, words
from chatcore.search import ConversationQuery, MessageQuery, Order
from chatcore.vocabulary import AgentId, ChannelId, DepartmentId, ReasonId

ANA, BETO, SUPPORT, BILL = AgentId("ana"), AgentId("beto"), DepartmentId("suporte"), ReasonId("segunda-via")
WHATSAPP, ACCOUNT, APP_SECRET = ChannelKind.WHATSAPP_CLOUD, "106540352242922", b"shared with the provider"
NAMES = {None: "-", "system": "Sistema", ANA: "Ana", BETO: "Beto", SUPPORT: "Suporte", BILL: "Segunda via"}
PROVIDER = Workspace(
    name="Provedor Exemplo",
    departments=(Department(id=SUPPORT, name="Suporte"),),
    agents=tuple(Agent(id=id, name=NAMES[id], departments=(SUPPORT,)) for id in (ANA, BETO)),
    reasons=(Reason(id=BILL, name="Segunda via"),),
    channels=(Channel(id=ChannelId("zap"), kind=WHATSAPP, account=ACCOUNT, department=SUPPORT),),
    policies=Policies(
        automatic=AutomaticMessages(closing="Até logo!"),
        reopen_within=timedelta(hours=12),
        reopen_to_assignee=True,
    ),
)
DID = {"Started": "abriu", "Taken": "assumiu", "Closed": "fechou", "Reopened": "reabriu"}
MESSAGES = {"inbound": "recebida", "outbound": "enviada", "delivered": "entregue", "read": "lida"}
VIEWS = {"Fila": Situation.QUEUE, "Abertos": Situation.OPEN, "Fechados": Situation.CLOSED}

now, roots, messaging = parse_moment("2026-03-10T09:00:00-03:00"), count(1), MemoryMessaging()
ports = Ports(storage=MemoryStorage(), messaging={WHATSAPP: messaging})
desk = Desk(ports, clock=lambda: now, new_root=lambda: f"{next(roots):032x}")
ana, beto, console = Actor.agent(ANA), Actor.agent(BETO), Console(width=100, highlight=False)


def at(time: str, story: str) -> None:
    global now
    now = parse_moment(f"2026-03-10T{time}:00-03:00")
    console.print(f"\n[bold cyan]{time}[/]  {story}")


def webhook(*names: str) -> None:
    """What a service does when the provider calls: check the signature, read, record."""
    for name in names:
        body = (Path(__file__).parent / "payloads" / name).read_bytes()
        signature = signature_of(body, APP_SECRET)  # The provider's; it comes in X-Hub-Signature-256.
        for answer in desk.ingest(read_webhook(body, signature=signature, app_secret=APP_SECRET)):
            if answer.error:
                raise answer.error


def show(title: str, rows: list[list[str]], *columns: str | Column) -> None:
    table = Table(*columns, title=f"\n{title}", title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def show_views() -> None:
    rows = []
    for view, situation in VIEWS.items():
        found = desk.conversations(ConversationQuery(situation=situation, order=Order.WAITING), by=ana).rows
        rows.append([f"[bold]{view} ({len(found)})"])
        for each in found:
            name = desk.contact(each.contact, by=ana).name
            last = desk.messages(MessageQuery(conversation=each.id, newest_first=True), by=ana, limit=1).rows[0]
            text = last.body.reveal() or "(tipo desconhecido)"
            waiting = words(each.waiting_since, now) if each.waiting_since else "-"
            names = [NAMES[each.assignee], NAMES[each.department], NAMES[each.reason]]
            rows.append([name.reveal() if name else "-", text, str(each.unread), waiting, *names])
    preview = Column("Última mensagem", no_wrap=True, max_width=22)
    show("Conversas", rows, "Contato", preview, "Novas", "Espera", "Agente", "Setor", "Motivo")


desk.handle(Configure(PROVIDER), by=SYSTEM)
at("09:06", "Maria e João escrevem pelo WhatsApp.")
webhook("01-maria-asks.json", "02-maria-more.json", "03-joao-asks.json")
maria = desk.conversations(ConversationQuery(situation=Situation.QUEUE, order=Order.WAITING), by=ana).rows[0].id

at("09:09", "Ana assume a conversa de Maria; Beto tenta assumir a mesma.")
desk.handle(Take(maria), by=ana)
try:
    desk.handle(Take(maria), by=beto)
except AlreadyTaken as error:
    console.print(f"       Recusado ({error.code}): {NAMES[error.assignee]} já está com ela.")
show_views()

at("09:12", "Ana responde, tenta fechar sem motivo e depois fecha com um.")
desk.handle(SendMessage(maria, "Bom dia, Maria! Seu boleto está a caminho."), by=ana)
try:
    desk.handle(Close(maria), by=ana)
except ReasonRequired as error:
    console.print(f"       Recusado ({error.code}): falta o motivo.")
desk.handle(Close(maria, BILL), by=ana)
at("09:14", "Maria lê a resposta.")
webhook("06-maria-reads.json")
show_views()

at("15:52", "Maria escreve de novo; João manda algo que não é texto.")
webhook("04-maria-again.json", "05-joao-location.json")
show_views()

rows = []
for entry in desk.timeline(maria, by=ana):
    e, hour = entry.event, f"{local(entry.recorded_at, PROVIDER.time_zone):%H:%M}"
    did = f"mensagem {e.seq} {MESSAGES[e.direction]}" if isinstance(e, MessageAdded) else DID[type(e).__name__]
    rows.append([hour, NAMES[entry.actor.id], did])
show(f"Histórico, protocolo {desk.conversation(maria, by=ana).protocol}", rows, "Hora", "Quem", "O quê")

statuses = {each.effect: each.status for each in desk.messages(MessageQuery(conversation=maria), by=ana).rows}
sent = [[each.to.reveal(), each.text.reveal(), MESSAGES[statuses[each.key]]] for each in messaging.outbox]
show("Entregas", sent, "Para", "Texto", "Situação")
