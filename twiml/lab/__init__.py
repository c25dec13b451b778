"""The extension lab: see, hear and tune the way through an IVR before a call is placed."""

from twiml.lab.doubts import Doubts
from twiml.lab.model import BadModel, Model, model_of, open_model
from twiml.lab.probe import Plan, Trace, simulate
from twiml.lab.report import Ending, KeyReport, Listening, Margin, Report, Spoken, Verdict, Waiting
from twiml.lab.trying import planned, read, try_extension
from twiml.lab.tuned import Tuned, Tuning
from twiml.lab.tuning import tune
from twiml.lab.unknowns import GREETINGS, Unknowns

__all__ = [
    "GREETINGS",
    "BadModel",
    "Doubts",
    "Ending",
    "KeyReport",
    "Listening",
    "Margin",
    "Model",
    "Plan",
    "Report",
    "Spoken",
    "Trace",
    "Tuned",
    "Tuning",
    "Unknowns",
    "Verdict",
    "Waiting",
    "model_of",
    "open_model",
    "planned",
    "read",
    "simulate",
    "try_extension",
    "tune",
]
