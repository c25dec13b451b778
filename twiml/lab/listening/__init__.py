"""What a recording of a line tells: where the IVR speaks and waits, which keys were pressed.

Everything here works on sound at 8000 samples a second, the telephone's own rate, and gives times
in whole milliseconds from the recording's begin. It needs numpy, which the extra ``lab`` brings.
"""
