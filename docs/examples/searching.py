"""Searching: every place in a conversation, half a name without its accent, and a queue of 100,000 at once."""

from datetime import timedelta
from itertools import count

from rich.console import Console
from rich.text import Text

from chatcore import (
    SYSTEM,
    Actor,
    Agent,
    AgentId,
    Channel,
    ChannelId,
    ChannelKind,
    Configure,
    ConversationId,
    ConversationQuery,
    Delivery,
    Department,
    DepartmentId,
    Desk,
    Order,
    Ports,
    ReceiveMessage,
    SendMessage,
    Situation,
    Take,
    Workspace,
)
from chatcore.i18n import explain
from chatcore.memory import MemoryMessaging, MemoryStorage
from chatcore.moments import parse_moment
from chatcore.search import Named, NotASearch
from chatcore.search.typed import underlined
from chatcore.vocabulary import Private

ZAP, SUPPORT, ANA = ChannelId("zap"), DepartmentId("suporte"), AgentId("ana")
CUSTOMERS = 100_000
PROVIDER = Workspace(
    name="Provedor Exemplo",
    departments=(Department(id=SUPPORT, name="Suporte"),),
    agents=(Agent(id=ANA, name="Ana", departments=(SUPPORT,)),),
    channels=(Channel(id=ZAP, kind=ChannelKind.WHATSAPP_CLOUD, account="106540352", department=SUPPORT),),
)
SAID = (
    "Bom dia! Não recebi o boleto de março",
    "Já paguei um BOLETO, mas era o de fevereiro",
    "Pode mandar o código do Pix? 😕",
    "O boleto vence hoje, e os outros boletos também",
)
NAMES = ("Maria", "José", "Antônio", "Conceição", "Luís", "Íris", "Zoé", "Inácio", "Cauã", "Márcia")

now, numbers, arrivals = parse_moment("2026-03-10T08:00:00-03:00"), count(1), count(1)
desk = Desk(
    Ports(storage=MemoryStorage(), messaging={ChannelKind.WHATSAPP_CLOUD: MemoryMessaging()}),
    clock=lambda: now,
    new_root=lambda: f"{next(numbers):032x}",
    delivery=Delivery.LATER,
)
ana, console = Actor.agent(ANA), Console(width=100, highlight=False)


def writes(phone: str, name: str, text: str) -> ConversationId:
    """A customer's message comes in."""
    global now
    now += timedelta(milliseconds=200)
    message = ReceiveMessage(
        channel=ZAP,
        address=Private(phone),
        name=Private(name),
        provider_id=f"wamid.{next(arrivals)}",
        sent_at=now,
        text=Private(text),
    )
    conversation = desk.handle(message, by=SYSTEM).conversation
    assert conversation is not None
    return conversation


def item(numbers: str, story: str) -> None:
    console.print(f"[bold cyan]{numbers:<6}[/] {story}")


desk.handle(Configure(PROVIDER), by=SYSTEM)
[maria, *_] = [writes("5511987654321", "Maria Conceição", text) for text in SAID]
desk.handle(Take(maria), by=ana)
desk.handle(SendMessage(maria, Private("Segue a segunda via do boleto.")), by=ana)

item("S6", "“boleto” dentro da conversa: cada lugar, na ordem, destacado.")
found = desk.occurrences(maria, "boleto", by=ana)
after = found.next(2)
assert after is not None
console.print("      ", len(found), "lugares; depois da 2ª mensagem, o próximo está na de número", after.seq)
for hit in desk.search("boleto", by=ana).rows:
    line = Text("       " + hit.message.shown.reveal())
    for start, end in hit.spans:
        line.stylize("reverse", start + 7, end + 7)
    console.print(line)

item("S2", "Meio nome, sem acento, e filtrado por atendente: as duas coisas de uma vez.")
for row in desk.view(ConversationQuery(assignee=ANA, where=Named("conceic")), by=ana).rows:
    assert row.name is not None
    console.print("      ", row.name.reveal())

item("S6", "Como se digita; e o que não se entende diz onde, e o que talvez se quis.")
for typed in ('boleto -"segunda via" agente:ana', "boleto agnte:ana"):
    try:
        console.print("      ", typed, "->", len(desk.search(typed, by=ana).rows))
    except NotASearch as error:
        for shown in underlined(typed, error.problems[0].span or (0, 0)).splitlines():
            console.print("      ", shown)
        console.print("      ", explain(error, "pt_BR"), "Talvez:", ", ".join(error.suggestions))

item("S1", f"Uma fila de {CUSTOMERS} conversas, a espera mais longa primeiro.")
for n in range(CUSTOMERS):
    writes(f"55119{n:08d}", NAMES[n % 10], SAID[n % 4])
queue = ConversationQuery(situation=Situation.QUEUE, order=Order.WAITING)
page = desk.view(queue, by=ana, limit=50)
names = [row.name.reveal() for row in page.rows if row.name is not None]
console.print("       Primeira página:", ", ".join(names[:5]), "…")
pages, cursor = 1, page.next
while cursor is not None:
    page = desk.view(queue, by=ana, limit=200, cursor=cursor)
    pages, cursor = pages + 1, page.next
console.print("       Páginas até o fim:", pages, "- na fila:", desk.counts(by=ana).queue, "ou mais")
console.print(
    "       “boleto” em todas:", len(desk.search("boleto", by=ana, limit=50).rows), "mais novas, de uma vez"
)
