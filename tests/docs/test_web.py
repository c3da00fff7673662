"""The service on FastAPI: over memory, through its routes, as a provider and two agents would use it."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any

import attrs
import httpx
import jsonschema
import pytest
import uvicorn
from web.app import create_app
from web.failures import STATUS
from web.settings import Settings

from chatcore import (
    Actor,
    AddItem,
    Agent,
    ChangeDepartment,
    Channel,
    ChannelKind,
    Close,
    Department,
    Policies,
    Reason,
    Role,
    SendMessage,
    Tag,
    Take,
    Workspace,
)
from chatcore.channels.whatsapp import signature_of
from chatcore.commands import Command, Outcome
from chatcore.errors import ErrorKind, Temporary
from chatcore.memory import AsyncMemoryMessaging, MemoryStorage
from chatcore.serialization import decode, encode
from chatcore.vocabulary import AgentId, AgentsRead

ACCOUNT, SECRET = "106540352242922", b"shared with the provider"
ANA, BETO, ADA = {"Authorization": "Bearer a1"}, {"Authorization": "Bearer b2"}, {"Authorization": "Bearer c3"}
OURS = Workspace(
    name="Acme",
    departments=(Department(id="support", name="Support"), Department(id="sales", name="Sales")),
    agents=(
        Agent(id="ana", name="Ana", departments=("support",)),
        Agent(id="beto", name="Beto", departments=("sales",)),
        Agent(id="ada", name="Ada", roles=(Role.ADMIN,)),
    ),
    reasons=(Reason(id="bill", name="Copy of a bill"),),
    channels=(Channel(id="wa", kind=ChannelKind.WHATSAPP_CLOUD, account=ACCOUNT, department="support"),),
    policies=Policies(agents_read=AgentsRead.DEPARTMENTS),
)
SETTINGS = Settings(
    workspace=OURS,
    app_secret=SECRET,
    verify_token="ours",
    people={"a1": AgentId("ana"), "b2": AgentId("beto"), "c3": AgentId("ada")},
)


def run(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """An async test, with an end."""

    @wraps(test)
    def done(**fixtures: object) -> None:
        async def within() -> None:
            async with asyncio.timeout(30):
                await test(**fixtures)

        asyncio.run(within())

    return done


@asynccontextmanager
async def opened(
    settings: Settings = SETTINGS, messaging: AsyncMemoryMessaging | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings, messaging)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://desk") as client,
    ):
        yield client


def payload(text: str, id: str = "wamid.1", sender: str = "5511987654321", name: str = "Maria Silva") -> bytes:
    message = {"from": sender, "id": id, "timestamp": str(int(time.time())), "type": "text"}
    value = {
        "metadata": {"phone_number_id": ACCOUNT},
        "contacts": [{"profile": {"name": name}, "wa_id": sender}],
        "messages": [{**message, "text": {"body": text}}],
    }
    entry = {"changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


async def writes(client: httpx.AsyncClient, text: str, **who: str) -> httpx.Response:
    """A customer writes: the provider calls."""
    body = payload(text, **who)
    signed = {"X-Hub-Signature-256": signature_of(body, SECRET)}
    return await client.post("/webhooks/whatsapp", content=body, headers=signed)


async def asks(client: httpx.AsyncClient, command: Command, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post("/commands", content=encode(command), headers=named)


async def waiting(client: httpx.AsyncClient, who: dict[str, str] = ANA) -> dict[str, Any]:
    [row] = (await client.get("/conversations", params={"situation": "queue"}, headers=who)).json()["rows"]
    found: dict[str, Any] = row
    return found


async def until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0.005)


# --- a conversation, from the webhook to the delivered answer ------------------------------------------------


@pytest.mark.parametrize("place", ["memory", "database"])
@run
async def test_a_conversation_goes_through_the_routes(place: str, tmp_path: Path) -> None:
    """A customer writes, an agent finds the conversation, takes it, answers, and closes it with a reason."""
    messaging = AsyncMemoryMessaging()
    database = f"sqlite+aiosqlite:///{tmp_path}/desk.db" if place == "database" else None
    async with opened(attrs.evolve(SETTINGS, database=database), messaging) as client:
        assert (await writes(client, "Where is my bill?")).status_code == 200
        row = await waiting(client)
        assert (row["name"], row["preview"]["text"], row["unread"]) == ("Maria Silva", "Where is my bill?", 1)
        id = row["id"]

        taken = await asks(client, Take(id), **ANA)
        assert taken.status_code == 200
        assert decode(taken.content, Outcome).conversation == id

        assert (await asks(client, SendMessage(id, "Here it is."), **ANA)).status_code == 200
        await until(lambda: len(messaging.outbox) == 1)
        assert messaging.outbox[0].text.reveal() == "Here it is."

        page = (await client.get(f"/conversations/{id}/messages", headers=ANA)).json()
        assert [each["text"] for each in page["rows"]] == ["Here it is.", "Where is my bill?"]

        opened_ = (await client.get(f"/conversations/{id}", headers=ANA)).json()
        assert opened_["actions"]["Close"]["answer"] == "needs"
        assert opened_["actions"]["Close"]["needs"] == ["reason"]

        refused = await asks(client, Close(id), **ANA)
        assert (refused.status_code, refused.json()["code"]) == (422, "reason_required")
        assert (await asks(client, Close(id, "bill"), **ANA)).status_code == 200
        assert (await client.get(f"/conversations/{id}", headers=ANA)).json()["situation"] == "closed"


@run
async def test_searching_finds_what_was_said_and_where() -> None:
    async with opened() as client:
        await writes(client, "Onde está o BOLETO?")
        [hit] = (await client.get("/search", params={"q": "boleto"}, headers=ANA)).json()["rows"]
        (start, end) = hit["spans"][0]
        assert hit["message"]["text"][start:end] == "BOLETO"
        bad = await client.get("/search", params={"q": '"boleto'}, headers=ANA)
        assert (bad.status_code, bad.json()["code"]) == (400, "not_a_search")


# --- the webhook ---------------------------------------------------------------------------------------------


@run
async def test_the_provider_is_told_our_word_and_nobody_else() -> None:
    async with opened() as client:
        asked = {"hub.mode": "subscribe", "hub.verify_token": "ours", "hub.challenge": "42"}
        answer = await client.get("/webhooks/whatsapp", params=asked)
        assert (answer.status_code, answer.text) == (200, "42")
        wrong = await client.get("/webhooks/whatsapp", params={**asked, "hub.verify_token": "theirs"})
        assert wrong.status_code == 403
    async with opened(Settings(workspace=OURS)) as client:
        assert (
            await client.get("/webhooks/whatsapp", params={**asked, "hub.verify_token": ""})
        ).status_code == 403


@run
async def test_a_webhook_that_is_not_signed_changes_nothing() -> None:
    async with opened() as client:
        for headers in ({}, {"X-Hub-Signature-256": "sha256=" + "0" * 64}):
            refused = await client.post("/webhooks/whatsapp", content=payload("Hi"), headers=headers)
            assert refused.status_code == 400
        assert (await client.get("/conversations", headers=ADA)).json()["rows"] == []


@run
async def test_a_webhook_that_comes_twice_is_recorded_once() -> None:
    """Rule: M1."""
    async with opened() as client:
        for _ in range(2):
            assert (await writes(client, "Hi")).status_code == 200
        id = (await waiting(client))["id"]
        assert len((await client.get(f"/conversations/{id}/messages", headers=ANA)).json()["rows"]) == 1


@run
async def test_the_provider_comes_again_with_what_storage_could_not_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was not recorded is answered with 503, so that the provider brings it again, and then it is."""

    def away(*_: object) -> None:
        raise Temporary

    async with opened() as client:
        with monkeypatch.context() as patch:
            patch.setattr(MemoryStorage, "apply", away)
            assert (await writes(client, "Hi")).status_code == 503
        assert (await writes(client, "Hi")).status_code == 200
        assert (await waiting(client))["preview"]["text"] == "Hi"


