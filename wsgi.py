"""The application for gunicorn (`gunicorn wsgi:app`) and for Flask's own commands (`flask --app wsgi …`)."""

import os

from app.cli.connection import open_database
from app.config import Settings
from app.factory import create_app

_settings = Settings.from_environment(os.environ)
app = create_app(_settings, open_database(_settings))
