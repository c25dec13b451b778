"""Twilio on loopback: calls are placed, TwiML runs against modelled phones, in simulated time."""

from twiml.emulator.calls import Call
from twiml.emulator.clock import Clock, Instant, Scaled, Virtual, clock_for
from twiml.emulator.exchange import Emulator
from twiml.emulator.fetching import Application, NoAnswer, Request, Response
from twiml.emulator.folder import Folder
from twiml.emulator.phones import BadPhones, Phone, Phones
from twiml.emulator.placing import RestError
from twiml.emulator.timing import Timing
from twiml.emulator.trace import Event, Window, windows

__all__ = [
    "Application",
    "BadPhones",
    "Call",
    "Clock",
    "Emulator",
    "Event",
    "Folder",
    "Instant",
    "NoAnswer",
    "Phone",
    "Phones",
    "Request",
    "Response",
    "RestError",
    "Scaled",
    "Timing",
    "Virtual",
    "Window",
    "clock_for",
    "windows",
]
