"""Contains the parts of ``tour.py``: the app under WebDriver, a report, and the story itself."""
