"""Take written by hand on SQLite in memory, without chatcore's desk: what `desk_take` holds the desk against.

One transaction a Take, with the reads and writes the desk makes of its storage port: the conversation, the
agent's count, and the workspace if it is newer than the one held; then the conversation at its version, the
count within its bound and not sealed, the workspace at its version still, the receipt, and the event. The
tables have the columns and indexes that reading by situation, contact, stream and log needs, and no others.

Columns are as fast a way in and out as the standard library has, and a Take writes only those it moves. A JSON
document per state came within a twentieth of that when it was tried; pickling was much slower. Moments are
ISO 8601 texts, which C code reads and writes. The statements are fixed texts, so they stay prepared.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import datetime

from chatcore import Actor, Conversation, Outcome, Situation, Take, Workspace
from chatcore.entities import Agent, Origin, Talk
from chatcore.errors import AlreadyTaken, NotFound, TallyFull, VersionConflict
from chatcore.events import SCHEMA, Envelope, Taken
from chatcore.vocabulary import ActorKind, AgentId, CommandId, EventId, Private

TABLES = """
create table conversation (
    id text primary key, version int not null, recorded_at text not null, contact text not null,
    channel text not null, address text not null, protocol text not null, situation text not null,
    department text not null, assignee text, last_assignee text, reason text, started_at text not null,
    opened_at text not null, queued_at text, taken_at text, closed_at text, closed_by_kind text,
    closed_by text, seq int not null, unread int not null, waiting_since text, window_until text,
    transfers int not null
) without rowid;
create index conversation_situation on conversation (situation);
create index conversation_contact on conversation (contact);
create table workspace (id int primary key, version int not null, document text not null);
create table tally (key text primary key, count int not null, sealed int not null) without rowid;
create table claim (key text primary key, owner text not null) without rowid;
create table receipt (
    command text primary key, recorded_at text not null, outcome text not null, key text unique,
    fingerprint text
) without rowid;
create table event (
    log integer primary key, ref text not null, version int not null, id text not null,
    recorded_at text not null, actor_kind text not null, actor text not null, command text not null,
    correlation text, causation text, schema int not null, type text not null, document text not null,
    unique (ref, version)
);
"""

READ_CONVERSATION = "select * from conversation where id = ?"
READ_TALLY = "select count from tally where key = ?"
READ_WORKSPACE = "select document from workspace where id = 1 and version > ?"
CHECK_WORKSPACE = "select version from workspace where id = 1"
WRITE_CONVERSATION = """
update conversation
set version = ?, recorded_at = ?, situation = ?, assignee = ?, last_assignee = ?, taken_at = ?
where id = ? and version = ?
"""
WRITE_TALLY = """
insert into tally values (?, 1, 0) on conflict do update set count = count + 1 where count < ? and not sealed
"""
WRITE_RECEIPT = "insert into receipt values (?, ?, ?, ?, ?)"
WRITE_EVENT = "insert into event values (null, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

moment = datetime.fromisoformat


class ByHand:
    """A desk that can do one thing."""

    def __init__(
        self, workspace: Workspace, clock: Callable[[], datetime], new_root: Callable[[], str]
    ) -> None:
        self.workspace, self.clock, self.new_root = workspace, clock, new_root
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.executescript(TABLES)
        self.db.execute("insert into workspace values (1, ?, '{}')", (workspace.version,))

    def add(self, conversation: Conversation) -> None:
        """Keep a conversation that has not been closed yet."""
        c = conversation
        self.db.execute(
            f"insert into conversation values ({', '.join('?' * 24)})",
            (
                c.id,
                c.version,
                c.recorded_at.isoformat(),
                c.contact,
                c.channel,
                c.address.reveal(),
                c.protocol,
                c.situation.value,
                c.department,
                c.assignee,
                c.last_assignee,
                c.reason,
                c.started_at.isoformat(),
                c.opened_at.isoformat(),
                c.queued_at and c.queued_at.isoformat(),
                c.taken_at and c.taken_at.isoformat(),
                None,
                None,
                None,
                c.seq,
                c.unread,
                c.waiting_since and c.waiting_since.isoformat(),
                c.window_until and c.window_until.isoformat(),
                c.transfers,
            ),
        )

    def read(self, id: str) -> Conversation:
        """A conversation as it stands."""
        row = self.db.execute(READ_CONVERSATION, (id,)).fetchone()
        if row is None:
            raise NotFound("conversation", id)
        closer = row[18]
        return Conversation(
            id=row[0],
            version=row[1],
            recorded_at=moment(row[2]),
            origin=Origin(contact=row[3], channel=row[4], protocol=row[6], started_at=moment(row[12])),
            talk=Talk(
                address=Private(row[5]),
                seq=row[19],
                unread=row[20],
                waiting_since=None if row[21] is None else moment(row[21]),
                window_until=None if row[22] is None else moment(row[22]),
            ),
            situation=Situation(row[7]),
            department=row[8],
            assignee=row[9],
            last_assignee=row[10],
            reason=row[11],
            opened_at=moment(row[13]),
            queued_at=None if row[14] is None else moment(row[14]),
            taken_at=None if row[15] is None else moment(row[15]),
            closed_at=None if row[16] is None else moment(row[16]),
            closed_by=None if closer is None else Actor(ActorKind(row[17]), closer),
            transfers=row[23],
        )

    def take(self, command: Take, by: Actor) -> Outcome:
        """Take a conversation: check, then commit all of it or nothing."""
        root, now, execute = self.new_root(), self.clock(), self.db.execute
        agent = self.workspace.agent(by.id)
        if agent is None:
            raise NotFound("agent", by.id)
        execute("begin immediate")
        try:
            outcome = self._take(command, by, agent, root, now)
        except BaseException:
            execute("rollback")
            raise
        execute("commit")
        return outcome

    def _take(self, command: Take, by: Actor, agent: Agent, root: str, now: datetime) -> Outcome:
        execute = self.db.execute
        tally = f"open:{by.id}"
        if execute(READ_WORKSPACE, (self.workspace.version,)).fetchone() is not None:
            raise NotImplementedError("another workspace")
        old = self.read(command.conversation)
        load = execute(READ_TALLY, (tally,)).fetchone()
        if old.assignee is not None:
            raise AlreadyTaken(old.id, old.assignee)
        if load is not None and load[0] >= agent.max_open:
            raise TallyFull(tally)
        command_id = CommandId(f"cm_{root}")
        envelope = Envelope(
            EventId(f"ev_{root}.0"),
            old.id,
            old.version + 1,
            now,
            by,
            command_id,
            None,
            None,
            SCHEMA,
            Taken(assignee=AgentId(by.id)),
        )
        new = Conversation(
            id=old.id,
            version=envelope.version,
            recorded_at=now,
            origin=old.origin,
            talk=old.talk,
            situation=Situation.OPEN,
            department=old.department,
            assignee=by.id,
            last_assignee=by.id,
            reason=old.reason,
            opened_at=old.opened_at,
            queued_at=old.queued_at,
            taken_at=now,
            closed_at=None,
            closed_by=None,
            transfers=old.transfers,
        )
        outcome = Outcome(command_id, ((new.id, new.version),))
        at = now.isoformat()
        moved = (new.version, at, new.situation.value, new.assignee, new.last_assignee, at, new.id, old.version)
        if execute(WRITE_CONVERSATION, moved).rowcount != 1:
            raise VersionConflict(new.id, old.version)
        if execute(WRITE_TALLY, (tally, agent.max_open)).rowcount != 1:
            raise TallyFull(tally)
        if execute(CHECK_WORKSPACE).fetchone()[0] != self.workspace.version:
            raise VersionConflict(self.workspace.id, self.workspace.version)
        execute(WRITE_RECEIPT, (command_id, at, json.dumps(outcome.changed), None, None))
        execute(
            WRITE_EVENT,
            (
                envelope.ref,
                envelope.version,
                envelope.id,
                at,
                by.kind.value,
                by.id,
                command_id,
                None,
                None,
                envelope.schema,
                "Taken",
                json.dumps({"assignee": by.id}),
            ),
        )
        return outcome
