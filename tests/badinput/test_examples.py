"""Every operation has a valid request, or a reason why not."""

from tests.badinput.bodies import example
from tests.badinput.examples import NEVER_ACCEPTED
from tests.badinput.ground import Ground
from tests.badinput.operations import operations


def test_every_operation_is_accepted_once_or_says_why_not(ground: Ground) -> None:
    tried = {one.name: example(ground, one) for one in operations()}

    refused = {name: made for name, made in tried.items() if not made.accepted}
    assert set(refused) == set(NEVER_ACCEPTED), refused
