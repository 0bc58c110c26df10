"""What the pages are measured beside: Flask, and nothing on it."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def home() -> str:
    return "<!doctype html><title>Bare</title><p>Bare."
