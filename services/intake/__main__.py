"""``python -m services.intake``"""

from services.intake.app import build_app
from services.intake.settings import IntakeSettings
from shared.runtime.service import run

if __name__ == "__main__":
    run(build_app(IntakeSettings()))
