"""Write docs/permissions.md from the tables in chatcore, so that the page cannot say anything else.

Run it with `python docs/make_permissions.py`; a test compares the page with what this would write, and another
decides every combination for real and holds it against the page.
"""

from collections.abc import Iterable
from pathlib import Path

from chatcore.commands import Command
from chatcore.rules.permissions import BOTS, BOTS_IF_GRANTED, PEOPLE, THE_SYSTEM, Reach
from chatcore.rules.table import TABLE, Row
from chatcore.vocabulary import Ability, Role, Situation

PAGE = Path(__file__).parent / "permissions.md"

NOWHERE = "\N{EN DASH}"

TOP = f"""\
# Permissions

Written by `docs/make_permissions.py` from `chatcore.rules.permissions` and `chatcore.rules.table`. Do not edit
it.

What is not said here is refused. A command is checked in this order: the module is contracted, what it is about
may be seen by who asks, who asks is permitted, the situation admits it. Then its own rule decides.

| in a cell | for people | for a bot |
| --- | --- | --- |
| everywhere | in every conversation, or wherever it is about none | |
| departments | in the conversations of their departments | |
| own | in those they have, and the closed ones they had last | in those in BOT |
| if granted | everywhere, for whom it was granted | where the policy `bot_granted` says so: of conversations, \
those in BOT |
| {NOWHERE} | nowhere: refused with `NotPermitted` | nowhere |

- Of several roles the widest cell counts. An ability withdrawn from a person is {NOWHERE} whatever their roles.
- What a person may not see does not exist for them: they get `NotFound`, the same as for a missing id. How far
  agents read is the policy `agents_read`: all; their departments and their own; or their own and what waits in
  their departments. What one may not see one may do nothing to. A bot sees what is in BOT. A contact is seen by
  who sees one of its conversations.
- Where a cell says departments, who is no member hears `NotAMember`; one who has `take_anywhere` is a member
  everywhere.
- `system` stands for the service itself, with nobody behind it.
"""

SUBJECTS = {
    "conversation": "About a conversation",
    "billing": "Asked of contracts and billing",
    "contact": "About a contact",
    "workspace": "About the workspace",
    "recording": "What arrives",
    "carrying": "About what is carried out",
    "timed": "What has come due",
}
"""What the commands of each module are about, in the order of the page."""

COMMAND_NOTES = f"""\
The sign {NOWHERE} under *admitted in* means that the command is not about one conversation, so no situation
stands in its way.

`EditConversation` needs `read` itself, and for each thing that it changes what the command for that needs: to
link a customer what `LinkCustomer` needs, to set a reason what `SetReason` needs. `Reopen` needs `assign` too
to give the conversation to another person.

What the cells cannot say, a command's own rule does:

- `SendBoletos`, `SendInvoices` and `GrantBonus` need a contact that is linked to a customer, and boletos,
  invoices or a contract of that customer's. `PinContract` and `OpenServiceOrder` do where they name a contract.
- `GrantBonus`: an agent grants up to the limit that `bonus_limits` has for the kind, and nothing of a kind that
  has none; more is refused with `BonusOverLimit`. A supervisor has no limit.
- `SettleReview`: not by who asked for it, who hears `SecondPersonRequired`.
- `Withdraw` and `SettleReview` name an effect; the conversation they are checked against is the effect's.
"""

ABILITY_NOTES = """\
No command needs the last two by itself: `take_anywhere` is membership of every department, and `over_capacity`
lets a command that asks for it pass an agent's `max_open`. `read` is what reading and searching need, and what
shows anybody anything.
"""

WORDS = {
    Reach.EVERYWHERE: "everywhere",
    Reach.DEPARTMENTS: "departments",
    Reach.OWN: "own",
    Reach.GRANTED: "if granted",
}
WHO = ("bot", *(str(role) for role in Role), "system")
"""The columns: who may be behind a command."""


# --- the cells -----------------------------------------------------------------------------------------------


def cells(ability: Ability) -> list[str]:
    """How far an ability goes, for each of `WHO`."""
    row = PEOPLE[ability]
    people = [WORDS[row[role]] if role in row else NOWHERE for role in Role]
    return [_bots(ability), *people, "everywhere" if ability in THE_SYSTEM else NOWHERE]


def _bots(ability: Ability) -> str:
    if ability in BOTS:
        return "own"
    return "if granted" if ability in BOTS_IF_GRANTED else NOWHERE


def admitted_in(row: Row) -> str:
    """The situations that admit a command."""
    if row.admits is None:
        return NOWHERE
    if row.admits == frozenset(Situation):
        return "any"
    return ", ".join(situation.name for situation in Situation if situation in row.admits)


def subject_of(command: type[Command]) -> str:
    """The module that a command is in says what it is about."""
    return command.__module__.rpartition(".")[2]


# --- the page ------------------------------------------------------------------------------------------------


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *map(list, rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def command_table(subject: str) -> str:
    """One row for each command of a subject."""
    rows = [
        [f"`{command.__name__}`", f"`{row.ability}`", *cells(row.ability), admitted_in(row)]
        for command, row in TABLE.items()
        if subject_of(command) == subject
    ]
    return table(("command", "ability", *WHO, "admitted in"), rows)


def ability_table() -> str:
    """One row for each ability that no command, or not only commands, need."""
    needed = {row.ability for row in TABLE.values()}
    rows = [
        [f"`{ability}`", *cells(ability)]
        for ability in Ability
        if ability is Ability.READ or ability not in needed
    ]
    return table(("ability", *WHO), rows)


def page() -> str:
    """The whole page."""
    parts = [TOP]
    for subject, title in SUBJECTS.items():
        parts += [f"## {title}\n", command_table(subject) + "\n"]
    parts += [COMMAND_NOTES, "## Abilities besides\n", ability_table() + "\n", ABILITY_NOTES]
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
