"""Faults, seeded and replayable: ports that go wrong as they do in life, while a desk works over them.

    >>> from chatcore.testing import World
    >>> from chatcore.testing.faults import Fault, Faults, Scripted, Strike
    >>> world = World()
    >>> faults = Faults(Scripted([Strike("messaging.send", Fault.LOST_REPLY)]))
    >>> messaging = faults.wrap(world.messaging)

1. `Faults` wraps adapters of any port, sync or async, as a plan says: `Scripted` strikes the calls that you
   name, `Seeded` some of all.
2. What a seed does, an outside that keeps its contract may do. So whatever it does, every promise must hold: a
   bonus is granted once, a message is there once, and every doubt is in sight. A script may do worse.
3. `Faults.log` tells every call and what befell it. `Faults.script`, or `replay` of a log, does it again.
4. Held back is a write that is on its way for long: nobody knows of it, and it is done after the next one.

What kills a process is no fault of a port: for that, kill one.
"""

from __future__ import annotations

from chatcore.testing.faults._faults import Faults
from chatcore.testing.faults._plans import Call, Fault, Plan, Scripted, Seeded, Strike, replay

__all__ = ["Call", "Fault", "Faults", "Plan", "Scripted", "Seeded", "Strike", "replay"]
