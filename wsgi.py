"""The application for gunicorn (`gunicorn wsgi:app`) and for Flask's own commands (`flask --app wsgi …`)."""

import os

from app import jobs, rehearsal
from app.cli.connection import open_database
from app.config import Settings
from app.factory import create_app

_settings = Settings.from_environment(os.environ)
_database = open_database(_settings)
app = create_app(_settings, _database, rehearse=rehearsal.alone(_database, _settings.data_dir / "run"))
jobs.begin(_database, _settings, app.extensions["whograph"].readiness)
