"""Runs routing: ``python -m services.routing``."""

from services.routing.app import build_app
from services.routing.settings import RoutingSettings
from shared.runtime.service import run

if __name__ == "__main__":
    run(build_app(RoutingSettings()))
