"""The proposed waits press each key inside its pause under every reading, or it is said why not."""

import itertools

import numpy as np
import pytest

from tests.twiml.lab.listening.sounds import key, mu_law, music, noise, say, seconds, tone
from twiml.lab.listening.hearing import hear
from twiml.lab.listening.stages import NoProposal
from twiml.lab.listening.waits import READINGS, STARTS, groups_of, propose
from twiml.lab.listening.wav import Recording
from verification.extension import InvalidExtension, Tones, schedule

MENU = [
    "Welcome to Fundy Freight. For shipping, press 1. For accounting, press 2.",
    "You have reached accounting. For invoices, press 5.",
    "Please dial the extension of the person you wish to reach.",
]


def heard(*parts):
    return hear(Recording((mu_law(np.concatenate(parts)),), 8000, ""))


def typed(names="259", waited=(1.2, 1.5, 2.0)):
    """The menu as a person went through it, keys and all."""
    parts = [seconds(0.7)]
    for text, name, wait in zip(MENU, names, waited, strict=False):
        parts += [say(text), seconds(wait), key(name, 150), seconds(0.4)]
    return [*parts, say("Connecting you."), seconds(1)]


def unheard(*pauses):
    """The menu in a recording that has no keys."""
    parts = [seconds(0.7)]
    for text, pause in zip(MENU, pauses, strict=False):
        parts += [say(text), seconds(pause)]
    return parts


class Menu:
    """The typed menu, simulated: each prompt follows the key before it, by begin or by end."""

    def __init__(self, by_end):
        self.by_end = by_end
        self.lengths = [len(say(text)) / 8 for text in MENU]

    def takes(self, extension, tones, start, waited=(1200, 1500, 2000)):
        now, first = 0, 700
        for each, length, wait in zip(
            schedule(extension, tones).keys, self.lengths, waited, strict=True
        ):
            onset = each.onset + start
            if not now + first + length <= onset <= now + first + length + wait:
                return False
            now = onset + (tones.tone - 150 if self.by_end else 0)
            first = 150 + 400
        return True


def test_keys_of_a_person_give_waits_that_a_simulated_menu_takes_under_every_reading():
    proposal = propose(heard(*typed()), ["2", "5", "9"])
    assert proposal.extension.replace("w", "") == "259"
    for tones, start, by_end in itertools.product(READINGS, STARTS, (True, False)):
        assert Menu(by_end).takes(proposal.extension, tones, start)


def test_the_margin_is_true_and_the_widest():
    proposal = propose(heard(*typed()), ["2", "5", "9"])
    assert 300 < proposal.margin == min(placed.margin for placed in proposal.placed)
    first = proposal.placed[0]
    # With one wait more or less, the first key would have less to spare on one side.
    assert min(first.before + 500, first.after - 500) < first.margin
    assert min(first.before - 500, first.after + 500) < first.margin
    end, pressed = first.pause
    onset = 500 * first.waits
    assert first.after == pressed - (onset + max(STARTS))
    assert first.before == onset + min(STARTS) - end - 40


def test_without_keys_the_pauses_after_the_prompts_are_used_and_it_is_said():
    proposal = propose(heard(*unheard(3, 3, 3)), ["2", "5", "9"])
    assert proposal.margin > 250
    assert any("no key is heard" in text for text in proposal.assumes)
    assert any("SendDigits" in note for note in proposal.notes)


def test_a_known_carrier_widens_the_margin():
    one = propose(heard(*typed()), ["2", "5", "9"], [Tones(250, 70, True)])
    unknown = propose(heard(*typed()), ["2", "5", "9"])
    assert one.placed[1].margin > unknown.placed[1].margin
    assert "a tone lasts 250 ms, a gap 70 ms" in one.assumes


def test_ringing_before_the_menu_is_before_the_answer():
    ringing = [tone([440, 480], 2000, -17), seconds(4), tone([440, 480], 2000, -17)]
    alone = propose(heard(*typed()), ["2", "5", "9"])
    after = propose(heard(*ringing, *typed()), ["2", "5", "9"])
    assert abs(after.answered - 8000) <= 20
    assert after.extension == alone.extension


def test_a_group_of_keys_is_typed_at_once():
    parts = [seconds(0.5), say(MENU[2]), seconds(1.5)]
    for name in "1234#":
        parts += [key(name, 100), seconds(0.1)]
    proposal = propose(heard(*parts, seconds(1), say("Thank you.")), ["1234#"])
    assert proposal.extension.lstrip("w") == "1234#"


def test_a_key_that_stopped_the_prompt_is_proposed_at_or_after_that_moment():
    voice = say(MENU[0])[: 8000 * 4]
    proposal = propose(heard(seconds(0.5), voice, key("2", 150), seconds(0.5), say(MENU[1])), ["2"])
    assert proposal.placed[0].pause[0] == pytest.approx(4500, abs=10)
    assert "while the menu spoke" in proposal.placed[0].proof


@pytest.mark.parametrize(
    ("parts", "keys", "why"),
    [
        ([music(15)], "2", "nobody speaks: there is music"),
        ([seconds(5)], "2", "nobody speaks: the line is quiet"),
        ([noise(8, -20)], "2", "nobody speaks: there is only noise"),
        ([tone([480, 620], 500), seconds(0.5)] * 3, "2", "nobody speaks: there is busy"),
        (unheard(3), "2,5,9", "1 pauses of 0.70 s or more follow a prompt, and 3 are needed"),
        (typed("279"), "2,5,9", "goes another way: 7 is pressed at"),
        (unheard(2, 2.1, 2.05), "2,5", "cannot be told which pauses"),
        (unheard(0.8, 3, 0.2), "2,5", "lasts 0.79 s: as the key"),
        (typed(waited=(0.3, 1, 1)), "2,5,9", "no number of half seconds puts 2"),
    ],
)
def test_where_nothing_can_be_proposed_the_reason_is_named(parts, keys, why):
    with pytest.raises(NoProposal) as no:
        propose(heard(*parts), groups_of(keys))
    assert any(why in reason for reason in no.value.args), no.value.args


def test_too_much_noise_is_named():
    parts = np.concatenate([seconds(0.7), say(MENU[0]), seconds(3)])
    loud = parts + noise(len(parts) / 8000 + 1, -17)[: len(parts)]
    with pytest.raises(NoProposal) as no:
        propose(heard(loud), ["2", "5"])
    assert any("noise" in reason or "noisy" in reason for reason in no.value.args)


def test_another_key_in_the_last_menu_still_tells_when_it_listens():
    wanted = propose(heard(*typed("258")), ["2", "5", "9"]).extension
    assert wanted.endswith("9")


@pytest.mark.parametrize("keys", ["", "2,,5", "2,w", "2,A", "two"])
def test_keys_that_are_none_are_refused(keys):
    with pytest.raises(InvalidExtension):
        groups_of(keys)
