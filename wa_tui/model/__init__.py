"""What a session is and how facts change it: pure, no I/O and no clock of its own (design §3).

What there are thousands of is ``gc=False``: frozen values without cycles, which the collector need not look at.
"""
