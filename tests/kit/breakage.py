"""What a broken adapter is: an adapter that is right but for one thing, and the suite that must see it."""

import attrs

from chatcore.testing.suites._base import Suite

__all__ = ["Broken"]


@attrs.frozen
class Broken:
    """An adapter that is wrong in one way, as an author would get it wrong.

    * `name`: words joined by hyphens, unique in the kit.
    * `breakage`: what is wrong, in one sentence.
    * `suite`: the suite of its port, made over it; at least one of its tests must fail.

    A module of broken adapters gives them as `BROKEN`, a tuple of these.
    """

    name: str
    breakage: str
    suite: type[Suite]
