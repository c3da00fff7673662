"""The adapter of WhatsApp Cloud, held against the suite, over a fake of the provider's API."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from web.cloud import LATER, WhatsAppCloud
from web.service import open_messaging
from web.settings import Settings

from chatcore.channels.items import Status
from chatcore.channels.whatsapp import read_webhook, signature_of
from chatcore.memory import AsyncMemoryMessaging
from chatcore.ports import TemplateUse
from chatcore.testing.suites import Failing, MessagingSuite, Reported, Sent
from chatcore.vocabulary import DeliveryStatus, MessageKind, Private

SECRET = b"shared with the provider"


class FakeCloud:
    """The provider: takes messages, and tells of them by webhook."""

    def __init__(self) -> None:
        self.failing: Failing | None = None
        self.busy_as: tuple[int, bytes] = (429, b"{}")
        self.taken: list[tuple[str, dict[str, Any]]] = []

    async def answer(self, request: httpx.Request) -> httpx.Response:
        if self.failing is Failing.UNREACHABLE:
            raise httpx.ConnectError("no route")
        if self.failing is Failing.BUSY:
            status, body = self.busy_as
            return httpx.Response(status, content=body)
        if self.failing is Failing.REFUSED:
            return httpx.Response(400, json={"error": {"message": "Recipient not allowed", "code": 131030}})
        self.taken.append((request.url.path.split("/")[-2], json.loads(request.content)))
        if self.failing is Failing.LOST_REPLY:
            raise httpx.ReadError("the connection broke")
        if self.failing is Failing.SILENT:
            await asyncio.sleep(3600)
        if self.failing is Failing.NONSENSE:
            return httpx.Response(200, content=b"<html>")
        return httpx.Response(200, json={"messages": [{"id": f"wamid.{len(self.taken)}"}]})

    def webhook(self) -> bytes:
        """The statuses of all that was taken."""
        changes = []
        for n, (account, message) in enumerate(self.taken, 1):
            status = {"id": f"wamid.{n}", "status": "sent", "timestamp": str(int(time.time()))}
            status["biz_opaque_callback_data"] = message["biz_opaque_callback_data"]
            value = {"metadata": {"phone_number_id": account}, "statuses": [status]}
            changes.append({"field": "messages", "value": value})
        return json.dumps({"object": "whatsapp_business_account", "entry": [{"changes": changes}]}).encode()


def sent(n: int, account: str, message: dict[str, Any]) -> Sent:
    """One message as the provider took it."""
    kind, use = MessageKind.TEXT, None
    if message["type"] == "template":
        kind, template = MessageKind.TEMPLATE, message["template"]
        texts = [each["text"] for part in template.get("components", ()) for each in part["parameters"]]
        use = TemplateUse(
            name=template["name"],
            language=template["language"]["code"],
            parameters=tuple(map(Private, texts)),
        )
    return Sent(
        reference=f"wamid.{n}",
        account=account,
        to=message["to"],
        kind=kind,
        text=message.get("text", {}).get("body", ""),
        template=use,
    )


class TestWhatsAppCloud(MessagingSuite):
    async def make(self) -> WhatsAppCloud:
        self.provider = FakeCloud()
        transport = httpx.MockTransport(self.provider.answer)
        client = httpx.AsyncClient(transport=transport, base_url="https://graph.example/v23.0")
        return WhatsAppCloud(client, self.now)

    async def unmake(self, adapter: WhatsAppCloud) -> None:
        await adapter._client.aclose()

    def sent(self, adapter: WhatsAppCloud, /) -> Sequence[Sent]:
        return [sent(n, *taken) for n, taken in enumerate(self.provider.taken, 1)]

    def fail(self, adapter: WhatsAppCloud, how: Failing | None, /) -> None:
        self.provider.failing = how

    def reports(self, adapter: WhatsAppCloud, /) -> Sequence[Reported]:
        body = self.provider.webhook()
        batch = read_webhook(body, signature=signature_of(body, SECRET), app_secret=SECRET)
        return [
            Reported(
                key=item.key or "",
                reference=item.provider_id,
                applied=item.status is not DeliveryStatus.FAILED,
            )
            for item in batch.items
            if isinstance(item, Status)
        ]


class TestBusyInItsOwnWords(TestWhatsAppCloud):
    """The provider says HTTP 400 where it takes no more now, with a code of its own."""

    async def make(self) -> WhatsAppCloud:
        made = await super().make()
        self.provider.busy_as = 400, json.dumps({"error": {"code": max(LATER)}}).encode()
        return made


@pytest.mark.parametrize(("token", "adapter"), [("", AsyncMemoryMessaging), ("t", WhatsAppCloud)])
def test_nothing_leaves_the_house_without_a_token(token: str, adapter: type) -> None:
    async def opened() -> object:
        async with AsyncExitStack() as exits:
            return await open_messaging(Settings(token=token), exits)

    assert type(asyncio.run(opened())) is adapter
