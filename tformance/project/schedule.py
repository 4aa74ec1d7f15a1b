"""All that happens by the clock, on one screen; times are UTC."""

SCHEDULE = {
    # Finds every due lane, the daily rounds among them; messages only make it quicker.
    "sweep": {"task": "tformance.sync.sweep", "schedule": 30.0},
    # A provider tries once to deliver a message; what did not arrive has to be asked for.
    "ask_for_missed": {"task": "tformance.sync.ask_for_missed", "schedule": 300.0},
    "drop_old": {"task": "tformance.sync.drop_old", "schedule": 3600.0},
    "derive_stale": {"task": "tformance.sync.derive_stale", "schedule": 300.0},
}
