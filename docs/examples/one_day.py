"""One day of a service desk: webhooks come in, people answer, messages go out; the same day at every run.

With ``--database URL`` the desk lives in a process of its own, over that database. The process is killed three
times in the middle of things, and the day goes on, and ends, as it does in memory.
"""

import json
from argparse import ArgumentParser
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import cast
from uuid import uuid4

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table

from chatcore import SYSTEM, Actor, ChannelKind, Desk, Outcome, Ports, Situation
from chatcore.channels.whatsapp import read_webhook, signature_of
from chatcore.commands import Close, Command, Configure, SendMessage, Take
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

DIED = {
    "commit": "gravou o pedido, e ninguém o ouviu",
    "send": "enviou a mensagem, e ninguém sabe",
}

arguments = ArgumentParser(description="One day of a service desk.")
arguments.add_argument(
    "--database", metavar="URL", help="keep the day there; sqlite:///day.db, postgresql://..."
)
database = arguments.parse_args().database

now, roots, clicks = parse_moment("2026-03-10T09:00:00-03:00"), count(1), count(1)
ana, beto, console = Actor.agent(ANA), Actor.agent(BETO), Console(width=100, highlight=False)
messaging, elsewhere = MemoryMessaging(), None
if database is None:
    ports = Ports(storage=MemoryStorage(), messaging={WHATSAPP: messaging})
    desk = Desk(ports, clock=lambda: now, new_root=lambda: f"{next(roots):032x}")
else:
    from day.elsewhere import ElsewhereDesk

    # Each run is a day of its own: a tenant that the database does not know yet.
    elsewhere = ElsewhereDesk(database, f"dia-{uuid4().hex}", messaging, clock=lambda: now)
    desk = cast(Desk, elsewhere)


def at(time: str, story: str) -> None:
    global now
    now = parse_moment(f"2026-03-10T{time}:00-03:00")
    console.print(f"\n[bold cyan]{time}[/]  {story}")


def does(command: Command, by: Actor) -> Outcome:
    """A person clicks once. Whoever gets no answer sends the same again, with the same key."""
    return desk.handle(command, by=by, key=f"clique-{next(clicks)}")


def dies(after: str) -> None:
    """On a database, let the next process to get there die there."""
    if elsewhere is not None:
        elsewhere.dies_after = after
        console.print(f"       [red]O serviço é morto (SIGKILL): {DIED[after]}. Outro continua.[/]")


def receive(body: bytes) -> None:
    """What a service does when the provider calls: check the signature, read, record."""
    signature = signature_of(body, APP_SECRET)  # The provider's; it comes in X-Hub-Signature-256.
    for answer in desk.ingest(read_webhook(body, signature=signature, app_secret=APP_SECRET)):
        if answer.error:
            raise answer.error


def webhook(*names: str) -> None:
    for name in names:
        receive((Path(__file__).parent / "payloads" / name).read_bytes())


def report_on_the_last() -> None:
    """The provider tells what it has, with the key it was given: whoever did not hear the answer hears this."""
    key, id = messaging.outbox[-1].key, f"out-{len(messaging.outbox)}"
    status = {
        "id": id,
        "status": "sent",
        "timestamp": str(int(now.timestamp())),
        "biz_opaque_callback_data": key,
    }
    value = {"metadata": {"phone_number_id": ACCOUNT}, "statuses": [status]}
    entry = {"changes": [{"field": "messages", "value": value}]}
    receive(json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode())


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


does(Configure(PROVIDER), by=SYSTEM)
at("09:06", "Maria e João escrevem pelo WhatsApp.")
webhook("01-maria-asks.json", "02-maria-more.json", "03-joao-asks.json")
maria = desk.conversations(ConversationQuery(situation=Situation.QUEUE, order=Order.WAITING), by=ana).rows[0].id

at("09:09", "Ana assume a conversa de Maria; Beto tenta assumir a mesma.")
dies(after="commit")
does(Take(maria), by=ana)
try:
    does(Take(maria), by=beto)
except AlreadyTaken as error:
    console.print(f"       Recusado ({error.code}): {NAMES[error.assignee]} já está com ela.")
show_views()

at("09:12", "Ana responde, tenta fechar sem motivo e depois fecha com um.")
dies(after="send")
does(SendMessage(maria, "Bom dia, Maria! Seu boleto está a caminho."), by=ana)
report_on_the_last()
try:
    does(Close(maria), by=ana)
except ReasonRequired as error:
    console.print(f"       Recusado ({error.code}): falta o motivo.")
does(Close(maria, BILL), by=ana)
at("09:14", "Maria lê a resposta.")
webhook("06-maria-reads.json")
show_views()

at("15:52", "Maria escreve de novo; João manda algo que não é texto.")
dies(after="commit")
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
if elsewhere is not None:
    elsewhere.close()
    times = f"{len(elsewhere.deaths)} vezes, e enviou {elsewhere.sends} mensagens: cada uma uma vez"
    console.print(f"O serviço morreu {times}.")
    assert elsewhere.sends == len(sent) == 2
