"""A small internet provider, ready to be served by: the workspace that a `World` has unless it is given one."""

from __future__ import annotations

from typing import Final

from chatcore.entities import (
    Agent,
    BillingPolicies,
    Bonus,
    Channel,
    Department,
    MessageTemplate,
    Policies,
    QuickReply,
    Reason,
    Tag,
    Workspace,
)
from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    ChannelKind,
    DepartmentId,
    QuickReplyId,
    ReasonId,
    Role,
    TagId,
    TemplateId,
)

__all__ = ["PROVIDER"]

_SUPPORT, _BILLING = DepartmentId("support"), DepartmentId("billing")
_WHATSAPP: Final = ChannelId("wa")

PROVIDER: Final = Workspace(
    name="Provedor",
    departments=(Department(id=_SUPPORT, name="Suporte"), Department(id=_BILLING, name="Financeiro")),
    agents=(
        Agent(id=AgentId("ana"), name="Ana", departments=(_SUPPORT,)),
        Agent(id=AgentId("beto"), name="Beto", departments=(_SUPPORT, _BILLING)),
        Agent(id=AgentId("carla"), name="Carla", departments=(_BILLING,)),
        Agent(id=AgentId("sofia"), name="Sofia", roles=(Role.SUPERVISOR,)),
        Agent(id=AgentId("alba"), name="Alba", roles=(Role.ADMIN,)),
        Agent(id=AgentId("otto"), name="Otto", roles=(Role.AUDITOR,)),
    ),
    reasons=(
        Reason(id=ReasonId("slow"), name="Lentidão"),
        Reason(id=ReasonId("moved"), name="Mudança de endereço"),
        Reason(id=ReasonId("copy"), name="Segunda via", departments=(_BILLING,)),
    ),
    tags=(
        Tag(id=TagId("vip"), name="VIP", colour="#d4af37"),
        Tag(id=TagId("complaint"), name="Reclamação", colour="#c0392b"),
    ),
    quick_replies=(
        QuickReply(id=QuickReplyId("hello"), shortcut="oi", text="{{greeting}}, {{first_name|cliente}}!"),
    ),
    templates=(
        MessageTemplate(
            id=TemplateId("back"),
            channel=_WHATSAPP,
            name="we_are_back",
            language="pt_BR",
            body="Olá, {{1}}! Podemos continuar?",
        ),
    ),
    channels=(
        Channel(id=_WHATSAPP, kind=ChannelKind.WHATSAPP_CLOUD, account="106540352242922", department=_SUPPORT),
    ),
    policies=Policies(billing=BillingPolicies(bonus_limits=(Bonus.amount(20), Bonus.days(5)))),
)
"""Who and what is there, by id:

* departments ``support`` and ``billing``;
* agents ``ana`` (support), ``beto`` (both) and ``carla`` (billing), the supervisor ``sofia``, the admin
  ``alba``, the auditor ``otto``;
* reasons ``slow``, ``moved``, and ``copy`` in billing only; tags ``vip`` and ``complaint``;
* the quick reply ``hello``, the approved template ``back`` with one parameter;
* the channel ``wa``, a WhatsApp number of support, without a bot;
* bonuses of R$ 20.00 or of 5 days at most by an agent, and of any size by ``sofia``.

Nothing is said by itself, and nothing is closed by itself.
"""
