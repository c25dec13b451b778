"""VoiceXML 2.1, a strict subset: the IVRs that are no TwiML applications, with their timers."""
