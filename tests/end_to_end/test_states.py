"""A short form of ``make states``, and a look at whether it would notice anything."""

import pytest

from tests.end_to_end import states, states_model
from verification import conversation


def test_in_20000_steps_the_system_does_what_the_model_says():
    assert states.run(20_000) >= 20_000


@pytest.mark.parametrize(
    ("module", "rule", "changed"),
    [
        (conversation, "WRONG_CODES_PER_CALL", 4),
        (conversation, "LATE_SECONDS", 0.0),
        (states_model, "ATTEMPTS", 2),
    ],
)
def test_a_rule_that_is_changed_is_noticed(module, rule, changed, monkeypatch):
    monkeypatch.setattr(module, rule, changed)
    with pytest.raises(AssertionError):
        states.run(5_000, shrink=False)
