"""The two faces of a storage say the same, and an async one can be given up at any moment."""

from __future__ import annotations

import ast
import asyncio
import inspect
import textwrap
from typing import Any

import pytest
from chatcore_sqlalchemy import AsyncSqlStorage, SqlStorage
from chatcore_sqlalchemy._connection import finished
from sqlalchemy import Engine, text
from sqlalchemy.ext.asyncio import AsyncEngine
from waiting import wait_for

from chatcore.ports import AsyncStorage, ReadSet, Storage
from chatcore.testing.suites.storage._ledger import Ledger
from chatcore.testing.suites.storage._steps import contact, renamed
from chatcore.vocabulary import ContactId

ANA = ContactId("ct_ana")
METHODS = sorted(name for name in vars(Storage) if name[0] != "_")


class _Plain(ast.NodeTransformer):
    """Leaves out how a face comes by its result: by waiting for a coroutine, or by finishing it."""

    def visit_Await(self, node: ast.Await) -> Any:
        return self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id == finished.__name__:
            return self.visit(node.args[0])
        return self.generic_visit(node)


def body_of(method: Any) -> str:
    [function] = ast.parse(textwrap.dedent(inspect.getsource(method))).body
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    return ast.dump(ast.Module([_Plain().visit(line) for line in function.body[1:]], []))


@pytest.mark.parametrize("name", METHODS)
def test_both_faces_do_the_same(name: str) -> None:
    """Method by method they differ in nothing but in how they come by the result of the same coroutine."""
    sync, waiting = getattr(SqlStorage, name), getattr(AsyncSqlStorage, name)
    assert inspect.iscoroutinefunction(waiting)
    assert not inspect.iscoroutinefunction(sync)
    assert inspect.signature(sync) == inspect.signature(waiting)
    assert body_of(sync) == body_of(waiting)


def test_faces_are_storages(read_committed: Engine, read_committed_async: AsyncEngine) -> None:
    """Each has all that its port asks for."""
    sync: Storage = SqlStorage(read_committed, "t")
    waiting: AsyncStorage = AsyncSqlStorage(read_committed_async, "t")
    assert (repr(sync), repr(waiting)) == ("SqlStorage('t')", "AsyncSqlStorage('t')")


def test_whoever_is_cancelled_gives_the_connection_back(
    read_committed: Engine, read_committed_async: AsyncEngine, tenant: str
) -> None:
    """A set that waits for somebody's lock and is given up leaves nothing: no row, no lock, no connection."""
    ledger = Ledger(SqlStorage(read_committed, tenant))
    ledger.commit(contact(ANA))
    change = ledger.change(renamed(ANA, "Ana"))
    storage = AsyncSqlStorage(read_committed_async, tenant)

    async def give_up() -> None:
        task = asyncio.ensure_future(storage.apply(change))
        while not waits_for_a_lock():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    def waits_for_a_lock() -> bool:
        with read_committed.connect() as connection:
            waiting = connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))
            return bool(waiting)

    with read_committed.connect() as holder:
        holder.execute(text("SELECT 1 FROM contacts WHERE tenant = :tenant FOR UPDATE"), {"tenant": tenant})
        wait_for(give_up())
    assert read_committed_async.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert ledger.storage.read(ReadSet(refs=(ANA,))).states == ledger.states
    wait_for(storage.apply(change))
    ledger.take_in(change)
    assert ledger.storage.read(ReadSet(refs=(ANA,))).states == ledger.states
