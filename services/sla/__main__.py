"""``python -m services.sla``"""

from services.sla.app import build_app
from services.sla.settings import SlaSettings
from shared.runtime.service import run

if __name__ == "__main__":
    run(build_app(SlaSettings()))
