"""All that happens by the clock, on one screen; times are UTC."""

from celery.schedules import crontab

SCHEDULE = {
    # Finds every due lane, the daily rounds among them; messages only make it quicker.
    "sweep": {"task": "tformance.sync.sweep", "schedule": 30.0},
    # A provider tries once to deliver a message; what did not arrive has to be asked for.
    "ask_for_missed": {"task": "tformance.sync.ask_for_missed", "schedule": 300.0},
    # A set-up moves with the work that it waits for; this is for what was missed, and for the message at its end.
    "follow_set_ups": {"task": "tformance.sync.follow_set_ups", "schedule": 60.0},
    "tell_of_set_ups": {"task": "tformance.web.tell_of_set_ups", "schedule": 60.0},
    "drop_old": {"task": "tformance.sync.drop_old", "schedule": 3600.0},
    # Whoever asked waits for it, so it begins soon; nothing is asked for most of the time.
    "search_for_erased": {"task": "tformance.project.search_for_erased", "schedule": 30.0},
    "delete_asked": {"task": "tformance.project.delete_asked", "schedule": 30.0},
    "derive_stale": {"task": "tformance.sync.derive_stale", "schedule": 300.0},
    # What was stored before a team changed its rules follows them.
    "follow_rules": {"task": "tformance.sync.follow_rules", "schedule": 30.0},
    # Weeks follow what changed in them soon after; the evening of the last day makes sure of all teams at once.
    "follow_weeks": {"task": "tformance.measures.follow_weeks", "schedule": 30.0},
    "keep_rollups": {"task": "tformance.measures.keep_rollups", "schedule": 300.0},
    "aggregate_weekly_metrics": {
        "task": "tformance.measures.aggregate_weekly_metrics_task",
        "schedule": crontab(minute="59", hour="23", day_of_week="sun"),
    },
}
