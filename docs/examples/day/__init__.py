"""The day of `one_day.py` on a database: the desk lives in a process of its own, which may be killed."""
