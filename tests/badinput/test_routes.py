"""The generator sees what the server serves."""

from tests.badinput.operations import mounted, operations


def test_every_mounted_action_is_an_operation() -> None:
    seen = {(type(one.view).__qualname__, one.action) for one in operations()}

    assert mounted() - seen == set()
    assert len(operations()) > 100