@run
async def test_what_can_never_be_recorded_does_not_come_again() -> None:
    """A message for an account that nobody configured would fail each time: it is answered with 200."""
    async with opened() as client:
        body = payload("Hi").replace(ACCOUNT.encode(), b"1")
        signed = {"X-Hub-Signature-256": signature_of(body, SECRET)}
        assert (await client.post("/webhooks/whatsapp", content=body, headers=signed)).status_code == 200


@run
async def test_a_body_is_read_no_further_than_is_allowed() -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            assert read < 100
            yield b" " * 1024 * 1024

    async with opened() as client:
        for path, headers in (("/webhooks/whatsapp", {}), ("/commands", ANA)):
            read = 0
            refused = await client.post(path, content=endless(), headers=headers)
            assert (refused.status_code, refused.json()["details"]["problems"][0]["code"]) == (400, "too_long")


@run
async def test_deliveries_go_on_after_storage_was_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be looked for while storage was away goes out once it is back."""
    looked = asyncio.Event()

    def away(*_: object, **__: object) -> None:
        looked.set()
        raise Temporary

    messaging = AsyncMemoryMessaging()
    async with opened(messaging=messaging) as client:
        await writes(client, "Hi")
        id = (await waiting(client))["id"]
        with monkeypatch.context() as patch:
            patch.setattr(MemoryStorage, "due", away)
            await asks(client, Take(id), **ANA)
            await asks(client, SendMessage(id, "Hello"), **ANA)
            await looked.wait()
        assert messaging.outbox == []
        await writes(client, "Are you there?", id="wamid.2")
        await until(lambda: len(messaging.outbox) == 1)


# --- who asks, and how often ---------------------------------------------------------------------------------


@run
async def test_nobody_comes_in_without_a_token() -> None:
    async with opened() as client:
        for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic a1"}):
            for path in ("/conversations", "/search?q=x", "/events"):
                answer = await client.get(path, headers=headers)
                assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
            assert (await asks(client, Take("cv_1"), **headers)).status_code == 401


@run
async def test_people_see_what_the_workspace_lets_them_see() -> None:
    """Rule: section P."""
    async with opened() as client:
        await writes(client, "Hi")
        id = (await waiting(client))["id"]
        assert (await client.get("/conversations", headers=BETO)).json()["rows"] == []
        for path in (f"/conversations/{id}", "/conversations/cv_none"):
            answer = await client.get(path, headers=BETO)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert (await asks(client, Take(id), **BETO)).status_code == 404


@run
async def test_a_command_that_comes_again_with_its_key_is_done_once() -> None:
    messaging = AsyncMemoryMessaging()
    async with opened(messaging=messaging) as client:
        await writes(client, "Hi")
        id = (await waiting(client))["id"]
        await asks(client, Take(id), **ANA)
        first, again = [
            await asks(client, SendMessage(id, "Hello"), **ANA, Idempotency_Key="click 1") for _ in range(2)
        ]
        assert first.content == again.content
        other = await asks(client, SendMessage(id, "Bye"), **ANA, Idempotency_Key="click 1")
        assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")
        assert len((await client.get(f"/conversations/{id}/messages", headers=ANA)).json()["rows"]) == 2


@run
async def test_who_has_not_seen_the_latest_is_told() -> None:
    """The tag of the conversation as it was seen goes into `If-Match`; an old one is a conflict."""
    async with opened() as client:
        await writes(client, "Hi")
        id = (await waiting(client))["id"]
        seen = (await client.get(f"/conversations/{id}", headers=ANA)).headers["ETag"]
        taken = await asks(client, Take(id), **ANA, If_Match=seen)
        assert (taken.status_code, taken.headers["ETag"] != seen) == (200, True)
        stale = await asks(client, SendMessage(id, "Hello"), **ANA, If_Match=seen)
        assert (stale.status_code, stale.json()["code"]) == (409, "version_conflict")
        fresh = await asks(client, SendMessage(id, "Hello"), **ANA, If_Match=taken.headers["ETag"])
        assert fresh.status_code == 200
        for bad in ("*", "7", '"seven"', '"' + "9" * 30 + '"'):
            assert (await asks(client, SendMessage(id, "Hello"), **ANA, If_Match=bad)).status_code == 400


@run
async def test_a_correlation_reaches_the_events() -> None:
    async with opened() as client:
        await writes(client, "Hi")
        id = (await waiting(client))["id"]
        taken = await asks(client, Take(id), **ANA, X_Correlation_ID="screen-7")
        assert taken.headers["X-Correlation-ID"] == "screen-7"
        service = client._transport.app.state.service  # type: ignore[attr-defined]
        timeline = await service.desk.timeline(id, by=Actor.agent(AgentId("ana")))
        assert timeline[-1].correlation == "screen-7"


# --- errors and the page of the routes -----------------------------------------------------------------------


def test_every_kind_of_error_has_a_status_of_its_own() -> None:
    assert set(STATUS) == set(ErrorKind)
    assert len(set(STATUS.values())) == len(STATUS)


@run
async def test_an_error_says_what_is_wrong_to_machines_and_to_people() -> None:
    async with opened() as client:
        answer = await client.post("/commands", content=b"{}", headers=ANA)
        assert (answer.status_code, answer.json()["kind"]) == (400, "invalid")
        for language, sentence in (("en-GB", "no"), ("pt-BR", "não")):
            answer = await asks(client, Take("cv_none"), **ANA, Accept_Language=language)
            assert answer.status_code == 404
            assert sentence in answer.json()["message"].lower()


@run
async def test_the_page_of_the_routes_describes_what_goes_over_them() -> None:
    """A command that the core writes fits the schema on the page, and what it would refuse does not."""
    async with opened() as client:
        page = (await client.get("/openapi.json")).json()
        body = page["paths"]["/commands"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        schema = {**body, "components": page["components"]}
        good = json.loads(encode(SendMessage("cv_1", "Hello")))
        jsonschema.validate(good, schema)
        for bad in ({**good, "type": "Nonsense"}, {**good, "value": {"conversation": "cv_1"}}, {}):
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate(bad, schema)

        await writes(client, "Hi")
        id = (await waiting(client))["id"]
        for command, status in ((Take(id), "200"), (Take("cv_none"), "default"), (Close(id), "default")):
            answer = page["paths"]["/commands"]["post"]["responses"][status]["content"]["application/json"]
            told = (await asks(client, command, **ANA)).json()
            jsonschema.validate(told, {**answer["schema"], "components": page["components"]})


# --- live screens --------------------------------------------------------------------------------------------


@contextmanager
def served(settings: Settings = SETTINGS) -> Iterator[str]:
    """The service behind a real server, on a port of this machine's own."""
    config = uvicorn.Config(
        create_app(settings), host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        [socket] = server.servers[0].sockets
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


class Screen:
    """An open stream of events, as a browser reads it."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines
        self.last_id = ""

    async def next(self) -> dict[str, Any]:
        """The data of the next event that has any."""
        data = ""
        async for line in self._lines:
            field, _, value = line.partition(": ")
            if field == "id":
                self.last_id = value
            elif field == "data":
                data += value
            elif not line and data:
                told: dict[str, Any] = json.loads(data)
                return told
        raise EOFError


@asynccontextmanager
async def following(
    client: httpx.AsyncClient, who: dict[str, str], last_id: str = "", **asked: Any
) -> AsyncIterator[Screen]:
    headers = {**who, **({"Last-Event-ID": last_id} if last_id else {})}
    async with client.stream("GET", "/events", params=asked, headers=headers) as answer:
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        yield Screen(answer.aiter_lines())


def test_a_screen_hears_what_changes() -> None:
    """What somebody else does comes as an event, with the rows as they stand now."""

    @run
    async def script() -> None:
        async with httpx.AsyncClient(base_url=url) as client, following(client, ANA) as screen:
            await writes(client, "Hi")
            [row] = (await screen.next())["rows"]
            assert (row["name"], row["situation"]) == ("Maria Silva", "queue")
            await asks(client, Take(row["id"]), **ANA)
            [taken] = (await screen.next())["rows"]
            assert (taken["id"], taken["assignee"], taken["situation"]) == (row["id"], "ana", "open")

    with served() as url:
        script()


def test_a_screen_that_comes_again_misses_nothing() -> None:
    """A browser that lost its stream says which event it had last, and hears what came after it."""

    @run
    async def script() -> None:
        async with httpx.AsyncClient(base_url=url) as client:
            async with following(client, ANA) as screen:
                await writes(client, "Hi")
                [row] = (await screen.next())["rows"]
            await asks(client, Take(row["id"]), **ANA)
            async with following(client, ANA, screen.last_id) as screen:
                [taken] = (await screen.next())["rows"]
                assert taken["assignee"] == "ana"

    with served() as url:
        script()


def test_a_screen_goes_on_where_its_list_ended() -> None:
    """The `feed` of a list is where its stream begins, whatever happened in between."""

    @run
    async def script() -> None:
        async with httpx.AsyncClient(base_url=url) as client:
            feed = (await client.get("/conversations", headers=ANA)).json()["feed"]
            await writes(client, "Hi")
            async with following(client, ANA, after=feed) as screen:
                assert len((await screen.next())["rows"]) == 1

    with served() as url:
        script()


def test_a_screen_hears_only_what_its_person_may_see_and_what_left_their_sight() -> None:
    """Rule: section P. Beto's screen hears nothing of support, but hears of a new tag; Ana's loses the row."""

    @run
    async def script() -> None:
        async with (
            httpx.AsyncClient(base_url=url) as client,
            following(client, BETO) as beto,
            following(client, ANA) as ana,
        ):
            await writes(client, "Hi")
            [row] = (await ana.next())["rows"]
            moved = ChangeDepartment(row["id"], "sales")
            assert (await asks(client, moved, **ADA)).status_code == 200
            assert (await ana.next())["gone"] == [row["id"]]
            [seen] = (await beto.next())["rows"]
            assert (seen["id"], seen["department"]) == (row["id"], "sales")
            await asks(client, AddItem(Tag(id="vip", name="VIP")), **ADA)
            assert (await ana.next())["refresh"]
            assert (await beto.next())["refresh"]

    with served() as url:
        script()


@run
async def test_a_cursor_that_is_none_is_refused_before_anything_is_streamed() -> None:
    async with opened() as client:
        refused = await client.get("/events", params={"after": "nonsense"}, headers=ANA)
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid_value")


@run
async def test_a_stream_ends_in_time_and_with_its_last_id() -> None:
    """A stream has an end, so that a token is looked at again now and then."""
    async with opened(attrs.evolve(SETTINGS, stream_for=timedelta(seconds=0.05))) as client:
        feed = (await client.get("/conversations", headers=ANA)).json()["feed"]
        await writes(client, "Hi")
        service = client._transport.app.state.service  # type: ignore[attr-defined]
        asyncio.get_running_loop().call_later(0.1, service.changed)
        answer = await client.get("/events", params={"after": feed}, headers=ANA)
        assert "event: changed" in answer.text
        ids = [line for line in answer.text.splitlines() if line.startswith("id: ")]
        assert len(ids) == len(set(ids))
