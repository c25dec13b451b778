"""Calls placed with Record=true are recorded: what each side says, in Twilio's shape."""

from __future__ import annotations

import io
import wave

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.twiml.emulator.test_rest import refused
from tests.twiml.emulator.world import SID, THEM, TOKEN, World, ivr, twiml
from twiml.client import HttpClient
from twiml.emulator import Phone
from twiml.emulator.carrier_api import create_carrier_api
from twiml.emulator.serving import bind, listening, url_of
from twiml.lab.listening.hearing import KEY, PAUSE, SPEECH, Heard, hear
from twiml.lab.listening.wav import parse

MENU = twiml(
    "<Gather timeout='3' numDigits='1'><Say>For sales, press 1, for bills 2.</Say></Gather>"
)
PAGES = {"/menu": MENU, "/voice": twiml("<Pause length='4'/>", "<Play digits='1'/>")}


def recorded(**form: str) -> Heard:
    world = World(PAGES, ivr("/menu"))
    world.call(Record="true", **form)
    (recording,) = world.emulator.recordings.values()
    return hear(parse(recording.wav()))


def test_a_recording_begins_with_the_answer_and_has_speech_and_keys_at_their_times():
    heard = recorded(RecordingChannels="dual")
    assert heard.side == "right"
    kinds = [part.kind for part in heard.ivr.segments if part.ms > 50]
    assert kinds == [SPEECH, PAUSE, SPEECH]
    (key,) = heard.keys
    assert key.key == "1"
    assert abs(key.onset - 4000) <= 5
    assert abs(key.length - 250) <= 6


def test_a_mono_recording_has_both_sides():
    heard = recorded()
    assert heard.side == "mono"
    assert [part.kind for part in heard.ivr.segments if part.kind != PAUSE] == [SPEECH, KEY]


@pytest.mark.parametrize(("track", "kinds"), [("inbound", {SPEECH}), ("outbound", {KEY})])
def test_one_track_is_recorded_where_one_is_asked_for(track, kinds):
    heard = recorded(RecordingTrack=track)
    assert {part.kind for part in heard.ivr.segments} - {PAUSE} == kinds


def test_what_is_not_answered_or_not_asked_for_is_not_recorded():
    world = World(PAGES, Phone(THEM, "busy"))
    world.call(Record="true")
    assert world.emulator.recordings == {}
    world = World(PAGES)
    world.call(Record="false")
    assert world.emulator.recordings == {}


def test_channels_and_tracks_that_do_not_exist_are_refused():
    assert refused(Record="true", RecordingChannels="three") == 20001
    assert refused(Record="true", RecordingTrack="all") == 20001


def test_the_sdk_lists_fetches_and_deletes_recordings():
    world = World(PAGES, ivr("/menu"))
    door = bind(0)
    base = url_of(door)
    with listening(create_carrier_api(world.emulator), door):
        client = Client(SID, TOKEN, http_client=HttpClient(base))
        call = world.place(Record="true", RecordingChannels="dual")
        world.emulator.run(until=call.starts + 3)
        (running,) = client.recordings.list(call_sid=call.sid)
        assert str(running.status) == "in-progress"
        media = f"{base}/2010-04-01/Accounts/{SID}/Recordings/{running.sid}.wav"
        assert requests.get(media, auth=(SID, TOKEN), timeout=5).status_code == 404
        world.emulator.run()
        (done,) = client.calls(call.sid).recordings.list()
        assert (str(done.status), done.channels, done.duration) == (
            "completed",
            2,
            str(call.duration),
        )
        assert client.recordings(str(done.sid)).fetch().call_sid == call.sid
        assert requests.get(media, timeout=5).status_code == 401
        for query, channels in (("", 2), ("?RequestedChannels=1", 1)):
            answer = requests.get(media + query, auth=(SID, TOKEN), timeout=5)
            with wave.open(io.BytesIO(answer.content)) as file:
                assert file.getnchannels() == channels
                assert abs(file.getnframes() / 8000 - call.duration) < 1
        assert (
            requests.get(f"{media}?RequestedChannels=3", auth=(SID, TOKEN), timeout=5).ok is False
        )
        assert client.recordings(str(done.sid)).delete()
        with pytest.raises(TwilioRestException) as gone:
            client.recordings(str(done.sid)).fetch()
        assert gone.value.status == 404
