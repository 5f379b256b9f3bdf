"""What Flask alone does for a request, to compare with: an application with one endpoint that does nothing."""

from flask import Flask

app = Flask(__name__)


@app.get("/empty")
def get_empty() -> dict[str, str]:
    return {"status": "live"}
